"""The projector: any order and any repetition of events gives the same read models."""

import asyncio
import random
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.gateway.projections.diff import snapshot
from services.gateway.projections.registry import PROJECTIONS
from shared.events import PublishedEvent
from shared.events.directory import (
    ClientChanged,
    CompanyChanged,
    ProductChanged,
    SourceChanged,
    TenantChanged,
)
from shared.events.people import PersonDescribed
from shared.ids import ClientId, CompanyId, ProductId, SourceId, TenantId
from tests.integration.gateway.events import (
    COMPANY,
    NOW,
    OTHER,
    ROOM,
    SELLER,
    accrual_posted,
    activity_described,
    activity_event,
    activity_moved,
    activity_state,
    person_described,
    published,
    room_changed,
    room_settings_changed,
    vip_event,
)
from tests.integration.gateway.models import ReadModels
from tests.integration.gateway.reading import read_pool
from tests.support.money import roubles


def a_history(tenant_id: UUID, chance: random.Random) -> list[PublishedEvent]:
    """Activities of three clients through several versions, from one of two rooms to the other and
    back, with names and texts, and a VIP that changes hands.
    """
    clients = [UUID(int=100 + number) for number in range(3)]
    events: list[PublishedEvent] = []
    for number in range(6):
        activity_id, room = UUID(int=1000 + number), chance.choice([ROOM, UUID(int=99)])
        for version in range(1, chance.randint(2, 7)):
            client = chance.choice(clients)
            if version > 1 and chance.random() < 0.3:
                left, room = room, ROOM if room != ROOM else UUID(int=99)
                state = a_state(chance, room, client, version)
                events.append(activity_moved(tenant_id, activity_id, version, left, state))
            else:
                state = a_state(chance, room, client, version)
                events.append(activity_event(tenant_id, activity_id, version, state))
            if chance.random() < 0.5:
                note = f"note {version}"
                events.append(activity_described(tenant_id, activity_id, note, version))
    for version in (1, 2):
        events += [
            person_described(tenant_id, client, f"Клиент {version}", version) for client in clients
        ]
    for version in range(1, 6):
        holder = chance.choice([SELLER, OTHER, None])
        events.append(vip_event(tenant_id, UUID(int=7), version, holder))
    return events


def a_state(chance: random.Random, room: UUID, client: UUID, version: int) -> dict[str, Any]:
    if chance.random() < 0.15:
        return activity_state(room, client, COMPANY, status="lost", stage="lost")
    seller = chance.choice([None, SELLER, OTHER]) if version > 1 else None
    next_step = NOW + timedelta(hours=version) if seller and version % 2 else None
    return activity_state(room, client, COMPANY, seller, next_step_due_at=next_step)


@pytest.mark.parametrize("seed", range(12))
async def test_any_order_and_repetition_gives_the_same_models(
    models: ReadModels, seed: int
) -> None:
    chance, tenant_id = random.Random(seed), TenantId(uuid4())
    events = a_history(tenant_id, chance)
    await models.apply(tenant_id, *events)
    other = models.fresh()
    shuffled = events * 2
    chance.shuffle(shuffled)
    for start in range(0, len(shuffled), size := chance.randint(1, 9)):
        await models.projector.apply(tenant_id, shuffled[start : start + size], other)
    assert await models.differences_from_live(other) == []


@pytest.mark.parametrize("seed", range(6))
async def test_projecting_at_the_same_time_gives_the_same_models(
    models: ReadModels, seed: int
) -> None:
    chance, tenant_id = random.Random(seed), TenantId(uuid4())
    events = a_history(tenant_id, chance)
    await models.apply(tenant_id, *events)
    other = models.fresh()
    shuffled = events * 3
    chance.shuffle(shuffled)
    parts = [shuffled[part::8] for part in range(8)]
    await asyncio.gather(*(models.projector.apply(tenant_id, part, other) for part in parts))
    assert await models.differences_from_live(other) == []


async def test_projections_own_all_keys_of_a_generation(models: ReadModels) -> None:
    tenant_id = TenantId(uuid4())
    company = CompanyChanged(
        company_id=CompanyId(COMPANY), name="ООО", time_zone="UTC", currency="RUB"
    )
    tenant = TenantChanged(tenant_id=tenant_id, time_zone="UTC", currency="RUB")
    client = ClientChanged(
        client_id=ClientId(UUID(int=100)), kind="organization", large=True, registered_by=None
    )
    product = ProductChanged(
        product_id=ProductId(UUID(int=101)),
        company_id=CompanyId(COMPANY),
        name="Кассы",
        category="hardware",
        price=roubles(1),
        delivered=True,
        term_months=None,
        active=True,
    )
    source = SourceChanged(
        source_id=SourceId(UUID(int=102)),
        name="Сайт",
        channel="Сайт",
        campaign=None,
        kind="inbound",
    )
    seller = PersonDescribed(kind="employee", name="Анна")
    await models.apply(
        tenant_id,
        published(tenant_id, client, client.client_id, 1),
        published(tenant_id, product, product.product_id, 1),
        published(tenant_id, source, source.source_id, 1),
        published(tenant_id, seller, SELLER, 1),
        *a_history(tenant_id, random.Random(2)),
        published(tenant_id, company, COMPANY, 1),
        published(tenant_id, tenant, tenant_id, 1),
        room_changed(tenant_id, ROOM),
        room_settings_changed(tenant_id, ROOM, COMPANY),
        vip_event(tenant_id, UUID(int=8), 1, SELLER),
        accrual_posted(tenant_id, COMPANY, 1, "1.00", "2026-11"),
    )
    names = {key.partition("}:")[2].partition(":")[0] for key in await stored(models)}
    owned = {name for projection in PROJECTIONS for name in projection.keys}
    assert names - owned == set()
    assert owned - names == {"client_rooms"}


async def stored(models: ReadModels) -> list[str]:
    """The keys of the live generation, but for those that a diff leaves out."""
    return list(await snapshot(models.store, models.live))


async def test_names_and_notes_come_late_change_and_are_erased(models: ReadModels) -> None:
    tenant_id, client, activity_id = TenantId(uuid4()), uuid4(), uuid4()
    state = activity_state(ROOM, client, COMPANY)

    async def shown_after(*events: PublishedEvent) -> tuple[str, str | None]:
        await models.apply(tenant_id, *events)
        (item,) = (await read_pool(models, tenant_id))["items"]
        return item["client"]["name"], item["note"]

    assert await shown_after(activity_event(tenant_id, activity_id, 1, state)) == ("", None)
    late = [
        person_described(tenant_id, client, "Ромашка"),
        activity_described(tenant_id, activity_id, "звонить утром"),
    ]
    assert await shown_after(*late) == ("Ромашка", "звонить утром")
    renamed = person_described(tenant_id, client, "Лютик", 3)
    outdated = person_described(tenant_id, client, "старое имя", 2)
    assert await shown_after(renamed) == ("Лютик", "звонить утром")
    assert await shown_after(outdated) == ("Лютик", "звонить утром")
    await models.erase(tenant_id, client)
    await models.erase(tenant_id, activity_id)
    assert await shown_after() == ("", None)
    assert await shown_after(outdated, activity_event(tenant_id, activity_id, 2, state)) == (
        "",
        None,
    )
    assert "Лютик".encode() not in repr(await snapshot(models.store, models.live)).encode()


async def test_a_vip_counts_for_its_latest_holder_alone(models: ReadModels) -> None:
    tenant_id, vip_id = TenantId(uuid4()), uuid4()
    for version, holder, kind in (
        (3, OTHER, "by_receipts"),
        (1, SELLER, "in_development"),
        (2, None, ""),
        (3, OTHER, "by_receipts"),
    ):
        await models.apply(tenant_id, vip_event(tenant_id, vip_id, version, holder, kind))
    counts = await models.store.redis.hgetall(models.live.of(tenant_id).tenant("vip_counts"))
    assert counts == {f"{OTHER}:by_receipts".encode(): b"1"}


async def test_a_moved_activity_is_in_the_pool_of_its_new_room_alone(models: ReadModels) -> None:
    """In one batch with what comes after it, and however late its former life comes."""
    tenant_id, activity_id, there = TenantId(uuid4()), uuid4(), uuid4()
    client = uuid4()
    here, moved = (activity_state(room, client, COMPANY) for room in (ROOM, there))
    first = activity_event(tenant_id, activity_id, 1, here)
    move = activity_moved(tenant_id, activity_id, 2, ROOM, moved)
    later = activity_event(tenant_id, activity_id, 3, moved)
    await models.apply(tenant_id, first)
    assert len((await read_pool(models, tenant_id))["items"]) == 1
    await models.apply(tenant_id, move, later)
    await models.apply(tenant_id, first)
    assert (await read_pool(models, tenant_id))["items"] == []
    assert len((await read_pool(models, tenant_id, room_id=there))["items"]) == 1
    note = activity_described(tenant_id, activity_id, "звонить утром", 3)
    await models.apply(tenant_id, note)
    (item,) = (await read_pool(models, tenant_id, room_id=there))["items"]
    assert item["note"] == "звонить утром"
    back = activity_moved(tenant_id, activity_id, 4, there, here)
    await models.apply(tenant_id, back)
    assert len((await read_pool(models, tenant_id))["items"]) == 1
    assert (await read_pool(models, tenant_id, room_id=there))["items"] == []
