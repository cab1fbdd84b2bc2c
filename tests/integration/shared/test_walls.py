"""The walls between tenants, read from the catalogue, so that no new table of any service escapes
them.
"""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from deploy.environment import SERVICES, Installation
from shared.ids import new_id
from tests.integration.shared.catalogue import (
    KEYS,
    REFERENCES,
    drop_checks,
    plant,
    rows_touched,
    tables_of,
)

# Plain indexes that mechanisms read across tenants: they find what is due, the tenant's own batch
# is read behind its wall.
ACROSS_TENANTS = {
    "ix_room_settings_change_unsettled": "whose changed numbers are to be looked at once more",
    "ix_job_finished": "pruning",
    "ix_outbox_waiting": "the relay's, by shard",
    "ix_outbox_recent": "the relay's, by shard",
    "ix_outbox_published": "pruning",
    "ix_inbox_seen_at": "pruning",
    "ix_audit_entry_at": "pruning",
    "ix_idempotent_response_stored_at": "pruning",
    "ix_inbound_message_expires": "pruning",
    "ix_notification_created": "pruning",
    "ix_room_notice_created": "pruning",
    "ix_agenda_cancelled": "pruning",
    "ix_notification_due": "which tenants have somebody to tell",
    "ix_delivery_due": "which tenants have something to send",
    "ix_room_notice_due": "which tenants have a room to tell",
    "ix_call_expires": "pruning",
    "ix_activity_alert": "which tenants have somebody to tell",
    "ix_vip_warning": "which tenants have somebody to warn",
    "ix_activity_reset_due": "which tenants have a reset due",
    "ix_renewal_due": "which tenants have a renewal whose day has begun",
    "ix_room_settings_planned_apply": "which tenants have numbers that begin to hold",
    "ix_vip_reset_due": "which tenants have a reset due",
    "ix_upload_expires": "which tenants have files to remove",
}
GRANTED_TO_WORKER = {
    "outbox": {"SELECT", "DELETE"},
    "inbox": {"DELETE"},
    "idempotent_response": {"DELETE"},
    # Finished jobs are pruned.
    "job": {"DELETE"},
    "audit_entry": {"DELETE"},
    # Messages from outside expire.
    "inbound_message": {"DELETE"},
    # What people were told, and what came of it.
    "notification": {"DELETE"},
    "room_notice": {"DELETE"},
    "agenda": {"DELETE"},
    # So do phone calls that are of no activity.
    "call": {"DELETE"},
}


@pytest_asyncio.fixture(params=SERVICES)
async def catalogue(
    provisioned: Installation, request: pytest.FixtureRequest
) -> AsyncIterator[tuple[str, Any, Installation]]:
    connection = await asyncpg.connect(provisioned.admin_url(request.param))
    yield request.param, connection, provisioned
    await connection.close()


async def test_every_table_has_forced_row_level_security_and_the_app_does_not_own_it(
    catalogue: tuple[str, Any, Installation],
) -> None:
    service, connection, installation = catalogue
    for row in await tables_of(service, connection):
        assert row["relrowsecurity"] and row["relforcerowsecurity"], row["relname"]
        assert row["owner"].strip('"') == installation.role(service, "owner")
    weak = await connection.fetch(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY($1) AND (rolsuper OR rolbypassrls OR"
        " rolcreaterole)",
        [installation.role(service, role) for role in ("owner", "app", "worker")],
    )
    assert weak == []


async def test_the_tenant_leads_every_key_and_reference(
    catalogue: tuple[str, Any, Installation],
) -> None:
    service, connection, _ = catalogue
    tables = {row["relname"] for row in await tables_of(service, connection)}
    keys = [row for row in await connection.fetch(KEYS) if row["relname"] in tables]
    assert {row["relname"] for row in keys} == tables, "every table has a key"
    for row in keys:
        if row["indisunique"] or row["index"] not in ACROSS_TENANTS:
            assert row["first"] == "tenant_id", row["definition"]
    for row in await connection.fetch(REFERENCES):
        assert (row["first"], row["foreign_first"]) == ("tenant_id", "tenant_id"), row["conname"]


async def test_nothing_stands_in_the_way_of_distribution_by_tenant(
    catalogue: tuple[str, Any, Installation],
) -> None:
    _, connection, _ = catalogue
    assert await connection.fetch("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal") == []
    assert (
        await connection.fetch(
            "SELECT attrelid::regclass, attname FROM pg_attribute WHERE attidentity <> ''"
        )
        == []
    )
    ours = (
        "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE"
        " n.nspname = 'public' AND relkind = 'S'"
    )
    assert await connection.fetch(ours) == [], "no sequences"


async def test_without_a_tenant_or_with_another_nothing_is_seen(
    catalogue: tuple[str, Any, Installation],
) -> None:
    service, connection, installation = catalogue
    tenant, stranger = new_id(), new_id()
    for table in [row["relname"] for row in await tables_of(service, connection)]:
        whole = connection.transaction()
        await whole.start()
        await drop_checks(connection, table)
        await plant(connection, table, tenant)
        await connection.execute(f'SET LOCAL ROLE "{installation.role(service, "app")}"')
        count = f"SELECT count(*) FROM {table}"
        assert await connection.fetchval(count) == 0, f"{table} without a tenant"
        await connection.execute(f"SET LOCAL app.tenant_id = '{stranger}'")
        assert await connection.fetchval(count) == 0, f"{table} of another tenant"
        for statement in (f"UPDATE {table} SET tenant_id = tenant_id", f"DELETE FROM {table}"):
            assert await rows_touched(connection, statement) == 0, statement
        await connection.execute(f"SET LOCAL app.tenant_id = '{tenant}'")
        assert await connection.fetchval(count) == 1, f"{table} of its own tenant"
        await whole.rollback()


async def test_a_row_of_another_tenant_is_refused(catalogue: tuple[str, Any, Installation]) -> None:
    service, connection, installation = catalogue
    tenant, stranger = new_id(), new_id()
    app = await asyncpg.connect(installation.database_url(service, "app"))
    try:
        for row in await tables_of(service, connection):
            for setting in (f"SET LOCAL app.tenant_id = '{stranger}'", "SELECT 1"):
                transaction = app.transaction()
                await transaction.start()
                await app.execute(setting)
                with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                    await plant(app, row["relname"], tenant)
                await transaction.rollback()
    finally:
        await app.close()


async def test_the_worker_sees_the_mechanisms_tables_and_changes_nothing_else(
    catalogue: tuple[str, Any, Installation],
) -> None:
    service, connection, installation = catalogue
    worker = installation.role(service, "worker")
    for row in await tables_of(service, connection):
        name = row["relname"]
        granted = await connection.fetch(
            "SELECT privilege_type AS p FROM information_schema.table_privileges WHERE grantee = $1"
            " AND table_name = $2",
            worker,
            name,
        )
        allowed = GRANTED_TO_WORKER.get(name, set())
        assert {each["p"] for each in granted} == allowed, (
            "of others it reads single columns at most"
        )
        columns = await connection.fetch(
            "SELECT DISTINCT privilege_type AS p FROM information_schema.column_privileges WHERE"
            " grantee = $1 AND table_name = $2",
            worker,
            name,
        )
        # The relay marks what it published.
        marked = {"UPDATE"} if name == "outbox" else set()
        assert {each["p"] for each in columns} <= {"SELECT", *marked, *allowed}, name


async def test_the_worker_reads_no_response_and_nothing_that_was_published(
    catalogue: tuple[str, Any, Installation],
) -> None:
    service, connection, installation = catalogue
    tenant = new_id()
    whole = connection.transaction()
    await whole.start()
    for table in ("idempotent_response", "inbox", "outbox", "settled_letter", "parked_tenant"):
        await plant(connection, table, tenant)
    await plant(connection, "parked_record", tenant)
    await connection.execute(f'SET LOCAL ROLE "{installation.role(service, "worker")}"')
    for query in (
        "SELECT body FROM idempotent_response",
        "SELECT key FROM idempotent_response",
        "SELECT event_id FROM inbox",
        "SELECT value FROM parked_record",
        "SELECT reason FROM settled_letter",
        "UPDATE outbox SET value = NULL",
    ):
        attempt = connection.transaction()
        await attempt.start()
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(query)
        await attempt.rollback()
    mine = "SELECT count(*) FROM outbox WHERE tenant_id = $1"
    assert await connection.fetchval(mine, tenant) == 1, "what waits is published by it"
    await connection.execute(
        "UPDATE outbox SET published_at = clock_timestamp() WHERE tenant_id = $1", tenant
    )
    await connection.execute("RESET ROLE")
    await connection.execute(
        "UPDATE outbox SET published_at = now() - interval '1 hour' WHERE tenant_id = $1", tenant
    )
    await connection.execute(f'SET LOCAL ROLE "{installation.role(service, "worker")}"')
    assert await connection.fetchval(mine, tenant) == 0, "what was published is not its business"
    await connection.execute("RESET ROLE")
    await connection.execute(
        "UPDATE outbox SET published_at = now() - interval '4 days' WHERE tenant_id = $1", tenant
    )
    await connection.execute(f'SET LOCAL ROLE "{installation.role(service, "worker")}"')
    for table, column in (
        ("outbox", "published_at"),
        ("inbox", "seen_at"),
        ("idempotent_response", "stored_at"),
    ):
        pruning = (
            f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table}"
            f" WHERE {column} < now() + interval '1 day'))"
        )
        assert int((await connection.execute(pruning)).rpartition(" ")[2]) >= 1, table
    await whole.rollback()
