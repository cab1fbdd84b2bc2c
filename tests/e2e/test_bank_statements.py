"""Money comes by a bank's file: through the gateway, into pay."""

from decimal import Decimal
from typing import Any

import pytest_asyncio

from tests.e2e.office import Office
from tests.support.bank_file import BankPayment, bank_file
from tests.support.client import Response, User
from tests.support.money import rub
from tests.support.wait import eventually

INN = "7707083893"


@pytest_asyncio.fixture(scope="module", autouse=True)
async def plan(office: Office) -> None:
    """Ten percent of what is received; the company wants payments confirmed."""
    await office.publish_plan([{"kind": "percent_of_receipts", "percent": "10.00"}])
    path = f"/companies/{office.companies['main']}"
    await office.admin.do(path, {"payment_confirmation": "required"}, method="PATCH")


async def upload(office: Office, by: User, content: bytes, **headers: str) -> Response:
    query = f"filename=kl_to_1c.txt&company_id={office.companies['main']}"
    return await by.call("POST", f"/bank-statements?{query}", data=content, headers=headers)


async def read(office: Office, statement_id: str) -> Any:
    """The statement, once it is read."""

    async def look() -> Any:
        statement = await office.accountant.see(f"/bank-statements/{statement_id}")
        return statement["state"] == "ready" and statement

    return await eventually(look)


async def test_a_banks_file_wins_an_activity_and_pays_its_seller(office: Office) -> None:
    client = {**office.stranger(), "inn": INN}
    activity = await office.register("plain", by=office.anna, take=True, client=client)
    path = f"/activities/{activity['id']}"
    await office.anna.do(f"{path}/invoices", {"amount": rub(1000), "number": "СЧ-77"})
    purpose = "Оплата по счёту № СЧ-77"
    payments = [BankPayment(purpose=purpose), BankPayment("2", "3.00", "Взнос", "7702070139")]
    answer = await upload(office, office.accountant, bank_file(payments))
    assert answer.status == 202, answer.body
    statement = await read(office, answer.body["id"])
    sums = {each["state"]: (each["lines"], each["amount"]) for each in statement["sums"]}
    assert sums == {"sure": (1, rub(1000)), "unmatched": (1, rub(3))}
    base = f"/bank-statements/{statement['id']}"
    await office.accountant.do(f"{base}/book")

    async def won() -> Any:
        return (await office.anna.see(path))["status"] == "won"

    assert await eventually(won)

    async def paid() -> Any:
        # The day of the bank decides, whatever month it is now.
        statement = await office.anna.see("/motivation/statement?period=2026-11")
        amounts = [
            Decimal(line["amount"]["amount"])
            for line in statement["lines"]
            if line["activity_id"] == activity["id"]
        ]
        return sum(amounts) == Decimal("100.00")

    assert await eventually(paid)
    (line,) = (await office.accountant.see("/bank-statements/lines"))["items"]
    ignored = await office.accountant.do(
        f"{base}/lines/{line['id']}/ignore", {"reason": "займ учредителя"}
    )
    assert ignored["state"] == "ignored"
    booked = (await office.accountant.see(f"{base}/lines?state=booked"))["items"][0]
    await office.accountant.do(f"{base}/lines/{booked['id']}/undo", {"reason": "не наш"})

    async def taken_back() -> Any:
        return (await office.anna.see(path))["status"] == "in_work"

    assert await eventually(taken_back)


async def test_a_file_of_windows_1251_is_no_json_and_large_ones_pass(office: Office) -> None:
    payments = [BankPayment(str(number), "1.00", "Взнос" * 30) for number in range(1500)]
    content = bank_file(payments)
    assert len(content) > 1 << 20
    answer = await upload(office, office.accountant, content)
    assert answer.status == 202, answer.body
    assert (await read(office, answer.body["id"]))["documents"] == 1500


async def test_a_bad_file_is_refused_in_the_language_of_the_request(office: Office) -> None:
    content = bank_file([BankPayment()]).replace(b"=1000.00\r\n\xcf\xeb", b"=1,000\r\n\xcf\xeb")
    answer = await upload(office, office.accountant, content, **{"Accept-Language": "ru"})
    (error,) = answer.body["errors"]
    assert (answer.status, error["rule"], error["key"]) == (422, "bank_amount", "Сумма")
    assert error["message"].startswith("Строка 22, Сумма")


async def test_sellers_heads_and_marketers_have_no_statements(office: Office) -> None:
    for person in (office.anna, office.head, office.people["marketer"]):
        assert (await upload(office, person, bank_file([]))).status == 403
        assert (await person.call("GET", "/bank-statements")).status == 403


async def test_who_read_a_statement_is_in_the_audit(office: Office) -> None:
    answer = await upload(office, office.accountant, bank_file([BankPayment("9", "1.00")]))
    await office.accountant.see(f"/bank-statements/{answer.body['id']}")

    async def recorded() -> Any:
        entries = (await office.admin.see("/audit?limit=200"))["items"]
        operations = {
            entry["operation"] for entry in entries if entry["actor_id"] == office.accountant.id
        }
        return {"upload_bank_statement", "get_bank_statement"} <= operations

    assert await eventually(recorded)
