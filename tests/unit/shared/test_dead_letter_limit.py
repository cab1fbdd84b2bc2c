"""A few bad records become dead letters; too many stop the consumer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bus.dead_letters import DeadLetterLimit


def exceeded(limit: int, counts: list[tuple[float, int]]) -> list[bool]:
    """For each moment and number of dead letters whether they exceed the limit; else they count."""
    letters, outcomes = DeadLetterLimit(limit), []
    for moment, count in counts:
        outcomes.append(letters.would_exceed(count, moment))
        if not outcomes[-1]:
            letters.count(count, moment)
    return outcomes


@pytest.mark.parametrize(
    ("counts", "expected"),
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
def test_more_than_the_limit_within_a_minute_exceeds_it(
    counts: list[tuple[float, int]], expected: list[bool]
) -> None:
    assert exceeded(3, counts) == expected


def test_asking_counts_nothing() -> None:
    letters = DeadLetterLimit(3)
    assert not any(letters.would_exceed(3, 0) for _ in range(100))


@given(
    st.lists(st.tuples(st.floats(0, 300), st.integers(0, 5)), max_size=30).map(sorted),
    st.integers(1, 10),
)
def test_no_minute_holds_more_dead_letters_than_the_limit(
    counts: list[tuple[float, int]], limit: int
) -> None:
    moments = [
        moment
        for (moment, count), excess in zip(counts, exceeded(limit, counts), strict=True)
        if not excess
        for _ in range(count)
    ]
    assert all(
        sum(1 for other in moments if moment - 60 <= other <= moment) <= limit for moment in moments
    )
