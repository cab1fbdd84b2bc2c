"""What payments from outside read: a run of an index, however many there are."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from services.activities.queries.bank_lines import lines_statement
from services.activities.queries.inbound_payments import page_statement
from services.activities.queries.match_candidates import CANDIDATES
from services.activities.storage.bank_lines import WAITING
from services.activities.storage.inbound_payments import KNOWN
from services.activities.storage.new_invoices import (
    NEW_INVOICES,
    PAYMENTS_OF,
    TENANTS_WITH_NEW,
)
from shared.db import Statement
from shared.ids import new_id
from tests.integration.activities.bank import INNS, Bank, pays
from tests.integration.activities.conftest import NewTenant
from tests.support.bank_file import BankPayment

MANY = 5_000
MOST_BLOCKS = 300
"""Of those that a statement may touch; to read `MANY` takes thousands."""
_FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)
_MULTIPLY = """
    INSERT INTO {table} SELECT (jsonb_populate_record({table}, jsonb_build_object({own}))).*
    FROM {table}, generate_series(1, $2) AS n WHERE tenant_id = $1 AND {which}
"""
_PAYMENTS = (
    "'id', gen_random_uuid(), 'external_id', n::text || id, 'fingerprint', NULL,"
    " 'line_identity', '\\\\x' || md5(n::text || id), 'payer_inn', lpad(n::text, 10, '5'),"
    " 'state', CASE WHEN n % 2 = 0 THEN 'booked' ELSE 'set_aside' END"
)
_INVOICES = (
    "'number', 'X' || n, 'search_number', 'x' || n, 'activity_id', gen_random_uuid(),"
    " 'invoice_id', gen_random_uuid()"
)


@pytest.fixture
async def bank(new_tenant: NewTenant) -> Bank:
    """A tenant with one line that waits for one of its invoices, among many of each."""
    bank = await Bank.of(await new_tenant())
    sold = await bank.sell()
    await bank.upload(pays(sold), BankPayment("7", "5.00", "Взнос", INNS[3]))
    for table, own, which in (
        ("inbound_payment", _PAYMENTS, "payer_inn = '7707083893'"),
        ("invoice_number", _INVOICES, "true"),
    ):
        query = _MULTIPLY.format(table=table, own=own, which=which)
        await bank.tenant.reader.execute(query, bank.tenant.tenant_id, MANY)
    await bank.tenant.reader.execute("ANALYZE inbound_payment, invoice_number, activity, client")
    return bank


async def read(bank: Bank, statement: Statement, **values: Any) -> tuple[str, int, int]:
    """The plan that is kept for a statement, how many rows it gives and blocks it touches."""
    reader = bank.tenant.reader
    arguments = statement.arguments({"tenant_id": bank.tenant.tenant_id, **values})
    async with reader.transaction():
        await reader.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        query = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement.sql}"
        plan = orjson.loads(await reader.fetchval(query, *arguments))[0]["Plan"]
    return str(plan), plan["Actual Rows"], plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


async def test_the_list_of_what_waits_passes_over_what_is_done(bank: Bank) -> None:
    statement = page_statement(frozenset({"state"}))
    plan, rows, blocks = await read(bank, statement, after=_FIRST, limit=50, state="unmatched")
    assert (rows, "ix_inbound_payment_state" in plan) == (2, True)
    assert blocks < MOST_BLOCKS


@pytest.mark.parametrize("state", ["sure", "unmatched"])
async def test_lists_of_lines_pass_over_those_of_other_states(bank: Bank, state: Any) -> None:
    statement = lines_statement(state, frozenset())
    plan, rows, blocks = await read(bank, statement, after_id=_FIRST, limit=10)
    assert rows == 1
    assert "ix_inbound_payment" in plan
    assert blocks < MOST_BLOCKS


async def test_candidates_are_found_by_payer_and_number(bank: Bank) -> None:
    values = {
        "companies": [bank.tenant.company_id],
        "inns": [INNS[0]],
        "mention_form": ["x17", "2026-1"],
        "invoice_ids": [new_id()],
    }
    plan, rows, blocks = await read(bank, CANDIDATES, **values)
    assert rows == 1
    assert "ix_invoice_number_search" in plan
    assert blocks < MOST_BLOCKS


async def test_reports_find_what_is_known_by_index(bank: Bank) -> None:
    row = await bank.tenant.reader.fetchrow(
        "SELECT fingerprint, line_identity FROM inbound_payment WHERE tenant_id = $1"
        " AND document_number = '7'",
        bank.tenant.tenant_id,
    )
    for prints, identities in (([row["fingerprint"]], []), ([], [row["line_identity"]])):
        plan, rows, blocks = await read(bank, KNOWN, fingerprints=prints, identities=identities)
        assert rows == 1
        assert "uq_inbound_payment_fingerprint" in plan
        assert "uq_inbound_payment_line" in plan
        assert blocks < MOST_BLOCKS


async def test_new_invoices_and_their_payments_are_found_by_index(bank: Bank) -> None:
    plan, rows, blocks = await read(bank, NEW_INVOICES, after=_FIRST, settled=_LAST, limit=100)
    assert "ix_invoice_number_invoice" in plan
    assert blocks < 10 * MOST_BLOCKS, "a client for each of a batch"
    plan, rows, blocks = await read(bank, PAYMENTS_OF, inns=[INNS[0], INNS[1]])
    assert (rows, "ix_inbound_payment_payer" in plan) == (1, True)
    assert blocks < MOST_BLOCKS
    plan, rows, blocks = await read(bank, TENANTS_WITH_NEW, limit=1000)
    assert "ix_inbound_payment_payer" in plan
    assert blocks < MOST_BLOCKS + 20 * rows


async def test_a_statements_waiting_lines_are_a_run_of_its_lines(bank: Bank) -> None:
    statement_id = (await bank.call("GET")).body["items"][0]["id"]
    values = {"statement_id": UUID(statement_id), "after": 0, "limit": 50}
    _, rows, blocks = await read(bank, WAITING, **values)
    assert rows == 2
    assert blocks < MOST_BLOCKS
