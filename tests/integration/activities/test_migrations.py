"""Upgrades of a database that is in use."""

import asyncio
import json
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url

from deploy.environment import Installation
from tests.support.servers import ROOT


@pytest.fixture
async def empty_database(provisioned: Installation) -> AsyncIterator[str]:
    """The owner's address of a database without tables."""
    name = f"{provisioned.database('activities')}_old"
    admin = await asyncpg.connect(provisioned.admin_url("activities"))
    owner = provisioned.role("activities", "owner")
    await admin.execute(f'CREATE DATABASE "{name}" OWNER "{owner}" TEMPLATE template0')
    url = make_url(provisioned.database_url("activities", "owner")).set(database=name)
    # Migrations read words by it, which an admin installs.
    within = await asyncpg.connect(_admin_url(provisioned, name))
    await within.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    await within.execute("CREATE EXTENSION IF NOT EXISTS btree_gin")
    await within.close()
    yield url.render_as_string(hide_password=False)
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


def _admin_url(provisioned: Installation, database: str) -> str:
    url = make_url(provisioned.admin_url("activities")).set(database=database)
    return url.render_as_string(hide_password=False)


WAITING = ("suggested", "[]")


async def upgrade(url: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "services/activities/migrations"))
    config.attributes["url"] = url
    await asyncio.to_thread(command.upgrade, config, revision)


async def test_numbers_of_before_are_found_as_new_ones_are(
    provisioned: Installation, empty_database: str
) -> None:
    await upgrade(empty_database, "0028_merged_clients")
    admin = await asyncpg.connect(_admin_url(provisioned, f"{make_url(empty_database).database}"))
    await admin.executemany(
        "INSERT INTO invoice_number (tenant_id, company_id, year, number, activity_id, invoice_id)"
        " VALUES ($1, $2, 2026, $3, $4, $5)",
        [
            (uuid4(), uuid4(), number, uuid4(), uuid4())
            for number in ("Счёт № 0118", "2026-1", *(f"А-{n:05}" for n in range(1, 1200)))
        ],
    )
    await upgrade(empty_database, "head")
    rows = await admin.fetch("SELECT number, search_number FROM invoice_number")
    await admin.close()
    by_number = {row["number"]: row["search_number"] for row in rows}
    assert (by_number["Счёт № 0118"], by_number["2026-1"]) == ("118", "2026-1")
    assert by_number["А-00042"] == "a-42"
    assert None not in by_number.values()


async def test_lines_of_statements_become_payments_from_outside(
    provisioned: Installation, empty_database: str
) -> None:
    await upgrade(empty_database, "0050_payment_orders")
    admin = await asyncpg.connect(_admin_url(provisioned, f"{make_url(empty_database).database}"))
    tenant_id, ids = uuid4(), [uuid4() for _ in range(1200)]
    activity_id, who = uuid4(), uuid4()
    part = {
        "activity_id": str(activity_id),
        "invoice_id": None,
        "payment_id": str(uuid4()),
        "amount": {"amount": "5.00", "currency": "RUB"},
        "was_claimed": True,
    }
    await admin.executemany(
        "INSERT INTO bank_line VALUES ($1, $2, decode(md5($2::uuid::text), 'hex'), 0, $1, '4070',"
        " 'incoming', $3, 5, 'RUB', '2026-11-20', '7', '2026-11-20', 'ООО', '7707083893', NULL,"
        " '', 'Взнос', '[]', $4, NULL, now())",
        [
            (tenant_id, id_, *(("booked", json.dumps([part])) if number == 0 else WAITING))
            for number, id_ in enumerate(ids)
        ],
    )
    await admin.executemany(
        "INSERT INTO bank_line_entry VALUES ($1, $2, gen_random_uuid(), now(), $3, $4, $5, '[]')",
        [
            (tenant_id, ids[0], who, "matched", None),
            (tenant_id, ids[1], who, "ignored", "займ"),
        ],
    )
    await admin.execute(
        "INSERT INTO inbound_payment (tenant_id, id, version, origin, external_id, ordinal,"
        " company_id, direction, amount, currency, received_on, purpose, state, entered_at)"
        " VALUES ($1, gen_random_uuid(), 1, 'api', 'erp-1', 0, $1, 'out', 5, 'RUB', '2026-11-20',"
        " '', 'unmatched', now())",
        tenant_id,
    )
    await upgrade(empty_database, "head")
    rows = {row["id"]: row for row in await admin.fetch("SELECT * FROM inbound_payment")}
    booking = await admin.fetchrow("SELECT * FROM inbound_payment_booking")
    entries = await admin.fetch("SELECT * FROM inbound_payment_entry ORDER BY what")
    report = await admin.fetchrow("SELECT * FROM inbound_payment_report")
    await admin.close()
    assert rows.keys() > set(ids)
    assert sorted(rows[id_]["ordinal"] for id_ in ids) == [*range(1200)], "of one fingerprint"
    booked, waiting = rows[ids[0]], rows[ids[2]]
    assert (booked["state"], booked["version"]) == ("booked", 2)
    assert (waiting["state"], waiting["certainty"], waiting["version"]) == (
        "unmatched",
        "suggested",
        1,
    )
    assert (booking["activity_id"], booking["version"], booking["was"]) == (
        activity_id,
        2,
        "claimed",
    )
    assert [(entry["what"], entry["note"]) for entry in entries] == [
        ("booked", None),
        ("set_aside", "займ"),
    ]
    assert (report["external_id"], report["sender"]) == ("erp-1", "api")
    assert rows[report["inbound_payment_id"]]["kind"] == "refund_candidate"
