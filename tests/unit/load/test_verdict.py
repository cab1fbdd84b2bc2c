"""A soak that grows is told from one that does not."""

from dataclasses import replace

import pytest

from tests.load.verdict import Slice, wrong

CALM = Slice(
    second=0, rate=100, p99=20, memory={"gateway": 100.0}, lag=3, waiting=2, dead=40, vacuums=0
)


def _run(last: Slice) -> list[Slice]:
    return [CALM] * 6 + [last] * 2


def test_what_stays_is_not_called_growth() -> None:
    assert wrong(_run(replace(CALM, memory={"gateway": 110.0}, dead=9_000)), 0) == []


@pytest.mark.parametrize(
    ("last", "left", "named"),
    [
        (replace(CALM, memory={"gateway": 130.0}), 0, "memory of gateway"),
        (replace(CALM, lag=5_000), 0, "lag"),
        (replace(CALM, waiting=5_000), 0, "events waiting"),
        (CALM, 5_000, "dead rows"),
    ],
)
def test_what_grew_is_named(last: Slice, left: int, named: str) -> None:
    assert [each.startswith(named) for each in wrong(_run(last), left)] == [True]


def test_one_slice_proves_nothing() -> None:
    assert wrong([CALM], 0) == ["too few slices to compare"]
