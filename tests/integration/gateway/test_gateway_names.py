"""Names beside ids, where they are asked for: from the read models, or from the owner."""

from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from services.gateway.read_models.names import with_names
from shared.events import PublishedEvent
from shared.events.directory import CompanyChanged, ProductChanged, SourceChanged
from shared.events.people import PersonDescribed
from shared.ids import CompanyId, ProductId, SourceId, TenantId
from tests.integration.gateway.events import (
    COMPANY,
    ROOM,
    SELLER,
    ZERO,
    activity_event,
    activity_state,
    published,
    room_changed,
)
from tests.integration.gateway.models import ReadModels
from tests.integration.gateway.stub_services import StubServices
from tests.integration.gateway.tenant import Tenant
from tests.support.bus import Bus
from tests.support.wait import eventually

SOURCE, PRODUCT = UUID(int=5), UUID(int=6)
NOTHING: dict[str, dict[str, str]] = {
    noun: {} for noun in ("companies", "rooms", "employees", "sources", "products")
}


def directory(tenant_id: TenantId) -> list[PublishedEvent]:
    """A company, a room, a source, a product and an employee."""
    company = CompanyChanged(
        company_id=CompanyId(COMPANY), name="Лес", time_zone="UTC", currency="RUB"
    )
    source = SourceChanged(
        source_id=SourceId(SOURCE), name="Сайт", channel="site", campaign=None, kind="inbound"
    )
    product = ProductChanged(
        product_id=ProductId(PRODUCT),
        company_id=CompanyId(COMPANY),
        name="Лицензия",
        category="license",
        price=ZERO,
        delivered=False,
        term_months=None,
        active=True,
    )
    person = PersonDescribed(kind="employee", name="Анна")
    return [
        published(tenant_id, company, COMPANY, 1),
        room_changed(tenant_id, ROOM),
        published(tenant_id, source, SOURCE, 1),
        published(tenant_id, product, PRODUCT, 1),
        published(tenant_id, person, SELLER, 1),
    ]


def view(**fields: Any) -> bytes:
    item = {"company_id": COMPANY, "room_id": ROOM, "responsible_id": SELLER, **fields}
    return orjson.dumps({"items": [item], "next_cursor": None})


async def names_of(models: ReadModels, tenant_id: TenantId, body: bytes) -> Any:
    named = await with_names(models.generations, tenant_id, body)
    assert named is not None
    shown = orjson.loads(named)
    names = shown.pop("names")
    assert shown == orjson.loads(body)
    return names


async def test_what_a_view_mentions_is_named_however_deep(models: ReadModels) -> None:
    tenant_id = TenantId(uuid4())
    await models.apply(tenant_id, *directory(tenant_id))
    body = view(source_id=SOURCE, products=[{"product_id": PRODUCT}], created_by=None)
    assert await names_of(models, tenant_id, body) == {
        "companies": {str(COMPANY): "Лес"},
        "rooms": {str(ROOM): "Север"},
        "employees": {str(SELLER): "Анна"},
        "sources": {str(SOURCE): "Сайт"},
        "products": {str(PRODUCT): "Лицензия"},
    }


async def test_what_is_not_known_is_not_named_nor_another_tenants(models: ReadModels) -> None:
    tenant_id, other = TenantId(uuid4()), TenantId(uuid4())
    await models.apply(other, *directory(other))
    assert await names_of(models, tenant_id, view(source_id=SOURCE)) == NOTHING
    assert await names_of(models, tenant_id, b'{"items":[]}') == NOTHING


async def test_an_erased_employee_is_not_named(models: ReadModels) -> None:
    tenant_id = TenantId(uuid4())
    await models.apply(tenant_id, *directory(tenant_id))
    await models.erase(tenant_id, SELLER)
    await models.apply(tenant_id, *directory(tenant_id))
    assert (await names_of(models, tenant_id, view()))["employees"] == {}


@pytest.mark.parametrize("path", ["pool", "desk", "vip"])
async def test_a_list_has_names_where_they_are_asked_for(
    path: str, tenant: Tenant, services: StubServices, bus: Bus
) -> None:
    tenant_id = TenantId(tenant.id)
    _, token = await tenant.employee(room_ids=[str(ROOM)])
    services.on("GET /api/v1/vip", 200, orjson.loads(view()))
    await bus.publish(directory(tenant_id))
    state = activity_state(ROOM, uuid4(), COMPANY)
    await bus.publish([activity_event(tenant_id, uuid4(), 1, state)])
    shown = f"/api/v1/{path}?room_id={ROOM}"

    async def plain() -> Any:
        status, body, _ = await tenant.call("GET", shown, token)
        return body if status == 200 else None

    assert "names" not in await eventually(plain)

    async def named() -> Any:
        status, body, _ = await tenant.call("GET", f"{shown}&names=true", token)
        assert status == 200
        names = body.get("names")
        # The topics of the directory are read each at its own pace.
        awaited = {"pool": ("companies", "sources"), "vip": ("companies", "employees"), "desk": ()}
        return names if names and all(names[noun] for noun in awaited[path]) else None

    names = await eventually(named)
    assert names.keys() == NOTHING.keys()
    if path == "pool":
        assert names["sources"] == {str(SOURCE): "Сайт"}
    if path == "vip":
        assert names["employees"] == {str(SELLER): "Анна"}
        assert services.received("/api/v1/vip")[-1].query == f"room_id={ROOM}"


async def test_a_choice_of_names_that_is_none_is_left_to_the_owner(
    tenant: Tenant, services: StubServices
) -> None:
    services.on("GET /api/v1/vip", 422, {"code": "invalid"})
    for query in ("names=perhaps", "names=true&names=true"):
        assert (await tenant.call("GET", f"/api/v1/vip?{query}"))[0] == 422
        assert services.received("/api/v1/vip")[-1].query == query
    assert (await tenant.call("GET", "/api/v1/pool?names=perhaps"))[0] == 422
