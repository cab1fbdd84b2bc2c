"""Aggregates whose next event cannot be sent: how long each waits, and who is told."""

from typing import Any
from uuid import UUID

from structlog.testing import capture_logs

from shared.outbox.batch import aggregate_of
from shared.outbox.blocked import LONGEST_PAUSE_SECONDS, BlockedAggregates, Unsendable

TENANT = UUID(int=1)


def row(aggregate: int = 2) -> dict[str, Any]:
    return {
        "tenant_id": TENANT,
        "topic": "sales.vip.v1",
        "aggregate_id": UUID(int=aggregate),
        "aggregate_version": 7,
        "event_id": UUID(int=9),
    }


def unsendable(cause: BaseException | None = None, text: str = "too large") -> Unsendable:
    failure = Unsendable(text)
    failure.__cause__ = cause
    return failure


def test_each_try_waits_twice_as_long_up_to_a_minute() -> None:
    blocked, now, waits = BlockedAggregates(), 1000.0, []
    for _ in range(8):
        blocked.block(row(), unsendable(), now)
        wait = next(n for n in range(1, 100) if blocked.due(now + n))
        assert blocked.due(now + wait - 0.001) == []
        waits.append(wait)
        now += wait
    assert waits == [1, 2, 4, 8, 16, 32, LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS]


def test_those_that_wait_are_held_but_for_the_due() -> None:
    blocked = BlockedAggregates()
    assert blocked.held() == []
    blocked.block(row(2), unsendable(), 0.0)
    blocked.block(row(3), unsendable(), 10.0)
    due = blocked.due(2.0)
    assert due == [aggregate_of(row(2))]
    assert blocked.held(due) == [aggregate_of(row(3))]
    assert len(blocked) == 2
    blocked.free([*due, aggregate_of(row(5))])
    assert blocked.held() == [aggregate_of(row(3))]


def test_a_block_without_a_moment_counts_from_now() -> None:
    blocked = BlockedAggregates()
    blocked.block(row(), unsendable())
    assert blocked.due() == []
    blocked.block(row(), unsendable(), 0.0)
    assert blocked.due() == [aggregate_of(row())]


def test_the_problem_names_the_count_the_first_and_its_cause() -> None:
    blocked = BlockedAggregates()
    assert blocked.problem == ""
    blocked.block(row(2), unsendable(ValueError("a cause")))
    blocked.block(row(3), unsendable(text="x" * 300))
    assert blocked.problem == (
        "2 aggregates wait for an event that cannot be sent; the first:"
        f" sales.vip.v1 {UUID(int=2)}: ValueError: too large"
    )
    blocked.free([aggregate_of(row(2))])
    reason = blocked.problem.partition(f"{UUID(int=3)}: ")[2]
    assert reason == ("Unsendable: " + "x" * 300)[:200]


def test_the_operator_is_told_once_that_an_aggregate_waits_and_once_that_it_goes_on() -> None:
    blocked = BlockedAggregates()
    with capture_logs() as logs:
        blocked.block(row(), unsendable())
        assert len(logs) == 1
        blocked.block(row(), unsendable())
        blocked.free([aggregate_of(row())])
        blocked.free([aggregate_of(row())])
    assert logs == [
        {
            "event": "aggregate_blocked",
            "log_level": "error",
            "tenant_id": str(TENANT),
            "topic": "sales.vip.v1",
            "aggregate_id": str(UUID(int=2)),
            "version": 7,
            "event_id": str(UUID(int=9)),
            "reason": "Unsendable: too large",
        },
        {
            "event": "aggregate_freed",
            "log_level": "info",
            "topic": "sales.vip.v1",
            "aggregate_id": str(UUID(int=2)),
        },
    ]
