"""The audit on a real database: written by the application, changed by nobody."""

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from deploy.environment import Installation
from services.gateway.accounts.audit import AuditEntry, AuditTrail, prune
from services.gateway.metrics import GatewayMetrics
from shared.db import Database
from shared.ids import TenantId, new_id
from tests.integration.gateway.stub_services import StubServices
from tests.integration.gateway.tenant import Tenant, log_in
from tests.support.wait import eventually


async def entries(tenant: Tenant, **filters: Any) -> list[dict[str, Any]]:
    """The tenant's entries, newest first."""
    status, page, _ = await tenant.call("GET", "/api/v1/audit", params=filters)
    assert status == 200, page
    items: list[dict[str, Any]] = page["items"]
    return items


async def test_log_ins_and_refused_ones_are_recorded(tenant: Tenant) -> None:
    assert (await log_in(tenant.session, tenant.url, tenant.email, "a wrong password"))[0] == 401

    async def both() -> list[Any]:
        """A refused one is written behind its answer."""
        found = await entries(tenant, operation="log_in")
        return found if len(found) == 2 else []

    refused, logged_in = await eventually(both)
    assert (refused["outcome"], refused["code"]) == ("refused", "unauthenticated")
    assert (refused["actor_kind"], refused["actor_id"]) == ("anonymous", None)
    assert refused["target_ids"] == logged_in["target_ids"] == [str(tenant.admin_id)]
    assert (logged_in["outcome"], logged_in["actor_id"]) == ("done", str(tenant.admin_id))
    assert logged_in["session_id"] and refused["session_id"] is None
    assert refused["address"] == "127.0.0.1"


async def test_provisioning_is_recorded_as_the_operators(tenant: Tenant) -> None:
    (entry,) = await entries(tenant, operation="provision_tenant")
    assert (entry["actor_kind"], entry["actor_id"]) == ("operator", None)
    assert entry["target_ids"] == [str(tenant.id), str(tenant.admin_id)]


async def test_a_granted_role_is_recorded_before_it_is_answered(tenant: Tenant) -> None:
    employee_id, _ = await tenant.employee()
    path = f"/api/v1/employees/{employee_id}"
    assert (await tenant.call("PATCH", path, json={"roles": ["admin"]}))[0] == 200
    entry, _created = await entries(
        tenant, target_id=str(employee_id), actor_id=str(tenant.admin_id)
    )
    assert (entry["operation"], entry["details"]["roles"]) == ("change_employee", ["admin"])


async def test_keys_and_what_they_are_refused_are_recorded(tenant: Tenant) -> None:
    body = {"name": "1С", "scopes": ["payroll"]}
    _, key, _ = await tenant.call("POST", "/api/v1/api-keys", json=body)
    assert (await tenant.call("GET", "/api/v1/clients", key["secret"]))[0] == 403
    (refused,) = await eventually(lambda: entries(tenant, actor_id=key["id"]))
    assert (refused["actor_kind"], refused["operation"]) == ("api_key", "list_clients")
    assert refused["outcome"] == "refused"
    assert (await tenant.call("DELETE", f"/api/v1/api-keys/{key['id']}"))[0] == 204
    operations = [entry["operation"] for entry in await entries(tenant, target_id=key["id"])]
    assert operations == ["revoke_key", "create_key"]


async def test_reads_of_pay_are_recorded_within_moments(
    tenant: Tenant, services: StubServices
) -> None:
    services.on("GET /api/v1/motivation/statement", body={"period": "2026-11", "total": None})
    whose = uuid4()
    path = f"/api/v1/motivation/statement?employee_id={whose}"
    assert (await tenant.call("GET", path))[0] == 200
    (entry,) = await eventually(lambda: entries(tenant, operation="get_statement"))
    assert (entry["target_ids"], entry["outcome"]) == ([str(whose)], "done")


async def test_only_admins_read_the_audit_and_only_their_tenants(tenant: Tenant) -> None:
    employee_id, token = await tenant.employee()
    assert (await tenant.call("GET", "/api/v1/audit", token))[0] == 403
    assert (await tenant.call("GET", "/api/v1/audit/export", token))[0] == 403
    seen = await entries(tenant, limit=200)
    assert {entry["operation"] for entry in seen} >= {"provision_tenant", "create_employee"}
    assert employee_id


async def test_pages_and_periods_of_the_audit(tenant: Tenant) -> None:
    for _ in range(3):
        await tenant.employee()
    everything = await entries(tenant, limit=200)
    paged: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        _, page, _ = await tenant.call("GET", "/api/v1/audit", params=query)
        paged += [entry["id"] for entry in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [id_ for id_ in paged if id_ in {entry["id"] for entry in everything}] == [
        entry["id"] for entry in everything
    ]
    middle = everything[2]["at"]
    later = await entries(tenant, limit=200, since=middle)
    before = await entries(tenant, limit=200, until=middle)
    assert everything[0]["id"] in {entry["id"] for entry in later}
    assert everything[-1]["id"] in {entry["id"] for entry in before}
    assert not {entry["id"] for entry in later} & {entry["id"] for entry in before}


async def test_the_audit_is_exported_as_csv(tenant: Tenant) -> None:
    status, text, headers = await tenant.call("GET", "/api/v1/audit/export")
    assert status == 200 and headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=";"))
    assert "provision_tenant" in [row["operation"] for row in rows]
    assert await eventually(lambda: entries(tenant, operation="export_audit"))


def entry_of(tenant_id: UUID, **changes: Any) -> AuditEntry:
    values: dict[str, Any] = {
        "tenant_id": TenantId(tenant_id),
        "actor_kind": "employee",
        "actor_id": new_id(),
        "session_id": None,
        "operation": "get_client",
        "target": "client",
        "target_ids": (new_id(),),
        "outcome": "done",
        "status": 200,
        "code": None,
        "address": "203.0.113.7",
        "user_agent": "",
        "request_id": "",
        "details": {},
    }
    return AuditEntry(**{**values, **changes})


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET actor_id = NULL", "DELETE FROM audit_entry"]
)
async def test_the_application_can_neither_change_nor_delete_entries(
    tenant: Tenant, provisioned: Installation, statement: str
) -> None:
    app = await asyncpg.connect(provisioned.database_url("gateway", "app"))
    try:
        await app.execute(f"SET app.tenant_id = '{tenant.id}'")
        assert await app.fetchval("SELECT count(*) FROM audit_entry")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(statement)
    finally:
        await app.close()


async def test_entries_wait_while_the_database_is_away(
    tenant: Tenant, provisioned: Installation
) -> None:
    """What happened is told later, each entry once."""
    url = provisioned.database_url("gateway", "app")
    away, database = await Database(url, 1).open(), await Database(url, 2).open()
    await away.close()
    trail = AuditTrail(away, GatewayMetrics())
    entry = entry_of(tenant.id)
    try:
        await trail.write(entry)
        await trail.flush()
        assert list(trail._buffer) == [entry]
        trail._database = database
        await trail._write(entry.tenant_id, [entry])
        await trail.flush()
        assert not trail._buffer
        seen = await entries(tenant, actor_id=str(entry.actor_id))
        assert [item["id"] for item in seen] == [str(entry.id)]
    finally:
        await database.close()


async def test_an_entry_that_the_database_refuses_holds_up_no_other(
    tenant: Tenant, provisioned: Installation
) -> None:
    database = await Database(provisioned.database_url("gateway", "app"), 2).open()
    trail = AuditTrail(database, GatewayMetrics())
    good, bad = entry_of(tenant.id), entry_of(tenant.id, address="\x00")
    try:
        trail.add(bad)
        trail.add(good)
        await trail.flush()
        assert not trail._buffer
        assert trail._metrics.audit_lost._value.get() == 1
        assert await entries(tenant, actor_id=str(good.actor_id))
    finally:
        await database.close()


async def test_the_worker_prunes_what_is_too_old(tenant: Tenant, provisioned: Installation) -> None:
    admin = await asyncpg.connect(provisioned.admin_url("gateway"))
    worker = await Database(provisioned.database_url("gateway", "worker"), 1).open()
    try:
        await admin.execute(
            "UPDATE audit_entry SET at = now() - $2::interval"
            " WHERE tenant_id = $1 AND operation = 'provision_tenant'",
            tenant.id,
            timedelta(days=401),
        )
        assert await prune(worker, 400) >= 1
        assert await entries(tenant, operation="provision_tenant") == []
        assert await entries(tenant, operation="log_in")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await worker.pool.fetch("SELECT actor_id FROM audit_entry")
    finally:
        await worker.close()
        await admin.close()
