"""Мой день, Мои активности, Добавить, Активность without a browser."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.integration.gateway.browsing import browsing
from tests.integration.gateway.events import activity_state, activity_view
from tests.integration.gateway.stub_services import StubServices
from tests.integration.gateway.tenant import Tenant
from tests.integration.gateway.test_gateway_reads import create

CLIENT = "ООО <script>alert(1)</script>"
NOTHING: dict[str, Any] = {"items": [], "next_cursor": None}
REFUSED = {
    "code": "invalid",
    "title": "Ошибка в данных",
    "detail": "…",
    "errors": [{"field": "client.name", "rule": "blank", "message": "Не может быть пустым"}],
}


async def own_activity(tenant: Tenant, services: StubServices) -> tuple[UUID, str]:
    """An activity that a seller works: its id, and the seller's e-mail."""
    room, company, activity_id = uuid4(), uuid4(), uuid4()
    await create(tenant, services, "rooms", id=room, name="Север", company_ids=[str(company)])
    await create(tenant, services, "companies", id=company, name="Лес", currency="RUB")
    seller, email = await tenant.hire(room_ids=[str(room)])
    view = activity_view(activity_id, 1, activity_state(room, uuid4(), company, seller), CLIENT)
    services.on("POST /api/v1/activities", 201, view)
    assert (await tenant.call("POST", "/api/v1/activities", json={}))[0] == 201
    lists = ("timeline", "invoices", "payments", "refunds", "shipments", "documents")
    more: dict[str, list[Any]] = {key: [] for key in (*lists, "document_states", "responsibles")}
    services.on(f"GET /api/v1/activities/{activity_id}", 200, {**view, **more})
    return activity_id, email


@pytest.mark.parametrize("path", ["/", "/board", "/board?view=list"])
async def test_own_work_is_shown_and_what_was_typed_stays_text(
    tenant: Tenant, services: StubServices, path: str
) -> None:
    activity_id, email = await own_activity(tenant, services)
    async with browsing(tenant.url) as browser:
        await browser.sign_in(email)
        for script in (False, True):
            page = await browser.open(path, script=script)
            assert page.status == 200, page.text
            assert f"/activities/{activity_id}" in page.html
            assert "<script>alert" not in page.html and "&lt;script&gt;alert" in page.html
            assert ("<html" in page.html) is not script


async def test_a_fact_is_recorded_under_the_key_of_its_form(
    tenant: Tenant, services: StubServices
) -> None:
    activity_id, email = await own_activity(tenant, services)
    path = f"/activities/{activity_id}"
    services.on(f"POST /api/v1{path}/invoices", 201, {"id": str(activity_id)})
    async with browsing(tenant.url) as browser:
        await browser.sign_in(email)
        page = await browser.open(path)
        assert page.status == 200 and "<script>alert" not in page.html
        sent = await browser.post(f"{path}/invoices", key=page.key, amount="1 000,50")
        assert (sent.status, sent.leads_to) == (303, path)
        assert (await browser.post(f"{path}/secrets", key=page.key)).status == 404
    (request,) = services.received(f"/api/v1{path}/invoices")
    assert request.json == {"amount": {"amount": "1000.50", "currency": "RUB"}}
    assert request.headers["idempotency-key"]


async def test_reasons_of_a_loss_are_read_once_a_moment(
    tenant: Tenant, services: StubServices
) -> None:
    activity_id, email = await own_activity(tenant, services)
    names = [("Дорого", True), ("Старая", False)]
    items = [{"id": str(uuid4()), "name": name, "active": active} for name, active in names]
    services.on("GET /api/v1/loss-reasons", 200, {**NOTHING, "items": items})
    async with browsing(tenant.url) as browser:
        await browser.sign_in(email)
        for _ in range(2):
            page = await browser.open(f"/activities/{activity_id}")
            assert "Дорого" in page.html and "Старая" not in page.html
    assert len(services.received("/api/v1/loss-reasons")) == 1


async def test_a_refused_fact_keeps_what_was_typed(tenant: Tenant, services: StubServices) -> None:
    activity_id, email = await own_activity(tenant, services)
    path = f"/activities/{activity_id}"
    errors = [{"field": "amount.amount", "rule": "money", "message": "Не сумма"}]
    services.on(f"POST /api/v1{path}/invoices", 422, {**REFUSED, "errors": errors})
    async with browsing(tenant.url) as browser:
        await browser.sign_in(email)
        page = await browser.post(f"{path}/invoices", key="k", amount="тысяча")
        assert page.status == 422 and 'value="тысяча"' in page.html and "Не сумма" in page.text


async def test_an_activity_of_another_room_is_not_found(
    tenant: Tenant, services: StubServices
) -> None:
    _, email = await own_activity(tenant, services)
    async with browsing(tenant.url) as browser:
        await browser.sign_in(email)
        page = await browser.open(f"/activities/{uuid4()}")
        assert page.status == 404 and "<h1>" in page.html


async def test_an_activity_that_is_not_added_keeps_what_was_typed(
    tenant: Tenant, services: StubServices
) -> None:
    activity_id, email = await own_activity(tenant, services)
    services.on("GET /api/v1/products", body=NOTHING)
    services.on("GET /api/v1/sources", body=NOTHING)
    services.on("POST /api/v1/activities", 422, REFUSED)
    async with browsing(tenant.url) as browser:
        await browser.sign_in(email)
        page = await browser.post("/activities/new", key="k", name="", note="Второй <b>склад</b>")
        assert page.status == 422 and "Не может быть пустым" in page.text
        assert "Второй &lt;b&gt;склад&lt;/b&gt;" in page.html
        added = {"id": str(activity_id), "responsible_id": None, "company_id": str(uuid4())}
        services.on("POST /api/v1/activities", 201, added)
        page = await browser.post("/activities/new", key="k", name="Лес")
        assert (page.status, page.leads_to) == (303, f"/activities/{activity_id}")
