"""A few bad records are put aside; a flood of them stops the consumer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bus.dead_letters import DeadLetterLimit


def judged(limit: int, counts: list[tuple[float, int]]) -> list[bool]:
    """For each moment and number of letters, whether they are too many; what is not is put
    aside.
    """
    flood, answers = DeadLetterLimit(limit), []
    for moment, count in counts:
        answers.append(flood.would_exceed(count, moment))
        if not answers[-1]:
            flood.count(count, moment)
    return answers


@pytest.mark.parametrize(
    ("counts", "floods"),
    [
        ([(0, 3)], [False]),
        ([(0, 4)], [True]),
        ([(0, 3), (60, 1)], [False, True]),
        ([(0, 3), (60.1, 3)], [False, False]),
        ([(0, 2), (30, 1), (61, 2)], [False, False, False]),
        ([(0, 2), (30, 1), (61, 3)], [False, False, True]),
        ([(0, 0)], [False]),
    ],
)
def test_more_than_the_limit_within_a_minute_is_a_flood(
    counts: list[tuple[float, int]], floods: list[bool]
) -> None:
    assert judged(3, counts) == floods


def test_asking_counts_nothing_so_that_a_broker_that_is_away_is_no_flood() -> None:
    flood = DeadLetterLimit(3)
    assert not any(flood.would_exceed(3, 0) for _ in range(100))


@given(
    st.lists(st.tuples(st.floats(0, 300), st.integers(0, 5)), max_size=30).map(sorted),
    st.integers(1, 10),
)
def test_no_minute_has_more_dead_letters_than_the_limit(
    counts: list[tuple[float, int]], limit: int
) -> None:
    aside = [
        moment
        for (moment, count), flood in zip(counts, judged(limit, counts), strict=True)
        if not flood
        for _ in range(count)
    ]
    assert all(
        sum(1 for other in aside if moment - 60 <= other <= moment) <= limit for moment in aside
    )
