"""One payment is booked once, whatever reports it and decides on it at the same moment."""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.activities.domain.inbound_payments import InboundPayment, Payer
from services.activities.handlers.entering_payments import Entered
from services.activities.handlers.inbound_payments import report_payments
from shared.db import Database
from shared.money import Money
from tests.integration.activities.bank import Bank, pays
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.payers import INN, Payers
from tests.integration.activities.shop import today
from tests.integration.activities.tenant import all_at_once, statuses
from tests.support.bank_file import bank_file
from tests.support.money import rub

ORDER_ON = date(2026, 11, 20)
ORDER: dict[str, Any] = {"document_number": "77", "document_on": ORDER_ON.isoformat()}


@pytest.fixture
async def payers(new_tenant: NewTenant) -> Payers:
    return await Payers.of(await new_tenant())


def _told(payers: Payers, external_id: str, **about: Any) -> InboundPayment:
    """What the bus tells of the payment order of `ORDER`."""
    base = InboundPayment(
        "bus",
        external_id,
        payers.tenant.company_id,
        "in",
        Money.build(amount=Decimal("1000.00"), currency="RUB"),
        today(),
        Payer(inn=INN, account="40702810900000000017"),
        "счет 2026-17",
        document_number="77",
        document_on=ORDER_ON,
    )
    return replace(base, **about)


async def _enter(database: Database, payers: Payers, *told: InboundPayment) -> list[Entered]:
    async with database.begin_for(payers.tenant.tenant_id) as tx:
        return await report_payments(tx, told, None)


async def _paid(payers: Payers, activity: Any) -> tuple[Any, int]:
    """What counts on the activity, and in how many payments."""
    seen = await payers.tenant.see(activity)
    confirmed = [each for each in seen["payments"] if each["state"] == "confirmed"]
    return seen["paid"], len(confirmed)


async def test_eight_equal_reports_book_one_payment(payers: Payers) -> None:
    activity = await payers.owing("2026-17")
    responses = await all_at_once(payers.try_report("erp-1", "счет 2026-17") for _ in range(8))
    assert statuses(responses) == [200] * 7 + [201]
    assert len({response.body["id"] for response in responses}) == 1
    assert {response.body["state"] for response in responses} == {"booked"}
    assert await _paid(payers, activity) == (rub(1000), 1)


async def test_eight_payments_of_one_invoice_book_one(payers: Payers) -> None:
    activity = await payers.owing("2026-17")
    await all_at_once(payers.try_report(f"erp-{n}", "счет 2026-17") for n in range(8))
    assert await _paid(payers, activity) == (rub(1000), 1)
    assert len(await payers.listed()) == 7


async def test_of_two_payments_in_one_batch_the_second_finds_the_invoice_paid(
    payers: Payers, database: Database
) -> None:
    activity = await payers.owing("2026-17")
    first, second = await _enter(
        database,
        payers,
        _told(payers, "a", document_number="1"),
        _told(payers, "b", document_number="2"),
    )
    assert sorted([first.state, second.state]) == ["booked", "unmatched"]
    assert await _paid(payers, activity) == (rub(1000), 1)


async def test_a_statement_an_erp_and_the_bus_tell_of_one_payment_at_once(
    payers: Payers, database: Database
) -> None:
    bank = Bank(payers.tenant, payers.accountant, payers.seller)
    for number in range(4):
        activity = await payers.owing(f"2026-{number}")
        order = {"number": f"{number + 1}", "on": ORDER_ON.strftime("%d.%m.%Y")}
        content = bank_file([pays(activity, **order)])
        purpose, told = f"счет 2026-{number}", {"document_number": f"00{number + 1}"}
        await asyncio.gather(
            payers.report(f"erp-{number}", purpose, **{**ORDER, **told}),
            _enter(database, payers, _told(payers, f"bus-{number}", purpose=purpose, **told)),
            *(bank.send(content) for _ in range(2)),
        )
        assert await _paid(payers, activity) == (rub(1000), 1)
    items = await payers.listed("")
    assert [item["state"] for item in items] == ["booked"] * 4
    for item in items:
        seen = await payers.see(item)
        assert (len(seen["reports"]), len(seen["statements"])) == (2, 2)


async def test_equal_orders_of_one_sender_are_two_payments(
    payers: Payers, database: Database
) -> None:
    await _enter(database, payers, _told(payers, "a"), _told(payers, "b"))
    await asyncio.gather(*(_enter(database, payers, _told(payers, "c")) for _ in range(4)))
    states = [item["state"] for item in await payers.listed("")]
    assert states == ["unmatched"] * 3
    reports = [await payers.try_report(f"erp-{number}", "", **ORDER) for number in range(4)]
    assert [report.status for report in reports] == [200, 200, 200, 201]
    assert len({report.body["id"] for report in reports}) == 4
    assert len(await payers.listed("")) == 4


async def test_eight_presses_book_one_payment(payers: Payers) -> None:
    activities = [await payers.owing("17", amount=600), await payers.owing("18", amount=600)]
    payment = await payers.report("erp-1", "оплата", 600)
    assert payment["state"] == "unmatched"
    responses = await all_at_once(
        payers.match(payment, (activities[number % 2], 600)) for number in range(8)
    )
    assert statuses(responses) == [200] + [409] * 7
    paid = [(await _paid(payers, activity))[0]["amount"] for activity in activities]
    assert sorted(paid) == ["0.00", "600.00"]


async def test_an_undo_and_a_match_take_turns(payers: Payers) -> None:
    activity = await payers.owing("2026-17")
    payment = await payers.report("erp-1", "счет 2026-17")
    for _ in range(3):
        responses = await all_at_once(
            payers.decide(payment, "undo", reason="ошибка")
            if number % 2
            else payers.match(payment, (activity, 1000))
            for number in range(8)
        )
        assert set(statuses(responses)) <= {200, 409}
        seen, (paid, count) = await payers.see(payment), await _paid(payers, activity)
        expected = (rub(1000), 1) if seen["state"] == "booked" else (rub(0), 0)
        assert (paid, count) == expected
        assert len(seen["bookings"]) == count


async def test_a_report_meets_a_cancellation(payers: Payers) -> None:
    for number in range(4):
        activity = await payers.owing(f"2026-{number}")
        path = f"invoices/{activity['invoices'][0]['id']}/cancel"
        cancelled, payment = await asyncio.gather(
            payers.tenant.command(payers.seller, activity, path, reason="ошибка"),
            payers.report(f"erp-{number}", f"счет 2026-{number}"),
        )
        assert cancelled.status in (200, 409)
        paid, count = await _paid(payers, activity)
        assert (count == 1) == (payment["state"] == "booked")
        assert paid == rub(1000 * count)


async def test_a_report_meets_a_merge_of_its_payer(payers: Payers) -> None:
    tenant = payers.tenant
    activity = await payers.owing("2026-17")
    client_id = activity["client"]["id"]
    other = await tenant.create("/clients", name="Ромашка-2", kind="organization")
    merged, payment = await asyncio.gather(
        tenant.call(
            tenant.admin, "POST", f"/clients/{client_id}/merge", {"into_client_id": other["id"]}
        ),
        payers.report("erp-1", "счет 2026-17"),
    )
    assert merged.status == 200, merged.body
    assert payment["state"] in ("booked", "unmatched")
    if payment["state"] == "unmatched":
        assert (await payers.match(payment, (activity, 1000))).status == 200
    assert await _paid(payers, activity) == (rub(1000), 1)
    assert (await tenant.see(activity))["client"]["id"] == other["id"]


async def test_senders_id_at_one_moment_by_both_doors(payers: Payers) -> None:
    activity = await payers.owing("2026-17")
    body = {"amount": rub(1000), "external_id": "erp-1"}
    responses = await all_at_once(
        payers.try_report("erp-1", "счет 2026-17")
        if number % 2
        else payers.tenant.command(payers.accountant, activity, "payments", **body)
        for number in range(8)
    )
    assert set(statuses(responses)) <= {200, 201}
    assert await _paid(payers, activity) == (rub(1000), 1)
