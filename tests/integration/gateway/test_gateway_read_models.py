"""The pool and the desk as the read models give them."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import orjson

from services.gateway.read_models import desk
from shared.events.directory import TenantChanged
from shared.ids import TenantId
from tests.integration.gateway.events import (
    COMPANY,
    OTHER,
    ROOM,
    SELLER,
    accrual_posted,
    activity_event,
    activity_state,
    activity_view,
    person_described,
    published,
    room_changed,
    room_settings_changed,
    vip_event,
)
from tests.integration.gateway.models import ReadModels
from tests.integration.gateway.reading import read_desk, read_pool, seller_of


async def test_the_pool_pages_oldest_first_by_company_too(models: ReadModels) -> None:
    tenant_id, client = TenantId(uuid4()), uuid4()
    ids = [UUID(int=500 + number) for number in range(7)]
    for number, activity_id in enumerate(ids):
        state = activity_state(ROOM, client, COMPANY if number % 2 else UUID(int=77))
        await models.apply(tenant_id, activity_event(tenant_id, activity_id, 1, state))
    first = await read_pool(models, tenant_id, limit=4)
    rest = await read_pool(models, tenant_id, after=ids[3], limit=4)
    assert [UUID(item["id"]) for item in first["items"] + rest["items"]] == ids
    assert first["next_cursor"] and rest["next_cursor"] is None
    of_company = await read_pool(models, tenant_id, company_id=COMPANY)
    assert [item["company_id"] for item in of_company["items"]] == [str(COMPANY)] * 3


async def test_a_fragment_is_what_the_owner_shows_and_becomes_overdue_when_read(
    models: ReadModels,
) -> None:
    tenant_id, client, activity_id = TenantId(uuid4()), uuid4(), uuid4()
    soon = datetime.now(UTC) + timedelta(milliseconds=1500)
    state = activity_state(ROOM, client, COMPANY, next_step_due_at=soon)
    await models.apply(
        tenant_id,
        activity_event(tenant_id, activity_id, 1, state),
        person_described(tenant_id, client, "ООО"),
    )
    (shown,) = (await read_pool(models, tenant_id))["items"]
    assert shown == activity_view(activity_id, 1, state, "ООО")
    await asyncio.sleep(1.6)
    (late,) = (await read_pool(models, tenant_id))["items"]
    assert [item["what"] for item in late["checklist"]["overdue"]] == ["next_step"]
    assert {**late, "checklist": None} == {**shown, "checklist": None}


async def a_sellers_day(models: ReadModels, tenant_id: TenantId, now: datetime) -> None:
    """One activity of the seller's, late and about to be reset, one free; a VIP; pay of two
    companies.
    """
    own = activity_state(
        ROOM,
        uuid4(),
        COMPANY,
        SELLER,
        next_step_due_at=now - timedelta(hours=1),
        reset_due_at=now + timedelta(hours=2),
        responsible_since=now,
    )
    tenant = TenantChanged(tenant_id=tenant_id, time_zone="UTC", currency="RUB")
    numbers = {
        "retake_cooldown_seconds": 600,
        "vip_in_development_limit": 3,
        "vip_by_receipts_limit": 4,
    }
    month = f"{now:%Y-%m}"
    await models.apply(
        tenant_id,
        published(tenant_id, tenant, tenant_id, 1),
        room_changed(tenant_id, ROOM),
        room_settings_changed(tenant_id, ROOM, COMPANY, **numbers),
        activity_event(tenant_id, UUID(int=61), 2, own),
        activity_event(tenant_id, UUID(int=62), 1, activity_state(ROOM, uuid4(), COMPANY)),
        vip_event(tenant_id, UUID(int=63), 1, SELLER),
        accrual_posted(tenant_id, COMPANY, 2, "150.50", month),
        accrual_posted(tenant_id, COMPANY, 1, "100.00", month),
        accrual_posted(tenant_id, OTHER, 1, "9.50", month),
        accrual_posted(tenant_id, OTHER, 1, "777.00", "2020-01"),
    )


async def test_the_desk_adds_up_a_sellers_day(models: ReadModels) -> None:
    tenant_id, now = TenantId(uuid4()), datetime.now(UTC)
    await a_sellers_day(models, tenant_id, now)
    shown = await read_desk(models, tenant_id, [ROOM], now)
    lists = (shown["mine"]["in_work"], shown["overdue_steps"], shown["about_to_reset"])
    assert [[item["id"] for item in items] for items in lists] == [[str(UUID(int=61))]] * 3
    assert (shown["pool_count"], shown["mine_count"], shown["missing"]) == (1, 1, [])
    assert shown["vip"] == {
        "in_development": 1,
        "by_receipts": 0,
        "places": {"in_development": 3, "by_receipts": 4},
    }
    total = {"amount": "160.00", "currency": "RUB"}
    assert shown["pay"] == {"period": f"{now:%Y-%m}", "total": total}
    cooldown = datetime.fromisoformat(shown["ready_to_take_at"]) - now
    assert abs(cooldown - timedelta(seconds=600)) < timedelta(milliseconds=2)


async def test_the_desk_renders_all_of_its_model_and_nothing_else(models: ReadModels) -> None:
    tenant_id, now = TenantId(uuid4()), datetime.now(UTC)
    await a_sellers_day(models, tenant_id, now)
    shown = await read_desk(models, tenant_id, [ROOM], now)
    assert shown.keys() == desk.DeskView.model_fields.keys() - {"names"}
    view = desk.DeskView.model_validate_json(orjson.dumps(shown), extra="forbid")
    assert view.model_dump(mode="json", exclude_unset=True) == shown


async def test_a_desk_without_rooms_is_empty_but_complete(models: ReadModels) -> None:
    shown = await read_desk(models, TenantId(uuid4()), [], datetime.now(UTC))
    assert (shown["mine"], shown["pool_count"], shown["missing"]) == ({}, 0, [])


async def test_reads_follow_a_swapped_generation_at_once(models: ReadModels) -> None:
    tenant_id, state = TenantId(uuid4()), activity_state(ROOM, uuid4(), COMPANY)
    fresh = models.fresh()
    events = [room_changed(tenant_id, ROOM), activity_event(tenant_id, uuid4(), 1, state)]
    await models.apply(tenant_id, *events[:1])
    await models.projector.apply(tenant_id, events, fresh)
    reader = models.another_process()
    await reader.generations.read()
    assert (await read_pool(reader, tenant_id))["items"] == []
    await models.make_live(fresh)
    assert len((await read_pool(reader, tenant_id))["items"]) == 1
    assert reader.generations.last_seen.live == fresh.generation
    await models.make_live(None)
    assert (
        await desk.read_desk(reader.generations, seller_of(tenant_id), [], datetime.now(UTC))
        is None
    )
