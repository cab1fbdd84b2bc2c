"""Closed months are approved and paid out, on a real PostgreSQL."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from services.motivation.domain.adjusting import SecondPersonNeeded
from services.motivation.domain.payouts import (
    AlreadyPaid,
    DuplicatePayout,
    PayoutLine,
    PeriodApproved,
    PeriodNotApproved,
    PeriodNotClosed,
)
from services.motivation.domain.statements import statement_id
from services.motivation.handlers import payouts as handlers
from services.motivation.handlers.payouts import ApprovePeriod, RecordPayout
from services.motivation.queries.month_statements import StatementFilters, list_statements
from services.motivation.queries.periods import get_period
from shared.ids import EmployeeId
from tests.integration.motivation.checks import assert_ledger_is_whole, close
from tests.integration.motivation.tenant import Tenant, ids
from tests.support.money import roubles
from tests.support.months import THIS_MONTH


async def approve(tenant: Tenant, by_who_closed: bool = False) -> None:
    caller = tenant.caller("admin")
    if not by_who_closed:
        caller = replace(caller, employee_id=tenant.strangers(1)[0])
    async with tenant.database.begin_for(tenant.id) as tx:
        command = ApprovePeriod(tenant.company, THIS_MONTH)
        await handlers.approve_period(tx, command, caller)


def answer(tenant: Tenant, payroll_id: str, seller: EmployeeId, **about: Any) -> RecordPayout:
    id_ = statement_id(tenant.company, seller, THIS_MONTH)
    line = PayoutLine(id_, about.pop("outcome", "paid"), about.pop("amount", roubles("50")))
    lines = (replace(line, **about),)
    return RecordPayout(payroll_id, tenant.company, THIS_MONTH, lines)


async def send(tenant: Tenant, command: RecordPayout) -> bool:
    async with tenant.database.begin_for(tenant.id) as tx:
        return await handlers.record_payout(tx, command, tenant.sellers[0])


async def closed_month(tenant: Tenant) -> None:
    """Two sellers have earned 50.00 each."""
    await tenant.publish()
    shares = [{seller: "1"} for seller in tenant.sellers[:2]]
    events = [
        tenant.event(activity, 1, tenant.state("1000", shares=share))
        for activity, share in zip(ids(2), shares, strict=True)
    ]
    await tenant.consume(*events)
    await close(tenant, THIS_MONTH)


async def states(tenant: Tenant) -> dict[EmployeeId, str]:
    async with tenant.database.begin_for(tenant.id) as tx:
        filters = StatementFilters(tenant.company, THIS_MONTH)
        page = await list_statements(tx, filters, None, 50)
    return {item["employee_id"]: item["state"] for item in page["items"]}


async def state(tenant: Tenant) -> str:
    async with tenant.database.begin_for(tenant.id) as tx:
        view = await get_period(tx, tenant.company, THIS_MONTH)
    return str(view["state"])


async def test_a_month_is_closed_approved_and_paid(tenant: Tenant) -> None:
    first, second, _ = tenant.sellers
    with pytest.raises(PeriodNotClosed):
        await approve(tenant)
    await closed_month(tenant)
    with pytest.raises(PeriodNotApproved):
        await send(tenant, answer(tenant, "1", first))
    with pytest.raises(SecondPersonNeeded):
        await approve(tenant, by_who_closed=True)
    assert (await state(tenant), set((await states(tenant)).values())) == ("closed", {"closed"})
    await approve(tenant)
    with pytest.raises(PeriodApproved):
        await approve(tenant)
    assert await states(tenant) == {first: "approved", second: "approved"}
    assert await send(tenant, answer(tenant, "1", first, outcome="accepted"))
    assert await send(tenant, answer(tenant, "2", second, outcome="rejected", reason="Нет счёта"))
    assert await states(tenant) == {first: "accepted", second: "rejected"}
    await send(tenant, answer(tenant, "3", first))
    assert await state(tenant) == "approved"
    await send(tenant, answer(tenant, "4", second))
    assert (await state(tenant), set((await states(tenant)).values())) == ("paid", {"paid"})
    rows = await tenant.query("SELECT type FROM outbox WHERE type LIKE 'statement.%'")
    assert sorted(row["type"] for row in rows) == [
        "statement.accepted",
        *["statement.approved"] * 2,
        *["statement.closed"] * 2,
        *["statement.paid"] * 2,
        "statement.rejected",
    ]
    await assert_ledger_is_whole(tenant)


async def test_payrolls_answer_counts_once_under_its_id(tenant: Tenant) -> None:
    first, second, _ = tenant.sellers
    await closed_month(tenant)
    await approve(tenant)
    paid = answer(tenant, "1", first)
    outcomes = await asyncio.gather(*(send(tenant, paid) for _ in range(10)))
    assert outcomes.count(True) == 1
    with pytest.raises(DuplicatePayout):
        await send(tenant, answer(tenant, "1", second))
    with pytest.raises(AlreadyPaid):
        await send(tenant, answer(tenant, "2", first))
    (row,) = await tenant.query("SELECT count(*) AS lines FROM payout_line")
    assert row["lines"] == 1
    await assert_ledger_is_whole(tenant)
