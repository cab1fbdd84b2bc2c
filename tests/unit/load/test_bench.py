"""What `make bench` measures."""

import pytest

from tests.load.bench import BENCHES, arguments


@pytest.mark.parametrize(
    ("given", "names"),
    [([], list(BENCHES)), (["reads", "bus"], ["reads", "bus"]), (["--runs", "9"], list(BENCHES))],
)
def test_without_names_everything_is_measured(given: list[str], names: list[str]) -> None:
    assert arguments(given).names == names


def test_what_there_is_no_benchmark_of_is_refused() -> None:
    with pytest.raises(SystemExit):
        arguments(["everything"])
