"""Adjustments on a real PostgreSQL."""

import asyncio
from dataclasses import replace

import pytest

from services.motivation.domain.adjusting import AdjustmentDecided, OwnPay, SecondPersonNeeded
from services.motivation.domain.closing import PeriodNotReady
from services.motivation.domain.periods import PeriodClosed
from services.motivation.handlers import adjustments as handlers
from services.motivation.handlers.adjustments import DecideAdjustment, PostAdjustment
from services.motivation.handlers.pay_settings import SetPaySettings, set_pay_settings
from services.motivation.handlers.rejecting import reject_adjustment
from services.motivation.storage.adjustments import Adjustment
from shared.errors import Forbidden, Invalid, NotFound
from shared.events.directory import EmployeeChanged, RoomChanged
from shared.ids import EntryId, RoomId, new_id
from shared.tenancy import Caller
from tests.integration.motivation.checks import close
from tests.integration.motivation.tenant import Tenant
from tests.support.money import roubles
from tests.support.months import THIS_MONTH


def someone(tenant: Tenant, *roles: str, rooms: tuple[RoomId, ...] = ()) -> Caller:
    """A caller who earns nothing here."""
    (stranger,) = tenant.strangers(1)
    return replace(tenant.caller(*roles), employee_id=stranger, room_ids=frozenset(rooms))


async def adjust(
    tenant: Tenant,
    amount: str,
    period: str | None = None,
    caller: Caller | None = None,
    room: RoomId | None = None,
) -> Adjustment:
    """Adjusts the pay of the first seller, by an accountant unless another caller is given."""
    command = PostAdjustment(
        tenant.sellers[0], tenant.company, room or tenant.room, roubles(amount), "Премия", period
    )
    async with tenant.database.begin_for(tenant.id) as tx:
        return await handlers.post_adjustment(tx, command, caller or someone(tenant, "accountant"))


async def confirm(tenant: Tenant, adjustment_id: EntryId, caller: Caller | None = None) -> None:
    async with tenant.database.begin_for(tenant.id) as tx:
        by = caller or someone(tenant, "accountant")
        await handlers.confirm_adjustment(tx, DecideAdjustment(adjustment_id), by)


async def limit(tenant: Tenant, amount: str) -> None:
    command = SetPaySettings(tenant.company, roubles(amount), 5)
    async with tenant.database.begin_for(tenant.id) as tx:
        await set_pay_settings(tx, command, tenant.caller("admin"))


async def posted(tenant: Tenant) -> list[tuple[str, str]]:
    rows = await tenant.query("SELECT period, amount FROM entry ORDER BY entry_id")
    return [(row["period"], str(row["amount"])) for row in rows]


async def test_an_adjustment_lands_in_the_open_or_the_named_month(tenant: Tenant) -> None:
    await adjust(tenant, "-10.50")
    await adjust(tenant, "100", "2026-01")
    assert await posted(tenant) == [(THIS_MONTH, "-10.50"), ("2026-01", "100.00")]
    rows = await tenant.query("SELECT kind, reason FROM entry")
    assert {(row["kind"], row["reason"]) for row in rows} == {("adjustment", "Премия")}


@pytest.mark.parametrize(("amount", "period"), [("0", None), ("1", THIS_MONTH.next)])
async def test_an_adjustment_of_nothing_or_of_the_future_is_refused(
    tenant: Tenant, amount: str, period: str | None
) -> None:
    with pytest.raises(Invalid):
        await adjust(tenant, amount, period)


async def test_a_closed_month_takes_no_adjustment(tenant: Tenant) -> None:
    await close(tenant, "2026-01")
    with pytest.raises(PeriodClosed):
        await adjust(tenant, "1", "2026-01")
    await close(tenant, THIS_MONTH)
    await adjust(tenant, "1")
    assert await posted(tenant) == [(THIS_MONTH.next, "1.00")]


async def test_the_event_of_an_adjustment_keeps_its_reason_private(tenant: Tenant) -> None:
    await adjust(tenant, "-10.50")
    (event,) = await tenant.query("SELECT value FROM outbox WHERE type = 'adjustment.posted'")
    assert "Премия" not in event["value"].decode()


async def test_nobody_adjusts_their_own_pay(tenant: Tenant) -> None:
    with pytest.raises(OwnPay):
        await adjust(tenant, "1", caller=tenant.caller("accountant", "admin"))
    assert await posted(tenant) == []


async def test_a_room_that_does_not_sell_for_the_company_is_refused(tenant: Tenant) -> None:
    elsewhere = RoomId(new_id())
    room = RoomChanged(room_id=elsewhere, name="B", company_ids=[])
    await tenant.consume(tenant.published(room, elsewhere, 1))
    with pytest.raises(Invalid) as refused:
        async with tenant.database.begin_for(tenant.id) as tx:
            command = PostAdjustment(
                tenant.sellers[0], tenant.company, elsewhere, roubles("1"), "Премия"
            )
            tx.fetched = frozenset({("room", elsewhere)})
            await handlers.post_adjustment(tx, command, someone(tenant, "accountant"))
    assert refused.value.extra["errors"][0]["rule"] == "sold_in_room"


async def test_a_head_proposes_in_the_rooms_that_they_head(tenant: Tenant) -> None:
    head = someone(tenant, "head", rooms=(tenant.room,))
    proposed = await adjust(tenant, "1", caller=head)
    assert (proposed.state, await posted(tenant)) == ("proposed", [])
    with pytest.raises(NotFound):
        await adjust(tenant, "1", caller=someone(tenant, "head"))
    moved = EmployeeChanged(
        employee_id=tenant.sellers[0],
        roles=["seller"],
        room_ids=[RoomId(new_id())],
        personnel_number="001",
        active=True,
    )
    seller = replace(head, headed_room_ids=frozenset())
    with pytest.raises(Forbidden):
        await adjust(tenant, "1", caller=seller)
    await tenant.consume(tenant.published(moved, tenant.sellers[0], 2))
    with pytest.raises(NotFound):
        await adjust(tenant, "1", caller=head)


async def test_a_large_adjustment_waits_for_a_second_person(tenant: Tenant) -> None:
    await limit(tenant, "100")
    assert (await adjust(tenant, "-100")).state == "posted"
    author = someone(tenant, "accountant")
    proposed = await adjust(tenant, "-100.01", caller=author)
    assert proposed.state == "proposed"
    assert len(await tenant.query("SELECT 1 FROM outbox WHERE type = 'adjustment.posted'")) == 1
    with pytest.raises(SecondPersonNeeded):
        await confirm(tenant, proposed.id, author)
    with pytest.raises(OwnPay):
        await confirm(tenant, proposed.id, tenant.caller("admin"))
    await confirm(tenant, proposed.id)
    assert await posted(tenant) == [(THIS_MONTH, "-100.00"), (THIS_MONTH, "-100.01")]
    with pytest.raises(AdjustmentDecided):
        await confirm(tenant, proposed.id)
    (statement,) = await tenant.query("SELECT total FROM statement")
    assert str(statement["total"]) == "-200.01"


async def test_a_rejected_adjustment_is_never_posted(tenant: Tenant) -> None:
    await limit(tenant, "0")
    proposed = await adjust(tenant, "5")
    async with tenant.database.begin_for(tenant.id) as tx:
        command, by = DecideAdjustment(proposed.id), someone(tenant, "accountant")
        await reject_adjustment(tx, command, "Нет основания", by)
    with pytest.raises(AdjustmentDecided):
        await confirm(tenant, proposed.id)
    assert await posted(tenant) == []
    (row,) = await tenant.query("SELECT state, decision_reason FROM adjustment")
    assert (row["state"], row["decision_reason"]) == ("rejected", "Нет основания")


async def test_twenty_confirmations_post_once(tenant: Tenant) -> None:
    await limit(tenant, "0")
    proposed = await adjust(tenant, "5")
    outcomes = await asyncio.gather(
        *(confirm(tenant, proposed.id) for _ in range(20)), return_exceptions=True
    )
    assert outcomes.count(None) == 1
    assert {type(outcome) for outcome in outcomes} == {type(None), AdjustmentDecided}
    assert await posted(tenant) == [(THIS_MONTH, "5.00")]


async def test_closing_and_confirming_at_one_moment_lose_nothing(tenant: Tenant) -> None:
    await limit(tenant, "0")
    proposed = [await adjust(tenant, "5", "2026-02") for _ in range(8)]
    with pytest.raises(PeriodNotReady) as refused:
        await close(tenant, "2026-02")
    assert refused.value.extra["blocks"] == ["adjustments_proposed"]

    async def close_in_the_end() -> None:
        while True:
            try:
                await close(tenant, "2026-02")
            except PeriodNotReady:
                await asyncio.sleep(0.01)
            else:
                return

    await asyncio.gather(
        close_in_the_end(), *(confirm(tenant, adjustment.id) for adjustment in proposed)
    )
    (statement,) = await tenant.query("SELECT entries, total, closed_at FROM statement")
    assert (statement["entries"], str(statement["total"])) == (8, "40.00")
    assert statement["closed_at"]
