"""Clients entered twice before identities had one form each are found by a job and reported."""

from typing import Any
from uuid import UUID

import pytest

from services.activities.handlers import duplicate_clients
from shared.service_context import ServiceContext
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.jobs import let_jobs_run
from tests.integration.activities.tenant import Tenant
from tests.integration.activities.test_merging import merge, new_client

PATH = "/clients/duplicates"
EMAIL, TYPED = "zakupki@romashka.example", "mailto:zakupki@romashka.example."
INN, OTHER_INN = "7707083893", "5006834918"
PHONE = "+74951234567"


async def as_typed(tenant: Tenant, client_id: str, email: str) -> None:
    """As an e-mail was stored before it had one form."""
    await tenant.reader.execute(
        "UPDATE client SET emails = ARRAY[$3] WHERE tenant_id = $1 AND id = $2",
        tenant.tenant_id,
        UUID(client_id),
        email,
    )
    await tenant.reader.execute(
        "UPDATE client_identity SET value = $3"
        " WHERE tenant_id = $1 AND client_id = $2 AND kind = 'email'",
        tenant.tenant_id,
        UUID(client_id),
        email,
    )


async def have(tenant: Tenant, client_id: str, kind: str, value: str) -> None:
    """As an identity was stored before others were looked for by it."""
    column = {"inn": "inn = $3", "phone": "phones = ARRAY[$3]"}[kind]
    await tenant.reader.execute(
        f"UPDATE client SET {column} WHERE tenant_id = $1 AND id = $2",
        tenant.tenant_id,
        UUID(client_id),
        value,
    )
    await tenant.reader.execute(
        "INSERT INTO client_identity (tenant_id, client_id, kind, value) VALUES ($1, $2, $3, $4)",
        tenant.tenant_id,
        UUID(client_id),
        kind,
        value,
    )


async def report(tenant: Tenant, context: ServiceContext) -> list[tuple[str, str, str]]:
    """The pairs that the job finds: the newer client, by what, the older one."""
    started = await tenant.call(tenant.admin, "POST", PATH)
    assert started.status == 202, started.body
    await let_jobs_run(tenant, context)
    job = (await tenant.call(tenant.admin, "GET", f"/jobs/{started.body['id']}")).body
    assert (job["state"], job["done"]) == ("succeeded", job["total"]), job
    rows = await tenant.reader.fetch(
        "SELECT element, field, rule, parameters->>'client_id' AS other FROM job_refusal"
        " WHERE tenant_id = $1 AND job_id = $2 ORDER BY position",
        tenant.tenant_id,
        UUID(started.body["id"]),
    )
    assert {row["rule"] for row in rows} <= {"same_client"}
    return [(row["element"], row["field"], row["other"]) for row in rows]


async def test_clients_that_differ_by_spelling_are_reported_and_then_found(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    first = await new_client(tenant, tenant.admin, "Ромашка", emails=["a@example.com"])
    second = await new_client(tenant, tenant.admin, "ООО Ромашка", emails=["b@example.com"])
    await as_typed(tenant, first, TYPED)
    await as_typed(tenant, second, f"<{EMAIL}>")
    await new_client(tenant, tenant.admin, "Тюльпан", emails=["c@example.com"])
    assert await report(tenant, context) == [(second, "email", first)]
    again = {"name": "Кто-то", "kind": "organization", "emails": [EMAIL]}
    assert (await tenant.call(tenant.admin, "POST", "/clients", again)).status == 409
    assert (await merge(tenant, tenant.admin, second, first)).status == 200
    assert await report(tenant, context) == []


async def test_each_pair_is_reported_once_and_strangers_are_not(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    names = ("Ромашка", "ООО Ромашка", "Тюльпан", "Сосед")
    first, second, other, neighbour = [
        await new_client(tenant, tenant.admin, name) for name in names
    ]
    for client_id, inn in ((first, INN), (second, INN), (other, OTHER_INN)):
        await have(tenant, client_id, "inn", inn)
        await have(tenant, client_id, "phone", PHONE)
    await have(tenant, neighbour, "phone", "+74951234568")
    assert await report(tenant, context) == [(second, "inn", first)]


async def test_many_identities_are_looked_through_page_by_page(
    new_tenant: NewTenant, context: ServiceContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicate_clients, "CLIENTS_AT_ONCE", 2)
    monkeypatch.setattr(duplicate_clients, "IDENTITIES_AT_ONCE", 3)
    tenant = await new_tenant()
    clients = [await new_client(tenant, tenant.admin, f"Ромашка {n}") for n in range(5)]
    for number, client_id in enumerate(clients):
        await have(tenant, client_id, "phone", f"+7495123456{number // 2}")
    expected = [(clients[1], "phone", clients[0]), (clients[3], "phone", clients[2])]
    assert await report(tenant, context) == expected


async def test_only_an_admin_looks_for_duplicates_and_only_their_tenants(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant, stranger = await new_tenant(), await new_tenant()
    head = await tenant.user("head")
    pair: list[Any] = [await new_client(tenant, tenant.admin, "Ромашка") for _ in range(2)]
    for client_id in pair:
        await have(tenant, client_id, "phone", PHONE)
    assert (await tenant.call(head, "POST", PATH)).status == 403
    assert await report(stranger, context) == []
    twice = [await tenant.call(tenant.admin, "POST", PATH) for _ in range(2)]
    assert twice[0].body["id"] == twice[1].body["id"]
