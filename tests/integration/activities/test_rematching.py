"""Payments that wait are matched again once invoices of their payers went out."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.activities.timers import match_new_invoices
from shared.service_context import ServiceContext
from tests.integration.activities.bank import INNS, Bank
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.payers import Payers
from tests.support.bank_file import BankPayment
from tests.support.money import rub

PURPOSE = "счет 2026-17"


@pytest.fixture
async def bank(new_tenant: NewTenant) -> Bank:
    return await Bank.of(await new_tenant())


@pytest.fixture
def payers(bank: Bank) -> Payers:
    return Payers(bank.tenant, bank.seller, bank.accountant)


async def settle(context: ServiceContext) -> None:
    """As the timer does once invoices of now are settled."""
    await match_new_invoices(context, datetime.now(UTC) + timedelta(minutes=2))


async def line_of(bank: Bank) -> Any:
    (line,) = await bank.lines(await bank.upload(BankPayment(purpose=PURPOSE)))
    return line


async def see(bank: Bank, line: Any) -> Any:
    return (await bank.call("GET", f"/{line['statement_id']}/lines/{line['id']}")).body


async def test_a_report_is_booked_once_its_invoice_went_out(
    payers: Payers, context: ServiceContext
) -> None:
    payment = await payers.report("erp-1", PURPOSE)
    assert payment["state"] == "unmatched"
    activity = await payers.owing("2026-17")
    await asyncio.gather(*(settle(context) for _ in range(4)))
    seen = await payers.see(payment)
    assert (seen["state"], seen["history"][0]["who"]) == ("booked", None)
    assert (await payers.tenant.see(activity))["paid"] == rub(1000)


async def test_a_line_becomes_sure_and_waits_for_the_press(
    bank: Bank, payers: Payers, context: ServiceContext
) -> None:
    line = await line_of(bank)
    activity = await payers.owing("2026-17", INNS[0])
    path = "/lines?state=sure"
    assert (await bank.call("GET", path)).body["items"] == []
    await settle(context)
    (sure,) = (await bank.call("GET", path)).body["items"]
    assert (sure["id"], sure["state"]) == (line["id"], "sure")
    assert (await payers.tenant.see(activity))["paid"] == rub(0)
    assert (await bank.book({"id": line["statement_id"]}))["done"] == 1
    assert (await payers.tenant.see(activity))["paid"] == rub(1000)


async def test_the_press_that_books_a_statement_matches_anew(bank: Bank, payers: Payers) -> None:
    line = await line_of(bank)
    await payers.owing("2026-17", INNS[0])
    assert (await see(bank, line))["state"] == "sure", "judged as it is looked at"
    job = await bank.book({"id": line["statement_id"]})
    assert (job["done"], job["refused"]) == (1, 0)
    assert (await see(bank, line))["history"][0]["what"] == "booked"


async def test_what_somebody_undid_is_theirs(
    bank: Bank, payers: Payers, context: ServiceContext
) -> None:
    payment = await payers.report("erp-1", PURPOSE)
    await payers.decided(payment, "set-aside", reason="займ")
    await payers.decided(payment, "restore")
    await payers.owing("2026-17")
    await settle(context)
    seen = await payers.see(payment)
    assert (seen["state"], seen["certainty"]) == ("unmatched", "suggested")


async def test_invoices_of_other_payers_change_nothing(
    payers: Payers, context: ServiceContext
) -> None:
    payment = await payers.report("erp-1", PURPOSE)
    await payers.owing("2026-18", INNS[1])
    await settle(context)
    assert (await payers.see(payment))["version"] == 1
