"""Свободные without a browser: one press takes, a refusal stays where it was."""

from uuid import UUID, uuid4

import orjson

from tests.integration.gateway.browsing import browsing
from tests.integration.gateway.events import activity_state, activity_view
from tests.integration.gateway.stub_services import StubServices
from tests.integration.gateway.tenant import Tenant
from tests.integration.gateway.test_gateway_reads import create

CLIENT = "ООО <script>alert(1)</script>"
TOO_SOON = {"code": "too_soon", "title": "Рано", "detail": "Подождите.", "retry_after_seconds": 42}


async def free_activity(tenant: Tenant, services: StubServices) -> tuple[UUID, UUID, str]:
    """A free activity in a room with a seller: its id, the room, the seller's e-mail."""
    room, company, activity_id = uuid4(), uuid4(), uuid4()
    await create(tenant, services, "rooms", id=room, name="Север", company_ids=[str(company)])
    await create(tenant, services, "companies", id=company, name="Лес", currency="RUB")
    _, email = await tenant.hire(room_ids=[str(room)])
    view = activity_view(activity_id, 1, activity_state(room, uuid4(), company), CLIENT)
    services.on("POST /api/v1/activities", 201, view)
    assert (await tenant.call("POST", "/api/v1/activities", json={}))[0] == 201
    services.on(f"GET /api/v1/activities/{activity_id}", 200, view)
    return activity_id, room, email


async def test_what_was_typed_stays_text(tenant: Tenant, services: StubServices) -> None:
    _, _, email = await free_activity(tenant, services)
    async with browsing(tenant.url) as browser:
        await browser.sign_in(email)
        page = await browser.open("/pool")
        assert page.status == 200 and "<script>alert" not in page.html
        assert "&lt;script&gt;alert(1)" in page.html


async def test_a_press_without_script_takes_and_leads_to_the_activity(
    tenant: Tenant, services: StubServices
) -> None:
    activity_id, _, email = await free_activity(tenant, services)
    services.on(f"POST /api/v1/activities/{activity_id}/take", 200, {"id": str(activity_id)})
    async with browsing(tenant.url) as browser:
        await browser.sign_in(email)
        key = (await browser.open("/pool")).key
        for _ in range(2):
            taken = await browser.post(f"/pool/{activity_id}/take", key=key)
            assert (taken.status, taken.leads_to) == (303, f"/activities/{activity_id}")
    first, second = services.received(f"/api/v1/activities/{activity_id}/take")
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


async def test_a_refusal_says_until_when_and_keeps_the_page(
    tenant: Tenant, services: StubServices
) -> None:
    activity_id, _, email = await free_activity(tenant, services)
    services.on(f"POST /api/v1/activities/{activity_id}/take", 429, TOO_SOON)
    async with browsing(tenant.url) as browser:
        await browser.sign_in(email)
        page = await browser.post(f"/pool/{activity_id}/take", key="k")
        assert page.status == 429 and "Рано" in page.text and "42" in page.text
        assert f'id="row-{activity_id}"' in page.html and "<html" in page.html
        row = await browser.post(f"/pool/{activity_id}/take", key="k", script=True)
        assert row.status == 429 and row.html.lstrip().startswith("<tr")
        assert 'aria-disabled="true"' in row.html and 'hx-target="#problem"' in row.html


async def test_nobody_sees_the_pool_of_another_room(tenant: Tenant, services: StubServices) -> None:
    activity_id, room, _ = await free_activity(tenant, services)
    _, _, other = await free_activity(tenant, services)
    async with browsing(tenant.url) as browser:
        await browser.sign_in(other)
        page = await browser.open(f"/pool?room={room}")
        assert page.status == 200 and str(activity_id) not in page.html


async def test_the_stream_brings_ready_cards_to_those_of_the_room(
    tenant: Tenant, services: StubServices
) -> None:
    activity_id, room, email = await free_activity(tenant, services)
    async with browsing(tenant.url) as browser:
        await browser.sign_in(email)
        async with browser.http.get(f"{tenant.url}/live?after=0-0") as response:
            assert response.status == 200
            assert response.content_type == "text/event-stream"
            line = b""
            while not line.startswith((b"data: ", b": heartbeat")):
                line = await response.content.readline()
    if line.startswith(b"data: "):
        assert orjson.loads(line[6:])["kind"]
    assert activity_id and room
