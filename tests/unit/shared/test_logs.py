"""What the libraries say of lost offsets is kept; what they say of each commit is not."""

import logging
from collections.abc import Iterator

import pytest

from shared import logs


@pytest.fixture
def levels() -> Iterator[None]:
    """The loggers' levels and handlers, put back afterwards."""
    root = logging.getLogger()
    names = ("aiokafka", "aiokafka.consumer.fetcher", "aiokafka.consumer.group_coordinator")
    before = {name: logging.getLogger(name).level for name in names}
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, kept in before.items():
        logging.getLogger(name).setLevel(kept)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("aiokafka.consumer.fetcher", True),
        ("aiokafka.consumer.group_coordinator", True),
        ("aiokafka.conn", False),
        ("uvicorn.access", False),
    ],
)
def test_what_happens_to_offsets_is_logged(levels: None, name: str, kept: bool) -> None:
    logs.configure("tests", "INFO")
    assert logging.getLogger(name).isEnabledFor(logging.INFO) is kept
