"""Large statements, read and booked by jobs whose workers die or that are cancelled."""

from typing import Any
from uuid import UUID

import pytest

from services.activities.handlers.bank_reading import READ_BATCH
from shared.service_context import ServiceContext
from tests.integration.activities.bank import INNS, Bank, pays
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.dying_jobs import Killed, dying_runner, release_lease
from tests.integration.activities.jobs import let_jobs_run
from tests.support.bank_file import BankPayment, bank_file
from tests.support.money import rub

STEPS = 7


@pytest.fixture
async def bank(new_tenant: NewTenant) -> Bank:
    return await Bank.of(await new_tenant())


async def die_often(bank: Bank, context: ServiceContext) -> int:
    """Runs the tenant's jobs by workers that die at every other step; how many died."""
    runner, deaths = dying_runner(context), 0
    while True:
        try:
            if not await runner.advance(bank.tenant.tenant_id):
                return deaths
        except Killed:
            deaths += 1
            await release_lease(bank.tenant)


def many(count: int, *more: BankPayment) -> list[BankPayment]:
    return [
        *(BankPayment(str(number), "5.00", "Взнос", INNS[3]) for number in range(count)),
        *more,
    ]


async def test_a_large_statement_is_read_exactly_though_workers_die(
    bank: Bank, context: ServiceContext
) -> None:
    sold = await bank.sell()
    count = STEPS * READ_BATCH
    response = await bank.send(bank_file(many(count, pays(sold))))
    assert response.body["state"] == "reading"
    assert await die_often(bank, context) >= 2
    statement = await bank.see(response.body["id"])
    assert (statement["state"], statement["documents"]) == ("ready", count + 1)
    job = await bank.job(statement["job_id"])
    assert (job["state"], job["done"], job["total"]) == ("succeeded", count + 1, count + 1)
    lines = await bank.lines(statement)
    assert [line["document_number"] for line in lines[:-1]] == [str(n) for n in range(count)]
    assert lines[-1]["state"] == "sure"
    positions = [line["position"] for line in lines]
    assert positions == sorted(set(positions))


async def test_a_statement_is_booked_once_though_workers_die(
    bank: Bank, context: ServiceContext
) -> None:
    sold = await bank.sell_many(120)
    statement = await bank.upload(*(pays(each, number=str(n)) for n, each in enumerate(sold)))
    assert set(await bank.states(statement)) == {"sure"}
    job_id = await enqueue_without_help(bank, statement)
    assert await die_often(bank, context) >= 2
    job = await bank.job(job_id)
    assert (job["state"], job["done"], job["refused"]) == ("succeeded", len(sold), 0)
    payments = await bank.payments()
    assert len(payments) == len(sold)
    assert {(amount, state) for amount, state, _ in payments} == {("1000.00", "confirmed")}
    for each in sold[::40]:
        assert (await bank.tenant.see(each))["paid"] == rub(1000)


async def enqueue_without_help(bank: Bank, statement: Any) -> str:
    """A job that books the statement, of which no step is done yet."""
    job_id = await bank.tenant.reader.fetchval(
        "INSERT INTO job (tenant_id, id, version, kind, arguments, owner_id, correlation_id, state,"
        " done, refused, attempts, next_run_at, created_at) VALUES ($1, gen_random_uuid(), 0,"
        " 'book_bank_statement', $2::jsonb, $3, '', 'queued', 0, 0, 0, now(), now()) RETURNING id",
        bank.tenant.tenant_id,
        f'{{"statement_id": "{statement["id"]}"}}',
        bank.accountant.id,
    )
    return str(job_id)


async def test_a_cancelled_reading_leaves_an_incomplete_statement_that_another_file_completes(
    bank: Bank, context: ServiceContext
) -> None:
    content = bank_file(many(STEPS * READ_BATCH))
    response = await bank.send(content)
    early = await bank.call("POST", f"/{response.body['id']}/book")
    assert (early.status, early.body["code"]) == (409, "statement_being_read")
    path = f"/jobs/{response.body['job_id']}/cancel"
    assert (await bank.tenant.call(bank.accountant, "POST", path)).status == 200
    statement = await bank.see(response.body["id"])
    assert statement["state"] == "incomplete"
    again = await bank.send(content)
    await let_jobs_run(bank.tenant, context)
    whole = await bank.see(again.body["id"])
    assert whole["state"] == "ready"
    assert sum(each["lines"] for each in whole["sums"]) == STEPS * READ_BATCH
    rows = await bank.tenant.reader.fetchval(
        "SELECT count(*) FROM inbound_payment WHERE tenant_id = $1", bank.tenant.tenant_id
    )
    assert rows == STEPS * READ_BATCH


async def test_who_is_no_accountant_any_more_books_nothing(
    bank: Bank, context: ServiceContext
) -> None:
    sold = await bank.sell()
    statement = await bank.upload(pays(sold))
    tenant = bank.tenant
    path = f"/employees/{bank.accountant.id}"
    body = {"roles": ["seller"], "room_ids": [str(tenant.room_id)]}
    changed = await tenant.call(tenant.admin, "PATCH", path, body)
    assert changed.status == 200, changed.body
    job_id = await enqueue_without_help(bank, statement)
    await let_jobs_run(tenant, context)
    row = await tenant.reader.fetchrow("SELECT state, error FROM job WHERE id = $1", UUID(job_id))
    assert tuple(row) == ("failed", "forbidden")
    assert await bank.payments() == []
