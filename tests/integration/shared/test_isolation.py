"""Bulkheads: a part of a transaction fails alone, and so does a tenant's turn at a timer."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import asyncpg
import pytest

from shared.db import Tx
from shared.errors import NotFound, Unavailable
from shared.ids import TenantId, new_id
from shared.isolation import apply_or_halve, is_of_element
from shared.metrics import Metrics
from shared.tenant_turns import TenantTurns, Turn
from tests.integration.shared.scratch import Scratch
from tests.integration.shared.things import a_caller, enter, event_about

TIMER = "reset"


async def test_a_part_that_fails_leaves_the_rest(scratch: Scratch) -> None:
    database, before, failing, after = await scratch.database(), new_id(), new_id(), new_id()
    async with database.begin(a_caller()) as tx:
        await enter(tx, before)
        with pytest.raises(NotFound):
            async with tx.savepoint():
                await enter(tx, failing)
                raise NotFound("thing")
        async with tx.savepoint():
            await enter(tx, after)
    admin = await scratch.admin()
    for table, column in (("thing", "id"), ("outbox", "aggregate_id")):
        rows = await admin.fetch(f"SELECT {column} AS id FROM {table}")
        assert {row["id"] for row in rows} == {before, after}
    assert [subject for _, subject, _ in tx.published] == [before, after]


async def test_a_part_that_the_database_refuses_leaves_the_rest(scratch: Scratch) -> None:
    database, twice, once = await scratch.database(), new_id(), new_id()
    async with database.begin(a_caller()) as tx:
        await enter(tx, twice)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with tx.savepoint():
                await enter(tx, twice)
        await enter(tx, once)
    admin = await scratch.admin()
    assert {row["id"] for row in await admin.fetch("SELECT id FROM thing")} == {twice, once}


@pytest.mark.parametrize("failing", [(), (0,), (3, 4), (0, 6), tuple(range(7))])
async def test_only_the_elements_that_fail_have_no_effect(
    scratch: Scratch, failing: tuple[int, ...]
) -> None:
    database, ids = await scratch.database(), [new_id() for _ in range(7)]
    bad = [ids[position] for position in failing]

    async with database.begin(a_caller()) as tx:

        async def work(part: Sequence[UUID]) -> int:
            for id_ in part:
                await enter(tx, id_)
                if id_ in bad:
                    raise ValueError(id_)
            return len(part)

        isolated = await apply_or_halve(tx, ids, work)
    assert [id_ for id_, _ in isolated.failed] == bad
    assert sum(isolated.results) == len(ids) - len(bad)
    admin = await scratch.admin()
    rows = await admin.fetch("SELECT id FROM thing")
    assert {row["id"] for row in rows} == set(ids) - set(bad)


async def test_a_lost_database_is_no_fault_of_an_element(scratch: Scratch) -> None:
    database, calls = await scratch.database(), 0

    async def work(_: Sequence[int]) -> None:
        nonlocal calls
        calls += 1
        raise Unavailable("database")

    with pytest.raises(Unavailable):
        async with database.begin(a_caller()) as tx:
            await apply_or_halve(tx, [1, 2, 3], work)
    assert calls == 1
    assert not is_of_element(asyncpg.ReadOnlySQLTransactionError())
    assert is_of_element(asyncpg.NumericValueOutOfRangeError())


async def test_nothing_is_done_where_there_is_nothing(scratch: Scratch) -> None:
    async with (await scratch.database()).begin(a_caller()) as tx:
        assert (await apply_or_halve(tx, [], _never)).results == []


async def _never(_: Sequence[object]) -> None:
    raise AssertionError


class Turns:
    """Tenants with so many batches each; `poor` fails."""

    def __init__(self, batches: dict[TenantId, int], poor: TenantId, failure: Exception) -> None:
        self.turns = TenantTurns(Metrics("isolation"))
        self.batches, self.poor, self.failure = batches, poor, failure
        self.taken: list[TenantId] = []

    async def take(self) -> None:
        await self.turns.take(TIMER, list(self.batches), self._turn, lanes=1)

    async def _turn(self, tenant_id: TenantId, _: list[UUID]) -> Turn:
        self.taken.append(tenant_id)
        if tenant_id == self.poor:
            raise self.failure
        self.batches[tenant_id] -= 1
        return Turn(self.batches[tenant_id] > 0)


@pytest.mark.parametrize("failure", [ValueError("bad"), NotFound("thing"), Unavailable("database")])
async def test_a_failing_tenant_is_left_out_and_the_others_have_their_turns(
    failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, poor, last = (TenantId(new_id()) for _ in range(3))
    turns = Turns({first: 2, poor: 9, last: 1}, poor, failure)
    await turns.take()
    assert turns.taken == [first, poor, last, first]
    assert turns.turns.degraded() == {f"timer {TIMER}": f"1 tenants: {type(failure).__name__}"}
    turns.taken.clear()
    await turns.take()
    assert poor not in turns.taken
    monkeypatch.setattr("shared.tenant_turns.time.monotonic", lambda: 1e12)
    turns.poor = first
    turns.batches[poor] = 1
    await turns.turns.take(TIMER, [poor], turns._turn)
    assert turns.turns.degraded() == {}


async def test_a_database_that_is_away_ends_the_round() -> None:
    tenants = [TenantId(new_id()) for _ in range(10)]
    turns, taken = TenantTurns(Metrics("isolation")), 0

    async def unanswered(_: TenantId, __: list[UUID]) -> Turn:
        nonlocal taken
        taken += 1
        raise Unavailable("database")

    with pytest.raises(Unavailable):
        await turns.take(TIMER, tenants, unanswered, lanes=1)
    assert taken == 3


async def test_a_failing_element_is_left_out_of_its_tenants_next_turn() -> None:
    tenant, bad = TenantId(new_id()), new_id()
    turns = TenantTurns(Metrics("isolation"))
    left_out: list[list[UUID]] = []

    async def turn(_: TenantId, without: list[UUID]) -> Turn:
        left_out.append(without)
        return Turn(bad not in without, [(bad, ValueError())] if bad not in without else [])

    await turns.take(TIMER, [tenant], turn)
    assert left_out == [[], [bad]]
    assert "ValueError" in turns.degraded()[f"timer {TIMER}"]


async def test_a_slow_tenant_does_not_delay_the_others() -> None:
    slow, others = TenantId(new_id()), [TenantId(new_id()) for _ in range(5)]
    done: list[TenantId] = []

    async def turn(tenant_id: TenantId, _: list[UUID]) -> Turn:
        if tenant_id == slow:
            await asyncio.sleep(0.2)
        done.append(tenant_id)
        return Turn(False)

    await TenantTurns(Metrics("isolation")).take(TIMER, [slow, *others], turn)
    assert done == [*others, slow]


async def test_events_of_a_dropped_part_are_not_published(scratch: Scratch) -> None:
    async def publish(tx: Tx, subject: UUID) -> None:
        tx.publish(event_about(subject), subject, 1)

    async with (await scratch.database()).begin(a_caller()) as tx:
        with pytest.raises(ValueError, match="no"):
            async with tx.savepoint():
                await publish(tx, new_id())
                raise ValueError("no")
    assert tx.published == []
    assert await (await scratch.admin()).fetchval("SELECT count(*) FROM outbox") == 0
