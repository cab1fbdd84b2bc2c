"""10. A seller's day in one call from the read model, and what changed as it happens."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import orjson

from tests.e2e.conftest import Product
from tests.e2e.office import Office
from tests.support.client import ApiClient, User
from tests.support.money import rub
from tests.support.wait import eventually


async def _metrics(gateway: ApiClient, product: Product) -> str:
    """The gateway's, from its internal port."""
    url = product.installation.internal_url("gateway") + "/metrics"
    async with gateway.http.get(url) as response:
        return await response.text()


async def _fallbacks(gateway: ApiClient, product: Product) -> float:
    """How often the gateway could not answer from its read model."""
    metrics = await _metrics(gateway, product)
    found = re.findall(r"^sales_gateway_\w*fallbacks_total\{[^}]*\} (\S+)$", metrics, re.MULTILINE)
    return sum(map(float, found))


async def test_the_desk_gives_a_sellers_day_in_one_call_from_the_read_model(
    office: Office, gateway: ApiClient, product: Product
) -> None:
    await office.publish_plan([{"kind": "percent_of_receipts", "percent": "10.00"}])
    before = await _fallbacks(gateway, product)
    free = [await office.register() for _ in range(3)]
    fresh, invoiced, late = [await office.register("goods", take=True) for _ in range(3)]
    await office.anna.do(f"/activities/{invoiced['id']}/invoices", {"amount": rub("2500.50")})
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    step = {"kind": "call", "next_step": {"what": "Перезвонить", "due_at": yesterday}}
    await office.anna.do(f"/activities/{late['id']}/interactions", step)
    wanted = {
        "company_id": office.companies["main"],
        "room_id": office.rooms["front"],
        "client_id": fresh["client"]["id"],
    }
    await office.anna.do("/vip", wanted)

    desk = await office.anna.see("/desk")
    assert desk["missing"] == []
    assert {stage: {each["id"] for each in mine} for stage, mine in desk["mine"].items()} == {
        "in_work": {fresh["id"], late["id"]},
        "invoiced": {invoiced["id"]},
    }
    assert [each["id"] for each in desk["overdue_steps"]] == [late["id"]]
    assert desk["overdue_steps"][0]["next_step"]["what"] == "Перезвонить"
    assert desk["pool_count"] == len(free)
    assert (desk["vip"]["in_development"], desk["vip"]["by_receipts"]) == (1, 0)
    assert desk["ready_to_take_at"] is None and desk["as_of"]
    shown = {each["id"]: each for mine in desk["mine"].values() for each in mine}
    for activity_id, each in shown.items():
        listed = await office.anna.see(f"/activities?q={each['client']['name']}")
        assert listed["items"] == [each], activity_id

    await office.finish(office.anna, fresh)

    async def paid() -> bool:
        pay = (await office.anna.see("/desk"))["pay"]
        return bool(pay["total"] == rub("250.05"))

    await eventually(paid)
    assert fresh["id"] not in [
        each["id"] for mine in (await office.anna.see("/desk"))["mine"].values() for each in mine
    ]
    other = await office.vera.see("/desk")
    assert (other["mine"], other["pool_count"], other["pay"]["total"]) == ({}, 0, rub("0.00"))
    assert await _fallbacks(gateway, product) == before, "answered without the read model"


async def _kept(gateway: ApiClient, product: Product) -> float:
    """How many whole activities the gateway answered without asking their owner."""
    metrics = await _metrics(gateway, product)
    return sum(
        map(
            float,
            re.findall(
                r'^sales_gateway_activity_reads_total\{source="cache"\} (\S+)$',
                metrics,
                re.MULTILINE,
            ),
        )
    )


async def test_one_activity_is_asked_of_its_owner_only_when_it_has_changed(
    office: Office, gateway: ApiClient, product: Product
) -> None:
    activity = await office.register("goods", take=True)
    path = f"/activities/{activity['id']}"

    async def settled() -> bool:
        """The fact of the last write has come, and the answer is kept."""
        await office.anna.see(path)
        before = await _kept(gateway, product)
        await office.anna.see(path)
        return await _kept(gateway, product) > before

    await eventually(settled)
    kept = await office.anna.see(path)
    soon_due = (datetime.now(UTC) + timedelta(seconds=3)).isoformat()
    step = {
        "kind": "call",
        "note": "о цене",
        "next_step": {"what": "Перезвонить", "due_at": soon_due},
    }
    written = await office.anna.do(f"{path}/interactions", step)
    seen = await office.anna.see(path)
    assert (seen["version"], seen["timeline"][1:]) == (written["version"], kept["timeline"])
    assert (seen["timeline"][0]["note"], seen["next_step"]["what"]) == ("о цене", "Перезвонить")
    assert not seen["checklist"]["overdue"]
    await eventually(settled)

    async def overdue() -> bool:
        return [item["what"] for item in (await office.anna.see(path))["checklist"]["overdue"]] == [
            "next_step"
        ]

    await eventually(overdue)
    await eventually(settled)
    await office.anna.do(
        f"/clients/{activity['client']['id']}", {"name": "Переименованный клиент"}, method="PATCH"
    )
    assert (await office.anna.see(path))["client"]["name"] == "Переименованный клиент"
    await eventually(settled)
    stranger = await office.vera.call("GET", path)
    assert stranger.status == 404, "kept for those who see the room"


@asynccontextmanager
async def _listen(person: User, last_id: str | None = None) -> AsyncIterator["Listener"]:
    headers = {"Authorization": f"Bearer {person.token}"} | (
        {"Last-Event-ID": last_id} if last_id else {}
    )
    timeout = aiohttp.ClientTimeout(total=None, sock_read=30)
    async with person.api.http.get("/api/v1/stream", headers=headers, timeout=timeout) as answer:
        assert answer.status == 200 and answer.content_type == "text/event-stream"
        yield Listener(answer)


class Listener:
    """A browser's side of server-sent events."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def next(self) -> dict[str, Any]:
        """The next event: its fields, `data` as JSON."""
        fields: dict[str, Any] = {}
        async for line in self._answer.content:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name and not line.startswith(b":"):
                fields[name] = value
            elif not name and "data" in fields:
                return fields | {"data": orjson.loads(fields["data"])}
        raise AssertionError("the stream ended")

    async def until(self, kind: str, activity: dict[str, Any]) -> dict[str, Any]:
        """The event of that kind about that activity."""
        async with asyncio.timeout(20):
            while True:
                event = await self.next()
                if (event["data"]["kind"], event["data"]["id"]) == (kind, activity["id"]):
                    return event


async def test_the_stream_tells_what_changed_and_resumes_where_it_was_cut_off(
    office: Office,
) -> None:
    async with _listen(office.anna) as listener:
        first = await office.register(by=office.boris)
        registered = await listener.until("activity.registered", first)
        assert (
            registered["data"]["room_id"] == office.rooms["front"]
            and registered["data"]["version"] == 1
        )
    missed = await office.register(by=office.boris, take=True)
    await office.boris.do(f"/activities/{missed['id']}/interactions", {"kind": "call"})
    async with _listen(office.anna, registered["id"]) as listener:
        events = [
            await listener.until(kind, missed)
            for kind in ("activity.registered", "activity.taken", "interaction.recorded")
        ]
        assert [event["data"]["version"] for event in events] == [1, 2, 3]
        live = await office.register()
        await listener.until("activity.registered", live)


async def test_the_stream_tells_nobody_of_a_room_that_is_not_theirs(office: Office) -> None:
    async with _listen(office.vera) as listener:
        await office.register()
        order = office.order(room_id=office.rooms["back"])
        own = await office.vera.do("/activities", order)
        async with asyncio.timeout(20):
            while (event := await listener.next())["data"]["id"] != own["id"]:
                assert event["data"]["room_id"] in (None, office.rooms["back"]), event
