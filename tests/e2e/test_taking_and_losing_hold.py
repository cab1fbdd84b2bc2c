"""4 and 9. Who becomes responsible, from when, and until when."""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest_asyncio

from services.activities.metrics import ActivityMetrics
from services.activities.timers import reset_overdue
from shared.db import Database
from shared.service_context import ServiceContext
from tests.e2e.conftest import Product
from tests.e2e.office import Office, open_office
from tests.support.client import ApiClient
from tests.support.wait import eventually


@pytest_asyncio.fixture
async def office(gateway: ApiClient, product: Product) -> Office:
    """One for each test: takes of one would make the sellers of the next wait."""
    return await open_office(gateway, product.operator_key)


async def test_eight_sellers_take_and_the_losers_learn_who_was_first(office: Office) -> None:
    for _ in range(4):
        path = f"/activities/{(await office.register())['id']}/take"
        answers = await asyncio.gather(
            *(seller.call("POST", path) for seller in (office.anna, office.boris) * 4)
        )
        (won,) = [answer.body for answer in answers if answer.status == 200]
        assert (won["status"], won["how"]) == ("in_work", "taken")
        for lost in (answer for answer in answers if answer.status != 200):
            assert (lost.status, lost.code) == (409, "already_taken")
            assert (lost.body["responsible_id"], lost.body["taken_at"]) == (
                won["responsible_id"],
                won["responsible_since"],
            )
        for seller in (office.anna, office.boris):
            assert won["id"] not in [
                item["id"] for item in (await seller.see("/pool?limit=200"))["items"]
            ]


async def test_after_a_take_a_seller_waits_for_the_cooldown_whatever_they_take_next(
    office: Office,
) -> None:
    first, second, third = [await office.register() for _ in range(3)]
    taken = await office.anna.do(f"/activities/{first['id']}/take")
    await office.set_room_settings(retake_cooldown_seconds=30)
    answers = await asyncio.gather(
        *(
            office.anna.call("POST", f"/activities/{each['id']}/take")
            for each in (second, third) * 2
        )
    )
    for early in answers:
        assert (early.status, early.code) == (429, "too_soon")
        assert 0 < early.body["retry_after_seconds"] <= 30
        assert early.headers["Retry-After"] == str(early.body["retry_after_seconds"])
    ready = datetime.fromisoformat((await office.anna.see("/desk"))["ready_to_take_at"])
    assert abs(
        ready - datetime.fromisoformat(taken["responsible_since"]) - timedelta(seconds=30)
    ) < timedelta(milliseconds=2)
    assert (await office.boris.do(f"/activities/{second['id']}/take"))[
        "responsible_id"
    ] == office.boris.id
    await office.set_room_settings(retake_cooldown_seconds=0)
    assert (await office.anna.do(f"/activities/{third['id']}/take"))[
        "responsible_id"
    ] == office.anna.id


async def test_who_gave_an_activity_back_waits_for_the_cooldown_to_take_that_one_again(
    office: Office,
) -> None:
    given, other = [await office.register() for _ in range(2)]
    path = f"/activities/{given['id']}"
    await office.set_room_settings(retake_cooldown_seconds=2)
    await office.anna.do(f"{path}/take")
    await asyncio.sleep(2.1)
    assert (await office.boris.refused(f"{path}/release", {"reason": "не моя"})).code == "forbidden"
    freed = await office.anna.do(f"{path}/release", {"reason": "Не моя тема"})
    assert (freed["status"], freed["responsible_id"]) == ("free", None)
    early = await office.anna.refused(f"{path}/take")
    assert (early.code, early.body["retry_after_seconds"]) == ("too_soon", 2)
    assert (await office.anna.do(f"/activities/{other['id']}/take"))["status"] == "in_work"
    await asyncio.sleep(2.1)
    assert (await office.anna.do(f"{path}/take"))["responsible_id"] == office.anna.id
    await office.set_room_settings()


async def test_a_head_assigns_and_takes_away(office: Office) -> None:
    path = f"/activities/{(await office.register())['id']}/assign"
    assert (await office.anna.refused(path, {"employee_id": office.anna.id})).code == "forbidden"
    assert (await office.head.refused(path, {"employee_id": office.vera.id})).fields == {
        "employee_id": "exists"
    }
    assigned = await office.head.do(path, {"employee_id": office.boris.id})
    assert (assigned["responsible_id"], assigned["how"]) == (office.boris.id, "assigned")
    assert (await office.head.do(path, {"employee_id": None}))["status"] == "free"


async def test_an_activity_without_progress_returns_to_the_pool_at_its_deadline(
    office: Office, product: Product
) -> None:
    await office.set_room_settings(company="other", activity_reset_days=1)
    stale, busy, noted = [
        await office.register("foreign", take=True, company_id=office.companies["other"])
        for _ in range(3)
    ]
    day = timedelta(days=1)
    assert (
        datetime.fromisoformat(stale["reset_due_at"])
        - datetime.fromisoformat(stale["responsible_since"])
        == day
    )
    moved = await office.anna.do(
        f"/activities/{busy['id']}/interactions", {"kind": "call", "note": "Обсудили"}
    )
    kept = await office.anna.do(
        f"/activities/{noted['id']}/interactions", {"kind": "note", "note": "Заметка"}
    )
    assert (
        moved["reset_due_at"] > busy["reset_due_at"]
        and kept["reset_due_at"] == noted["reset_due_at"]
    )

    # Other tenants' deadlines pass, too: only these three are looked at.
    await _sweep(product, datetime.fromisoformat(stale["reset_due_at"]) - timedelta(microseconds=1))
    assert {
        (await office.anna.see(f"/activities/{each['id']}"))["status"]
        for each in (stale, busy, noted)
    } == {"in_work"}
    for _ in range(2):
        await _sweep(product, datetime.fromisoformat(noted["reset_due_at"]))

    async def returned(lost: Any) -> Any:
        seen = await office.anna.see(f"/activities/{lost['id']}")
        return seen if seen["status"] == "free" else None

    for lost in (stale, noted):
        # The gateway remembers what was just looked at until it hears of the reset.
        seen = await eventually(partial(returned, lost))
        assert seen["responsible_id"] is None
        assert [entry["what"] for entry in seen["timeline"]].count("activity.reset") == 1
    assert (await office.anna.see(f"/activities/{busy['id']}"))["responsible_id"] == office.anna.id
    assert (await office.boris.do(f"/activities/{stale['id']}/take"))[
        "responsible_id"
    ] == office.boris.id


async def _sweep(product: Product, now: datetime) -> None:
    installation = product.installation
    worker, database = [
        Database(installation.database_url("activities", role), 2) for role in ("worker", "app")
    ]
    await asyncio.gather(worker.open(), database.open())
    try:
        context = ServiceContext(None, ActivityMetrics(), database, worker)
        await reset_overdue(context, now)
    finally:
        await asyncio.gather(worker.close(), database.close())
