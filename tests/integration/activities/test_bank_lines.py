"""Lines of bank statements: matched by hand, split, taken back, put aside; with their history."""

import asyncio
from typing import Any

import pytest

from tests.integration.activities.bank import INNS, Bank, part_of, pays
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import all_at_once, statuses
from tests.support.bank_file import OWN, PAYER, BankPayment
from tests.support.money import rub


@pytest.fixture
async def bank(new_tenant: NewTenant) -> Bank:
    return await Bank.of(await new_tenant())


async def one_line(bank: Bank, payment: BankPayment) -> Any:
    (line,) = await bank.lines(await bank.upload(payment))
    return line


async def test_a_suggestion_is_booked_at_one_press(bank: Bank) -> None:
    sold = await bank.sell()
    line = await one_line(bank, BankPayment(purpose="За обучение"))
    assert line["state"] == "suggested"
    assert line["proposals"][0]["parts"][0]["client"]["name"] == f"Клиент {INNS[0]}"
    booked = await bank.do(line, "match")
    assert (booked["state"], booked["proposals"]) == ("booked", [])
    assert (await bank.tenant.see(sold))["status"] == "won"
    assert booked["history"][0]["what"] == "matched"
    assert booked["history"][0]["who"]["id"] == str(bank.accountant.id)


async def test_a_line_is_split_over_invoices_that_add_up(bank: Bank) -> None:
    first, second = await bank.sell(), await bank.sell(INNS[1], 500)
    line = await one_line(bank, BankPayment(amount="1500.00", purpose="Взнос", inn=INNS[2]))
    short = [part_of(first), part_of(second, "499.99")]
    refused = await bank.command(line, "match", parts=short)
    (error,) = refused.body["errors"]
    assert (refused.status, error["field"], error["rule"]) == (422, "parts", "adds_up")
    twice = [part_of(first), part_of(first, "500.00")]
    refused = await bank.command(line, "match", parts=twice)
    assert refused.body["errors"][0] | {"message": ""} == {
        "field": "parts.1",
        "rule": "distinct",
        "message": "",
    }
    booked = await bank.do(line, "match", parts=[part_of(first), part_of(second)])
    assert {part["activity_id"] for part in booked["parts"]} == {first["id"], second["id"]}
    for sold in (first, second):
        assert (await bank.tenant.see(sold))["status"] == "won"


async def test_money_may_be_for_the_order_as_a_whole(bank: Bank) -> None:
    sold = await bank.sell()
    line = await one_line(bank, BankPayment(amount="300.00", purpose="Взнос", inn=INNS[2]))
    part = {"activity_id": sold["id"], "amount": rub(300)}
    await bank.do(line, "match", parts=[part])
    assert (await bank.tenant.see(sold))["paid"] == rub(300)


async def test_undoing_takes_the_payment_and_the_win_back(bank: Bank) -> None:
    sold = await bank.sell()
    statement = await bank.upload(pays(sold))
    await bank.book(statement)
    (line,) = await bank.lines(statement)
    undone = await bank.do(line, "undo", reason="чужой платёж")
    assert (undone["state"], undone["parts"]) == ("suggested", [])
    assert [entry["what"] for entry in undone["history"]] == ["undone", "booked"]
    assert undone["history"][0]["reason"] == "чужой платёж"
    seen = await bank.tenant.see(sold)
    assert (seen["status"], seen["paid"]) == ("in_work", rub(0))
    assert seen["payments"][0]["state"] == "struck"
    struck = next(entry for entry in seen["timeline"] if entry["what"] == "payment.struck")
    assert (struck["note"], struck["who"]) == ("чужой платёж", str(bank.accountant.id))
    assert (await bank.book(statement))["done"] == 0, "somebody knew better"
    again = await bank.do(line, "match")
    assert again["state"] == "booked"
    assert (await bank.tenant.see(sold))["status"] == "won"


async def test_an_admin_matches_and_undoes_as_an_accountant_does(bank: Bank) -> None:
    sold = await bank.sell()
    line = await one_line(bank, pays(sold))
    path = f"{bank.path}/{line['statement_id']}/lines/{line['id']}"
    admin = bank.tenant.admin
    matched = await bank.tenant.call(admin, "POST", f"{path}/match", {})
    assert (matched.status, matched.body["state"]) == (200, "booked")
    assert (await bank.tenant.see(sold))["status"] == "won"
    undone = await bank.tenant.call(admin, "POST", f"{path}/undo", {"reason": "ошибка"})
    assert undone.status == 200, undone.body


async def test_what_went_back_to_the_client_is_not_undone(bank: Bank) -> None:
    sold = await bank.sell()
    line = await one_line(bank, pays(sold))
    booked = await bank.do(line, "match")
    payment_id = booked["parts"][0]["payment_id"]
    body = {"amount": rub(1), "payment_id": payment_id, "reason": "брак"}
    await bank.tenant.do(bank.accountant, sold, "refunds", **body)
    refused = await bank.command(line, "undo", reason="ошибка")
    assert (refused.status, refused.body["code"]) == (409, "already_refunded")
    assert (await bank.call("GET", f"/{line['statement_id']}/lines/{line['id']}")).body[
        "state"
    ] == "booked"


async def test_a_line_is_put_aside_with_a_reason_and_taken_up_again(bank: Bank) -> None:
    line = await one_line(bank, BankPayment(purpose="Займ учредителя", inn=INNS[2]))
    assert (await bank.command(line, "ignore")).status == 422
    ignored = await bank.do(line, "ignore", reason="займ")
    assert (ignored["state"], ignored["reason"]) == ("ignored", "займ")
    refused = await bank.command(line, "match")
    assert (refused.status, refused.body["code"]) == (409, "bank_line_ignored")
    waiting = await bank.do(line, "undo", reason="нашли счёт")
    assert waiting["state"] == "unmatched"
    assert [entry["what"] for entry in waiting["history"]] == ["undone", "ignored"]


@pytest.mark.parametrize(
    ("payment", "command", "code"),
    [
        (BankPayment(inn=INNS[3], purpose="Взнос"), "match", "nothing_proposed"),
        (BankPayment(inn=INNS[3], purpose="Взнос"), "undo", "bank_line_untouched"),
        (
            BankPayment(purpose="Возврат", payer_account=OWN, receiver_account=PAYER),
            "match",
            "nothing_proposed",
        ),
    ],
)
async def test_what_cannot_be_done_is_refused_by_name(
    bank: Bank, payment: BankPayment, command: str, code: str
) -> None:
    line = await one_line(bank, payment)
    body = {} if command == "match" else {"reason": "так"}
    refused = await bank.command(line, command, **body)
    assert (refused.status, refused.body["code"]) == (409, code)


async def test_a_booked_line_is_neither_booked_again_nor_put_aside(bank: Bank) -> None:
    sold = await bank.sell()
    line = await one_line(bank, pays(sold))
    await bank.do(line, "match")
    for command, body in (("match", {}), ("ignore", {"reason": "займ"})):
        refused = await bank.command(line, command, **body)
        assert (refused.status, refused.body["code"]) == (409, "bank_line_booked")


async def test_a_part_names_an_activity_and_an_invoice_that_are_there(bank: Bank) -> None:
    sold, other = await bank.sell(), await bank.sell(INNS[1])
    company = await bank.tenant.create("/companies", name="Другая", payment_confirmation="none")
    line = await one_line(bank, BankPayment(inn=INNS[3], purpose="Взнос"))
    nowhere = {**part_of(sold), "activity_id": company["id"]}
    foreign = {**part_of(sold), "invoice_id": other["invoices"][0]["id"]}
    for part, field in ((nowhere, "parts.0.activity_id"), (foreign, "parts.0.invoice_id")):
        refused = await bank.command(line, "match", parts=[part])
        assert refused.status == 404, refused.body
        assert refused.body["errors"][0]["field"] == field
    dollars = {**part_of(sold), "amount": {"amount": "1000.00", "currency": "USD"}}
    refused = await bank.command(line, "match", parts=[dollars])
    assert refused.body["errors"][0]["rule"] == "line_currency"
    assert (await bank.tenant.see(sold))["version"] == sold["version"]


async def test_eight_presses_at_once_book_a_line_once(bank: Bank) -> None:
    sold = await bank.sell()
    line = await one_line(bank, pays(sold))
    responses = await all_at_once(bank.command(line, "match") for _ in range(8))
    assert statuses(responses) == [200] + [409] * 7
    assert len(await bank.payments()) == 1


async def test_a_press_and_the_statements_job_book_a_line_once(bank: Bank) -> None:
    sold = await bank.sell()
    statement = await bank.upload(pays(sold))
    (line,) = await bank.lines(statement)
    await asyncio.gather(*(bank.command(line, "match") for _ in range(4)), bank.book(statement))
    assert await bank.states(statement) == ["booked"]
    assert len(await bank.payments()) == 1


async def test_unmatched_lines_are_listed_across_statements(bank: Bank) -> None:
    for number in range(3):
        await bank.upload(BankPayment(f"{number}", "5.00", "Взнос", INNS[3]))
    lines = await bank.tenant.pages(bank.accountant, f"{bank.path}/lines", 2)
    assert [line["document_number"] for line in lines] == ["0", "1", "2"]
    path = f"{bank.path}/lines?state=booked"
    assert await bank.tenant.pages(bank.accountant, path, 2) == []
    other = await bank.tenant.create("/companies", name="Другая")
    path = f"{bank.path}/lines?company_id={other['id']}"
    assert await bank.tenant.pages(bank.accountant, path, 2) == []
    broken = await bank.call("GET", "/lines?cursor=broken")
    assert (broken.status, broken.body["errors"][0]["field"]) == (422, "cursor")
