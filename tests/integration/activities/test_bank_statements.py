"""A bank statement: examined, read by a job, matched, and booked at one press."""

import pytest

from tests.integration.activities.bank import INNS, Bank, pays
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import all_at_once
from tests.support.bank_file import OTHER_OWN, OWN, PAYER, BankPayment, bank_file
from tests.support.money import rub


@pytest.fixture
async def bank(new_tenant: NewTenant) -> Bank:
    return await Bank.of(await new_tenant())


async def test_a_statement_is_previewed_and_booked_at_one_press(bank: Bank) -> None:
    sold, other = await bank.sell(), await bank.sell(INNS[1], 5000)
    statement = await bank.upload(
        pays(sold),
        BankPayment("2", "5000.00", "Оплата за обучение", INNS[1]),
        BankPayment("3", "7.00", "Прочее", INNS[2]),
        BankPayment("4", "9.00", "Возврат", payer_account=OWN, receiver_account=PAYER),
        BankPayment("5", "11.00", "Аренда", payer_account=OWN, receiver_account=PAYER),
    )
    assert (statement["state"], statement["documents"]) == ("ready", 5)
    assert await bank.states(statement) == [
        "sure",
        "suggested",
        "unmatched",
        "unmatched",
        "ignored",
    ]
    assert await bank.payments() == [], "a preview books nothing"
    job = await bank.book(statement)
    assert (job["state"], job["done"], job["refused"]) == ("succeeded", 1, 0)
    seen = await bank.tenant.see(sold)
    assert (seen["status"], seen["paid"]) == ("won", rub(1000))
    (payment,) = seen["payments"]
    assert (payment["state"], payment["paid_on"]) == ("confirmed", "2026-11-20")
    assert payment["invoice_id"] == sold["invoices"][0]["id"]
    assert payment["recorded_by"] == str(bank.accountant.id)
    assert (await bank.tenant.see(other))["payments"] == []
    line = (await bank.lines(statement, "?state=booked"))[0]
    (part,) = line["parts"]
    assert (part["payment_id"], part["was_claimed"]) == (payment["id"], False)
    assert part["invoice_number"] == sold["invoices"][0]["number"]
    assert part["client"]["name"] == f"Клиент {INNS[0]}"


async def test_a_statement_says_what_became_of_its_lines(bank: Bank) -> None:
    sold = await bank.sell()
    statement = await bank.upload(pays(sold), BankPayment("2", "7.00"), BankPayment("3", "8.00"))
    sums = {(each["state"], each["kind"]): each for each in statement["sums"]}
    assert sums[("sure", "incoming")]["lines"] == 1
    suggested = sums.get(("suggested", "incoming")) or sums[("unmatched", "incoming")]
    assert (suggested["lines"], suggested["amount"]) == (2, rub(15))
    (account,) = statement["accounts"]
    assert (account["number"], account["company"]["name"]) == (OWN, "Лес")
    assert account["received"] == account["received_in_documents"] == rub(1015)
    listed = (await bank.call("GET")).body["items"]
    assert [each["id"] for each in listed] == [statement["id"]]
    assert listed[0]["uploaded_by"]["id"] == str(bank.accountant.id)


async def test_a_file_is_kept_no_longer_than_it_is_read(bank: Bank) -> None:
    await bank.upload(BankPayment())
    rows = await bank.tenant.reader.fetchval(
        "SELECT count(*) FROM upload WHERE tenant_id = $1", bank.tenant.tenant_id
    )
    assert rows == 0


@pytest.mark.parametrize(
    ("content", "rule", "key"),
    [
        (b"", "bank_format", ""),
        (bank_file([BankPayment()], tail=()), "bank_truncated", "КонецФайла"),
        (bank_file([BankPayment()], received="1.00"), "bank_total", "ВсегоПоступило"),
        (bank_file([BankPayment(on="32.11.2026")]), "bank_date", "Дата"),
    ],
)
async def test_a_bad_file_is_refused_by_name_and_leaves_nothing(
    bank: Bank, content: bytes, rule: str, key: str
) -> None:
    refused = await bank.send(content)
    (error,) = refused.body["errors"]
    assert (refused.status, refused.body["code"]) == (422, "invalid")
    assert (error["field"], error["rule"], error["key"]) == ("body", rule, key)
    assert error["line"] >= 1
    assert (await bank.call("GET")).body["items"] == []
    assert (await bank.tenant.call(bank.accountant, "GET", "/jobs")).body["items"] == []


async def test_an_account_must_be_a_companys(bank: Bank) -> None:
    content = bank_file([BankPayment()])
    path = f"{bank.path}?filename=a.txt"
    unknown = await bank.tenant.call(bank.accountant, "POST", path, content)
    (error,) = unknown.body["errors"]
    assert (unknown.status, error["rule"], error["account"]) == (422, "bank_account_unknown", OWN)
    other = await bank.tenant.create("/companies", name="Другая")
    await list_account(bank, OWN)
    known = await bank.tenant.call(bank.accountant, "POST", path, content)
    assert known.status == 202, known.body
    foreign = f"{path}&company_id={other['id']}"
    refused = await bank.tenant.call(bank.accountant, "POST", foreign, content)
    (error,) = refused.body["errors"]
    assert (refused.status, error["rule"]) == (422, "bank_account_of_another")
    nobodys = f"{path}&company_id={bank.accountant.id}"
    missing = await bank.tenant.call(bank.accountant, "POST", nobodys, content)
    assert (missing.status, missing.body["errors"][0]["field"]) == (404, "company_id")


async def list_account(bank: Bank, number: str) -> None:
    """As a company's requisites do."""
    await bank.tenant.reader.execute(
        "INSERT INTO company_account (tenant_id, company_id, number, bic, bank_name, position,"
        " archived) VALUES ($1, $2, $3, '044525225', 'ПАО СБЕРБАНК', 0, false)",
        bank.tenant.tenant_id,
        bank.tenant.company_id,
        number,
    )


async def test_money_between_own_accounts_is_a_transfer(bank: Bank) -> None:
    await list_account(bank, OTHER_OWN)
    statement = await bank.upload(BankPayment(payer_account=OTHER_OWN))
    (line,) = await bank.lines(statement)
    assert (line["kind"], line["state"]) == ("transfer", "ignored")


async def test_overlapping_files_have_the_same_lines_and_book_them_once(bank: Bank) -> None:
    sold = await bank.sell()
    twins = [BankPayment("7", "50.00", "Взнос", INNS[2])] * 2
    first = await bank.upload(pays(sold), *twins)
    await bank.book(first)
    second = await bank.upload(*twins, pays(sold), twins[0], BankPayment("8", "3.00"))
    before, after = await bank.lines(first), await bank.lines(second)
    assert {line["id"] for line in before} < {line["id"] for line in after}
    assert (len(before), len(after)) == (3, 5), "a third twin is another payment"
    assert {line["first_statement_id"] for line in after} == {first["id"], second["id"]}
    assert (await bank.book(second))["done"] == 0
    assert (await bank.tenant.see(sold))["paid"] == rub(1000)
    assert len(await bank.payments()) == 1


async def test_the_same_file_again_books_nothing(bank: Bank) -> None:
    sold = await bank.sell()
    for _ in range(2):
        await bank.book(await bank.upload(pays(sold)))
    assert len(await bank.payments()) == 1


async def test_an_idempotency_key_uploads_once(bank: Bank) -> None:
    content = bank_file([BankPayment()])
    first, again = [await bank.send(content, key="файл 1".encode().hex()) for _ in range(2)]
    assert (first.status, again.status) == (202, 202)
    assert first.body["id"] == again.body["id"]
    reused = await bank.send(bank_file([]), key="файл 1".encode().hex())
    assert (reused.status, reused.body["code"]) == (422, "idempotency_key_reused")


async def test_a_second_payment_of_an_invoice_waits_for_a_person(bank: Bank) -> None:
    sold = await bank.sell()
    statement = await bank.upload(pays(sold), pays(sold, number="416"))
    assert await bank.states(statement) == ["sure", "sure"]
    job = await bank.book(statement)
    assert (job["done"], job["refused"]) == (2, 1)
    assert sorted(await bank.states(statement)) == ["booked", "suggested"]
    assert (await bank.tenant.see(sold))["paid"] == rub(1000)


async def test_what_a_seller_claimed_is_confirmed_and_not_paid_twice(bank: Bank) -> None:
    tenant = bank.tenant
    path = f"/companies/{tenant.company_id}"
    await tenant.call(tenant.admin, "PATCH", path, {"payment_confirmation": "required"})
    sold = await bank.sell()
    await tenant.do(bank.seller, sold, "payments", amount=rub(1000))
    assert (await tenant.see(sold))["claimed"] == rub(1000)
    statement = await bank.upload(pays(sold))
    await bank.book(statement)
    seen = await tenant.see(sold)
    assert (seen["paid"], seen["claimed"], len(seen["payments"])) == (rub(1000), rub(0), 1)
    assert seen["payments"][0]["paid_on"] == "2026-11-20", "the bank's day"
    (line,) = await bank.lines(statement)
    assert line["parts"][0]["was_claimed"]
    await bank.do(line, "undo", reason="чужой платёж")
    seen = await tenant.see(sold)
    assert (seen["paid"], seen["claimed"]) == (rub(0), rub(1000)), "what the seller says stays"


async def test_only_accountants_and_admins_see_and_touch_statements(bank: Bank) -> None:
    statement = await bank.upload(BankPayment())
    (line,) = await bank.lines(statement)
    base = f"{bank.path}/{statement['id']}"
    doors = [
        ("GET", bank.path, None),
        ("GET", f"{bank.path}/lines", None),
        ("GET", base, None),
        ("GET", f"{base}/lines", None),
        ("GET", f"{base}/lines/{line['id']}", None),
        ("POST", f"{base}/book", None),
        ("POST", f"{base}/lines/{line['id']}/match", {}),
        ("POST", f"{base}/lines/{line['id']}/undo", {"reason": "так"}),
        ("POST", f"{base}/lines/{line['id']}/ignore", {"reason": "так"}),
    ]
    for role in ("seller", "head", "marketer"):
        user = await bank.tenant.user(role)
        assert (await bank.send(bank_file([]), user)).status == 403
        for method, path, body in doors:
            assert (await bank.tenant.call(user, method, path, body)).status == 403, path
    assert (await bank.tenant.call(bank.tenant.admin, "GET", base)).status == 200


async def test_another_tenants_statement_does_not_exist(bank: Bank, new_tenant: NewTenant) -> None:
    other = await Bank.of(await new_tenant())
    statement = await bank.upload(BankPayment())
    (line,) = await bank.lines(statement)
    own = await other.upload(BankPayment())
    assert (await other.lines(own))[0]["id"] != line["id"], "each tenant has lines of its own"
    for path in (f"/{statement['id']}", f"/{statement['id']}/lines"):
        assert (await other.call("GET", path)).status == 404
    for command in ("match", "ignore", "undo"):
        body = {} if command == "match" else {"reason": "так"}
        refused = await other.command(line, command, **body)
        assert refused.status == 404, command
        mixed = {**line, "statement_id": own["id"]}
        assert (await other.command(mixed, command, **body)).status == 404
    assert (await other.call("POST", f"/{statement['id']}/book")).status == 404


async def test_two_uploads_at_once_bring_each_payment_once(bank: Bank) -> None:
    sold = await bank.sell()
    payments = [BankPayment(str(number), "3.00", "Взнос") for number in range(30)]
    contents = [
        bank_file([pays(sold), *payments]),
        bank_file([*reversed(payments), pays(sold)]),
    ] * 2
    responses = await all_at_once(bank.send(content) for content in contents)
    assert [response.status for response in responses] == [202] * 4
    rows = await bank.tenant.reader.fetchval(
        "SELECT count(*) FROM inbound_payment WHERE tenant_id = $1", bank.tenant.tenant_id
    )
    assert rows == 31
    booked = await all_at_once(
        bank.call("POST", f"/{response.body['id']}/book") for response in responses
    )
    assert {response.status for response in booked} == {202}
    assert len(await bank.payments()) == 1
