"""A payment that an ERP reports and a bank statement has is one payment, whichever comes first."""

from typing import Any

import pytest

from tests.integration.activities.bank import Bank, pays
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.payers import Payers
from tests.support.money import rub

ORDER: dict[str, Any] = {"document_number": "0415", "document_on": "2026-11-20"}


@pytest.fixture
async def bank(new_tenant: NewTenant) -> Bank:
    return await Bank.of(await new_tenant())


@pytest.fixture
def payers(bank: Bank) -> Payers:
    return Payers(bank.tenant, bank.seller, bank.accountant)


async def test_a_line_that_was_reported_is_put_aside(bank: Bank, payers: Payers) -> None:
    sold = await bank.sell()
    payment = await payers.report("erp-1", f"счет {sold['invoices'][0]['number']}", **ORDER)
    assert payment["state"] == "booked"
    statement = await bank.upload(pays(sold), pays(sold, number="416"))
    lines = await bank.lines(statement)
    assert [line["state"] for line in lines] == ["ignored", "suggested"]
    assert lines[0]["reason"] == "Платёж уже сообщён другой системой: erp-1"
    assert await bank.payments() == [("1000.00", "confirmed", "erp-1")]
    assert (await bank.do(lines[0], "undo", reason="два платежа"))["state"] == "suggested"


async def test_a_report_of_a_line_is_its_duplicate(bank: Bank, payers: Payers) -> None:
    sold = await bank.sell()
    (line,) = await bank.lines(await bank.upload(pays(sold)))
    assert line["state"] == "sure"
    payment = await payers.report("erp-1", f"счет {sold['invoices'][0]['number']}", **ORDER)
    assert (payment["state"], payment["duplicate_of"]) == ("duplicate", line["id"])
    await bank.do(line, "match")
    assert (await bank.tenant.see(sold))["paid"] == rub(1000)
    assert len(await bank.payments()) == 1
    other = await payers.report("erp-2", "счет 1", **{**ORDER, "document_number": "416"})
    assert other["state"] == "unmatched"
    restored = await payers.decided(payment, "restore")
    assert (restored["state"], restored["duplicate_of"]) == ("unmatched", None)
