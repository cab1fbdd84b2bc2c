"""Read models: any order and any repetition of facts gives the same models."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from services.gateway.projections.base import CommandResponse
from services.gateway.projections.diff import differences, snapshot
from services.gateway.projections.write_through import response_calls
from services.gateway.read_models import desk, pool
from shared.events import PublishedEvent
from shared.events.directory import RoomChanged, RoomSettingsChanged, TenantChanged
from shared.events.motivation import AccrualPosted
from shared.ids import CompanyId, EmployeeId, RoomId, TenantId
from shared.tenancy import Caller
from tests.integration.gateway.saying import (
    NOW,
    activity_fact,
    activity_state,
    activity_view,
    person,
    said,
    text,
    vip,
)
from tests.integration.gateway.world import Models

ROOM, COMPANY, SELLER, OTHER = (UUID(int=number) for number in range(11, 15))


def history(tenant_id: UUID, chance: random.Random) -> list[PublishedEvent]:
    """Some activities of two rooms and three clients, through several versions, with names and
    texts.
    """
    facts: list[PublishedEvent] = []
    clients = [UUID(int=100 + number) for number in range(3)]
    for number in range(6):
        activity_id, room = UUID(int=1000 + number), chance.choice([ROOM, UUID(int=99)])
        for version in range(1, chance.randint(2, 7)):
            seller = chance.choice([None, SELLER, OTHER]) if version > 1 else None
            more: dict[str, Any] = (
                {"next_step_due_at": NOW + timedelta(hours=version)}
                if seller and version % 2
                else {}
            )
            if chance.random() < 0.15:
                seller, more = None, {"status": "lost", "stage": "lost"}
            facts.append(
                activity_fact(
                    tenant_id,
                    activity_id,
                    version,
                    activity_state(room, chance.choice(clients), COMPANY, seller, **more),
                )
            )
            if chance.random() < 0.5:
                facts.append(text(tenant_id, activity_id, f"note {version}", version))
    facts += [
        person(tenant_id, client, f"Клиент {version}", version)
        for client in clients
        for version in (1, 2)
    ]
    facts += [
        vip(tenant_id, UUID(int=7), version, chance.choice([SELLER, OTHER, None]))
        for version in range(1, 6)
    ]
    return facts


@pytest.mark.parametrize("seed", range(12))
async def test_any_order_and_repetition_gives_the_same_models(models: Models, seed: int) -> None:
    chance, tenant_id = random.Random(seed), TenantId(uuid4())
    facts = history(tenant_id, chance)
    await models.folding.apply(tenant_id, facts, models.live)
    other = await models.fresh()
    shuffled = facts * 2
    chance.shuffle(shuffled)
    for start in range(0, len(shuffled), size := chance.randint(1, 9)):
        await models.folding.apply(tenant_id, shuffled[start : start + size], other)
    assert (
        differences(await snapshot(models.store, models.live), await snapshot(models.store, other))
        == []
    )


@pytest.mark.parametrize("seed", range(6))
async def test_folding_at_the_same_time_gives_the_same_models(models: Models, seed: int) -> None:
    chance, tenant_id = random.Random(seed), TenantId(uuid4())
    facts = history(tenant_id, chance)
    await models.folding.apply(tenant_id, facts, models.live)
    other = await models.fresh()
    shuffled = facts * 3
    chance.shuffle(shuffled)
    await asyncio.gather(
        *(models.folding.apply(tenant_id, shuffled[part::8], other) for part in range(8))
    )
    assert (
        differences(await snapshot(models.store, models.live), await snapshot(models.store, other))
        == []
    )


async def pool_of(
    models: Models, tenant_id: TenantId, room: UUID = ROOM, **more: Any
) -> dict[str, Any]:
    room_fact = said(
        tenant_id,
        RoomChanged(room_id=RoomId(room), name="Север", company_ids=[CompanyId(COMPANY)]),
        room,
        1,
    )
    await models.folding.apply(tenant_id, [room_fact], models.live)
    asked = {"company_id": None, "after": None, "limit": 50} | more
    caller = Caller(tenant_id, EmployeeId(SELLER), frozenset({"seller"}), frozenset({RoomId(room)}))
    found = await pool.page(
        models.generations,
        caller,
        room,
        asked["company_id"],
        asked["after"],
        asked["limit"],
        datetime.now(UTC),
    )
    assert found is not None
    answer: dict[str, Any] = orjson.loads(found)
    return answer


async def test_the_pool_pages_oldest_first_by_company_too(models: Models) -> None:
    tenant_id, client = TenantId(uuid4()), uuid4()
    ids = [UUID(int=500 + number) for number in range(7)]
    companies = [COMPANY if number % 2 else UUID(int=77) for number in range(7)]
    facts = [
        activity_fact(tenant_id, id_, 1, activity_state(ROOM, client, company))
        for id_, company in zip(ids, companies, strict=True)
    ]
    await models.folding.apply(tenant_id, facts, models.live)
    first = await pool_of(models, tenant_id, limit=4)
    rest = await pool_of(models, tenant_id, after=ids[3], limit=4)
    assert [UUID(item["id"]) for item in first["items"] + rest["items"]] == ids
    assert first["next_cursor"] and rest["next_cursor"] is None
    mine = await pool_of(models, tenant_id, company_id=COMPANY)
    assert [item["company_id"] for item in mine["items"]] == [str(COMPANY)] * 3


async def test_fragments_are_what_the_owner_would_answer_and_overdue_is_judged_at_reading(
    models: Models,
) -> None:
    tenant_id, client, activity_id = TenantId(uuid4()), uuid4(), uuid4()
    state = activity_state(
        ROOM, client, COMPANY, next_step_due_at=datetime.now(UTC) + timedelta(milliseconds=1500)
    )
    await models.folding.apply(
        tenant_id,
        [activity_fact(tenant_id, activity_id, 1, state), person(tenant_id, client, "ООО")],
        models.live,
    )
    (shown,) = (await pool_of(models, tenant_id))["items"]
    assert shown == activity_view(activity_id, 1, state, "ООО")
    await asyncio.sleep(1.6)
    (late,) = (await pool_of(models, tenant_id))["items"]
    assert [item["what"] for item in late["checklist"]["overdue"]] == ["next_step"]
    assert {**late, "checklist": None} == {**shown, "checklist": None}


async def test_names_and_notes_come_late_are_renamed_and_erased(models: Models) -> None:
    tenant_id, client, activity_id = TenantId(uuid4()), uuid4(), uuid4()

    async def shown() -> tuple[str, str | None]:
        (item,) = (await pool_of(models, tenant_id))["items"]
        return item["client"]["name"], item["note"]

    async def hear(fact: PublishedEvent) -> None:
        await models.folding.apply(tenant_id, [fact], models.live)

    await hear(activity_fact(tenant_id, activity_id, 1, activity_state(ROOM, client, COMPANY)))
    assert await shown() == ("", None)
    await hear(person(tenant_id, client, "Ромашка"))
    await hear(text(tenant_id, activity_id, "звонить утром"))
    assert await shown() == ("Ромашка", "звонить утром")
    await hear(person(tenant_id, client, "Лютик", 3))
    await hear(person(tenant_id, client, "старое имя", 2))
    assert await shown() == ("Лютик", "звонить утром")
    await models.folding.erase(tenant_id, client, models.live)
    await models.folding.erase(tenant_id, activity_id, models.live)
    assert await shown() == ("", None)
    await hear(person(tenant_id, client, "из старой записи", 2))
    await hear(activity_fact(tenant_id, activity_id, 2, activity_state(ROOM, client, COMPANY)))
    assert await shown() == ("", None)
    assert "Лютик".encode() not in repr(await snapshot(models.store, models.live)).encode()


async def test_an_own_write_is_seen_before_its_fact_and_the_fact_changes_nothing_on_screen(
    models: Models,
) -> None:
    tenant_id, client, activity_id = TenantId(uuid4()), uuid4(), uuid4()
    state = activity_state(ROOM, client, COMPANY)
    view = activity_view(activity_id, 1, state, "ООО", {"note": "сказал позже"})
    response = CommandResponse("activity", view, {}, {})
    await models.store.run(*response_calls(response, models.live.of(tenant_id)))
    assert (await pool_of(models, tenant_id))["items"] == [view]
    await models.folding.apply(
        tenant_id, [activity_fact(tenant_id, activity_id, 1, state)], models.live
    )
    assert (await pool_of(models, tenant_id))["items"] == [view]


async def test_an_own_write_is_not_undone_by_an_earlier_fact(models: Models) -> None:
    tenant_id, client, activity_id = TenantId(uuid4()), uuid4(), uuid4()
    taken = activity_state(ROOM, client, COMPANY, SELLER)
    view = activity_view(activity_id, 2, taken, "ООО")
    response = CommandResponse("activity", view, {}, {})
    await models.store.run(*response_calls(response, models.live.of(tenant_id)))
    first = activity_fact(tenant_id, activity_id, 1, activity_state(ROOM, client, COMPANY))
    await models.folding.apply(tenant_id, [first], models.live)
    assert (await pool_of(models, tenant_id))["items"] == []


def an_accrual(
    tenant_id: UUID, company: UUID, version: int, total: str, period: str
) -> PublishedEvent:
    money = {"amount": total, "currency": "RUB"}
    line = {
        "entry_id": uuid4(),
        "employee_id": SELLER,
        "personnel_number": None,
        "company_id": company,
        "room_id": ROOM,
        "period": period,
        "amount": money,
        "activity_id": None,
        "plan_id": None,
        "plan_version": None,
        "rule": "5%",
        "corrects": None,
        "posted_at": NOW,
        "statement_total": money,
    }
    return said(tenant_id, AccrualPosted.model_validate(line), UUID(int=company.int + 1), version)


async def test_the_desk_adds_up_a_sellers_day(models: Models) -> None:
    tenant_id, client = TenantId(uuid4()), uuid4()
    now = datetime.now(UTC)
    room_settings = dict.fromkeys(
        ("activity_reset_days", "vip_reset_days", "renewal_horizon_days"), 7
    )
    settings = RoomSettingsChanged(
        room_id=RoomId(ROOM),
        company_id=CompanyId(COMPANY),
        changed_by=None,
        retake_cooldown_seconds=600,
        vip_in_development_limit=3,
        vip_by_receipts_limit=4,
        **room_settings,
    )
    mine = activity_state(
        ROOM,
        client,
        COMPANY,
        SELLER,
        next_step_due_at=now - timedelta(hours=1),
        reset_due_at=now + timedelta(hours=2),
        responsible_since=now,
    )
    facts = [
        said(
            tenant_id,
            TenantChanged(tenant_id=tenant_id, time_zone="UTC", currency="RUB"),
            tenant_id,
            1,
        ),
        said(tenant_id, settings, uuid4(), 1),
        activity_fact(tenant_id, UUID(int=61), 2, mine),
        activity_fact(tenant_id, UUID(int=62), 1, activity_state(ROOM, client, COMPANY)),
        vip(tenant_id, UUID(int=63), 1, SELLER),
        an_accrual(tenant_id, COMPANY, 2, "150.50", f"{now:%Y-%m}"),
        an_accrual(tenant_id, COMPANY, 1, "100.00", f"{now:%Y-%m}"),
        an_accrual(tenant_id, OTHER, 1, "9.50", f"{now:%Y-%m}"),
        an_accrual(tenant_id, OTHER, 1, "777.00", "2020-01"),
    ]
    await models.folding.apply(tenant_id, facts, models.live)
    await pool_of(models, tenant_id)
    caller = Caller(tenant_id, EmployeeId(SELLER), frozenset({"seller"}), frozenset({RoomId(ROOM)}))
    found = await desk.read(models.generations, caller, [ROOM], now)
    assert found
    shown = orjson.loads(found.render(now))
    assert [item["id"] for item in shown["mine"]["in_work"]] == [str(UUID(int=61))]
    assert (
        len(shown["overdue_steps"])
        == len(shown["about_to_reset"])
        == shown["pool_count"]
        == shown["mine_count"]
        == 1
    )
    assert shown["vip"] == {
        "in_development": 1,
        "by_receipts": 0,
        "places": {"in_development": 3, "by_receipts": 4},
    }
    assert shown["pay"] == {
        "period": f"{now:%Y-%m}",
        "total": {"amount": "160.00", "currency": "RUB"},
    }
    assert abs(
        datetime.fromisoformat(shown["ready_to_take_at"]) - now - timedelta(seconds=600)
    ) < timedelta(milliseconds=2)
    assert shown["missing"] == []
    assert list(shown) == list(desk.DeskView.model_fields)
    assert desk.DeskView.model_validate(shown, extra="forbid")
    empty = await desk.read(models.generations, caller, [], now)
    assert empty and orjson.loads(empty.render(now))["mine"] == {}


async def test_a_vip_is_counted_for_its_holder_alone(models: Models) -> None:
    tenant_id, id_ = TenantId(uuid4()), uuid4()
    for version, holder, kind in (
        (3, OTHER, "by_receipts"),
        (1, SELLER, "in_development"),
        (2, None, ""),
        (3, OTHER, "by_receipts"),
    ):
        await models.folding.apply(
            tenant_id, [vip(tenant_id, id_, version, holder, kind)], models.live
        )
    counts = await models.store.redis.hgetall(models.live.of(tenant_id).tenant("vip_counts"))
    assert counts == {f"{OTHER}:by_receipts".encode(): b"1"}
