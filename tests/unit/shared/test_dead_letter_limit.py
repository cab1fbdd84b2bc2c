"""A few bad records become dead letters; too many park their tenant, and nobody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bus.attempt import Attempt
from shared.bus.dead_letters import DeadLetterLimit, DeadLetterLimits
from shared.bus.records import NOBODY, tenant_of
from shared.ids import TenantId, new_id
from tests.unit.shared.records import Record

ANNA, BORIS = TenantId(new_id()), TenantId(new_id())


def granted(limit: int, counts: list[tuple[float, int]]) -> list[int]:
    """For each moment and number of dead letters how many of them are few enough; those count."""
    letters, outcomes = DeadLetterLimit(limit), []
    for moment, count in counts:
        outcomes.append(min(count, letters.remaining(moment)))
        letters.count(outcomes[-1], moment)
    return outcomes


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([(0, 3)], [3]),
        ([(0, 4)], [3]),
        ([(0, 3), (60, 1)], [3, 0]),
        ([(0, 3), (60.1, 3)], [3, 3]),
        ([(0, 2), (30, 1), (61, 2)], [2, 1, 2]),
        ([(0, 2), (30, 1), (61, 3)], [2, 1, 2]),
        ([(0, 0)], [0]),
    ],
)
def test_no_more_than_the_limit_become_letters_within_a_minute(
    counts: list[tuple[float, int]], expected: list[int]
) -> None:
    assert granted(3, counts) == expected


@given(
    st.lists(st.tuples(st.floats(0, 300), st.integers(0, 5)), max_size=30).map(sorted),
    st.integers(1, 10),
)
def test_no_minute_holds_more_dead_letters_than_the_limit(
    counts: list[tuple[float, int]], limit: int
) -> None:
    moments = [
        moment
        for (moment, _), few in zip(counts, granted(limit, counts), strict=True)
        for _ in range(few)
    ]
    assert all(
        sum(1 for other in moments if moment - 60 <= other <= moment) <= limit for moment in moments
    )


def test_a_tenants_letters_leave_the_others_limits_alone() -> None:
    limits = DeadLetterLimits(3, 4)
    limits.count(ANNA, 3)
    assert (limits.remaining(ANNA), limits.remaining(BORIS), limits.remaining(NOBODY)) == (0, 3, 3)
    assert limits.altogether.remaining() == 1


def test_an_attempt_leaves_the_first_record_too_many_and_all_behind_it_in_order() -> None:
    attempt = Attempt(ANNA, 2)
    for number in range(5):
        attempt.reject(number, f"reason {number}")
    assert [rejected.record for rejected in attempt.rejected] == [0, 1]
    assert (attempt.left, attempt.excess) == ([2, 3, 4], "reason 2")


KEY = f"{ANNA}:{new_id()}".encode()


@pytest.mark.parametrize(
    ("key", "header", "expected"),
    [
        (KEY, str(ANNA).encode(), ANNA),
        (KEY, None, ANNA),
        (None, str(ANNA).encode(), ANNA),
        (KEY, str(BORIS).encode(), NOBODY),
        (KEY, b"\xff", ANNA),
        (b"\xff\x00", None, NOBODY),
        (b"?", b"?", NOBODY),
        (None, None, NOBODY),
    ],
)
def test_a_record_counts_for_the_tenant_that_header_and_key_agree_on(
    key: bytes | None, header: bytes | None, expected: TenantId
) -> None:
    headers = [("ce_type", b"x")] + ([("ce_tenantid", header)] if header else [])
    assert tenant_of(Record(key, None, headers)) == expected
