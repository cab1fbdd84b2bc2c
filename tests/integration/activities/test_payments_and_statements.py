"""A payment that senders report and statements have is one payment, whichever comes first."""

from typing import Any

import pytest

from tests.integration.activities.bank import INNS, Bank, pays
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.payers import Payers
from tests.support.bank_file import OWN, PAYER, BankPayment
from tests.support.money import rub

ORDER: dict[str, Any] = {"document_number": "0415", "document_on": "2026-11-20"}
BACK: dict[str, Any] = {"payer_account": OWN, "receiver_account": PAYER}


@pytest.fixture
async def bank(new_tenant: NewTenant) -> Bank:
    return await Bank.of(await new_tenant())


@pytest.fixture
def payers(bank: Bank) -> Payers:
    return Payers(bank.tenant, bank.seller, bank.accountant)


async def test_a_line_of_a_reported_payment_is_that_payment(bank: Bank, payers: Payers) -> None:
    sold = await bank.sell()
    payment = await payers.report("erp-1", f"счет {sold['invoices'][0]['number']}", **ORDER)
    assert payment["state"] == "booked"
    statement = await bank.upload(pays(sold), pays(sold, number="416"))
    first, second = await bank.lines(statement)
    assert (first["id"], first["state"], second["state"]) == (payment["id"], "booked", "suggested")
    assert (first["account"], first["other"]["name"]) == (OWN, 'ООО "Ромашка"')
    assert await bank.payments() == [("1000.00", "confirmed", "erp-1")]
    seen = await payers.see(payment)
    assert [each["statement_id"] for each in seen["statements"]] == [statement["id"]]
    assert [each["external_id"] for each in seen["reports"]] == ["erp-1"]
    undone = await bank.do(first, "undo", reason="не тот счёт")
    assert undone["state"] == (await payers.see(payment))["certainty"] == "suggested"


async def test_a_report_of_a_line_books_it_if_it_is_sure(bank: Bank, payers: Payers) -> None:
    sold = await bank.sell()
    (line,) = await bank.lines(await bank.upload(pays(sold)))
    assert line["state"] == "sure"
    purpose = f"счет {sold['invoices'][0]['number']}"
    answer = await payers.try_report("erp-1", purpose, **ORDER)
    assert (answer.status, answer.body["id"], answer.body["state"]) == (200, line["id"], "booked")
    assert (answer.body["origin"], answer.body["external_id"]) == ("api", "erp-1")
    again = await payers.try_report("erp-1", purpose, **ORDER)
    assert (again.status, again.body["id"]) == (200, line["id"])
    refused = await bank.command(line, "match")
    assert (refused.status, refused.body["code"]) == (409, "bank_line_booked")
    assert await bank.payments() == [("1000.00", "confirmed", "erp-1")]
    other = await payers.report("erp-2", "счет 1", **{**ORDER, "document_number": "416"})
    assert other["state"] == "unmatched"


async def test_a_report_of_a_booked_line_changes_nothing(bank: Bank, payers: Payers) -> None:
    sold = await bank.sell()
    (line,) = await bank.lines(await bank.upload(pays(sold)))
    booked = await bank.do(line, "match")
    payment = await payers.report("erp-1", "", **ORDER)
    assert (payment["id"], payment["state"], payment["origin"]) == (
        line["id"],
        "booked",
        "statement",
    )
    assert payment["bookings"][0]["payment_id"] == booked["parts"][0]["payment_id"]
    assert len(await bank.payments()) == 1


async def test_a_payment_of_a_line_is_not_struck_out_behind_its_match(bank: Bank) -> None:
    sold = await bank.sell()
    (line,) = await bank.lines(await bank.upload(pays(sold)))
    booked = await bank.do(line, "match")
    path = f"payments/{booked['parts'][0]['payment_id']}/strike"
    refused = await bank.tenant.command(bank.accountant, sold, path, reason="ошибка")
    assert (refused.status, refused.body["code"]) == (409, "payment_matched")
    assert refused.body["inbound_payment_id"] == line["id"]


async def test_one_list_has_what_waits_from_everybody(bank: Bank, payers: Payers) -> None:
    await bank.upload(BankPayment("7", "5.00", "Взнос", INNS[3]))
    await payers.report("erp-1", "заем", 7)
    items = await bank.tenant.pages(bank.accountant, "/payments?state=unmatched", 1)
    assert [(item["origin"], item["amount"]) for item in items] == [
        ("statement", rub(5)),
        ("api", rub(7)),
    ]
    assert {item["company"]["name"] for item in items} == {"Лес"}
    assert [item["id"] for item in await payers.listed()] == [item["id"] for item in items]
    admin = bank.tenant.admin
    assert len(await bank.tenant.pages(admin, "/payments?state=unmatched", 2)) == 2
    for role in ("seller", "head", "marketer"):
        user = await bank.tenant.user(role)
        refused = await bank.tenant.call(user, "GET", "/payments?state=unmatched")
        assert refused.status == 403, role
    path = f"/payments?state=unmatched&room_id={bank.tenant.room_id}"
    refused = await bank.tenant.call(bank.accountant, "GET", path)
    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "room_id")


async def test_a_refund_line_is_booked_and_undone(bank: Bank, payers: Payers) -> None:
    sold = await bank.sell()
    number = sold["invoices"][0]["number"]
    paid = await bank.upload(pays(sold))
    await bank.book(paid)
    back = BankPayment("9", "300.00", f"Возврат по счету {number}", **BACK)
    (line,) = await bank.lines(await bank.upload(back))
    assert (line["kind"], line["state"]) == ("refund_candidate", "unmatched")
    parts = [
        {"activity_id": sold["id"], "invoice_id": sold["invoices"][0]["id"], "amount": rub(300)}
    ]
    booked = await bank.do(line, "match", parts=parts)
    assert booked["state"] == "booked"
    seen = await bank.tenant.see(sold)
    assert (seen["status"], seen["paid"], len(seen["refunds"])) == ("won", rub(700), 1)
    assert seen["refunds"][0]["payment_id"] == seen["payments"][0]["id"]
    undone = await bank.do(line, "undo", reason="не возврат")
    assert (undone["state"], undone["parts"]) in (("unmatched", []), ("suggested", []))
    seen = await bank.tenant.see(sold)
    assert (seen["paid"], seen["refunds"]) == (rub(1000), [])
    states = await bank.payments()
    assert sorted(state for _, state, _ in states) == ["confirmed", "struck"]


async def test_a_report_says_that_money_that_went_out_is_a_clients(
    bank: Bank, payers: Payers
) -> None:
    (line,) = await bank.lines(await bank.upload(BankPayment("0415", "10.00", "Аренда", **BACK)))
    assert (line["kind"], line["state"]) == ("outgoing", "ignored")
    about = {"direction": "out", "inn": "7736207543", **ORDER}
    payment = await payers.report("erp-1", "возврат", 10, **about)
    assert (payment["id"], payment["state"], payment["kind"]) == (
        line["id"],
        "unmatched",
        "refund_candidate",
    )
