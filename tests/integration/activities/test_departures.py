"""Who stops selling in a room holds nothing there: dismissal and moving hand the work over."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.db import Database
from shared.jobs.worker import JobWorker
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User, all_at_once, statuses
from tests.integration.activities.vips import Vip

STEP = {"what": "Перезвонить", "due_at": "2026-12-20T10:00:00Z"}


async def dismiss(tenant: Tenant, user: User, **body: Any) -> Any:
    path = f"/employees/{user.id}/dismiss"
    return await tenant.call(tenant.admin, "POST", path, body)


async def move(tenant: Tenant, user: User, *rooms: UUID, **body: Any) -> Any:
    path = f"/employees/{user.id}/move"
    body = {"room_ids": [str(room) for room in rooms], **body}
    return await tenant.call(tenant.admin, "POST", path, body)


def to(user: User | None) -> dict[str, Any]:
    return {"to": str(user.id) if user else None}


async def events_about_departures(tenant: Tenant) -> list[Any]:
    rows = await tenant.reader.fetch(
        "SELECT convert_from(value, 'UTF8') AS data FROM outbox"
        " WHERE tenant_id = $1 AND type = 'employee.left' ORDER BY created_at",
        tenant.tenant_id,
    )
    return [row["data"] for row in rows]


async def test_a_dismissed_sellers_work_goes_to_the_successor_with_its_steps(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant(retake_cooldown_seconds=3600)
    anna, boris = await tenant.users(2)
    activity = await tenant.register(anna, take=True)
    await tenant.do(anna, activity, "interactions", kind="call", next_step=STEP)
    answer = await dismiss(tenant, anna, hand_over=to(boris))
    assert answer.status == 200, answer.body
    assert answer.body["employee"]["active"] is False
    (room,) = answer.body["rooms"]
    assert (room["activities"], room["by_stage"], room["promised_steps"]) == (1, {"in_work": 1}, 1)
    assert answer.body["job_id"]
    await job_worker.run_until_idle()
    now = await tenant.see(activity)
    assert (now["responsible_id"], now["how"]) == (str(boris.id), "handed_over")
    assert now["next_step"]["what"] == STEP["what"]
    assert now["timeline"]
    (event,) = await events_about_departures(tenant)
    assert str(boris.id) in event and '"dismissed":true' in event
    job = await tenant.call(tenant.admin, "GET", f"/jobs/{answer.body['job_id']}")
    assert (job.body["state"], job.body["done"], job.body["total"]) == ("succeeded", 1, 1)


@pytest.mark.parametrize("way", ["dismiss", "switch off", "leave the room", "lose the role"])
async def test_work_that_nobody_succeeds_to_is_in_the_pool(
    new_tenant: NewTenant, job_worker: JobWorker, way: str
) -> None:
    tenant = await new_tenant(activity_reset_days=0)
    anna, boris = await tenant.users(2)
    activity = await tenant.register(anna, take=True)
    path = f"/employees/{anna.id}"
    changes: dict[str, dict[str, Any]] = {
        "switch off": {"active": False},
        "leave the room": {"room_ids": []},
        "lose the role": {"roles": ["marketer"]},
    }
    if way == "dismiss":
        answer = await dismiss(tenant, anna)
    else:
        answer = await tenant.call(tenant.admin, "PATCH", path, changes[way])
    assert answer.status == 200, answer.body
    await job_worker.run_until_idle()
    now = await tenant.see(activity)
    assert (now["status"], now["responsible_id"]) == ("free", None)
    assert (await tenant.do(boris, activity, "take"))["responsible_id"] == str(boris.id)


async def test_a_moved_seller_keeps_what_they_work_in_rooms_that_stay(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    there, third = await tenant.another_room(), await tenant.another_room()
    anna, boris = await tenant.users(2)
    assert (await move(tenant, anna, tenant.room_id, there)).body["rooms"] == []
    anna = User(anna.id, anna.roles, (tenant.room_id, there))
    left = await tenant.register(anna, take=True)
    kept = await tenant.register(anna, take=True, room_id=str(there))
    answer = await move(tenant, anna, there, third, hand_over=to(boris))
    assert answer.body["employee"]["room_ids"] == sorted([str(there), str(third)])
    await job_worker.run_until_idle()
    assert (await tenant.see(left))["responsible_id"] == str(boris.id)
    assert (await tenant.see(kept))["responsible_id"] == str(anna.id)


async def test_each_room_may_have_a_successor_of_its_own(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    there = await tenant.another_room()
    anna, boris, vera = await tenant.user(), await tenant.user(), await tenant.user(room_id=there)
    await move(tenant, anna, tenant.room_id, there)
    anna = User(anna.id, anna.roles, (tenant.room_id, there))
    here = await tenant.register(anna, take=True)
    elsewhere = await tenant.register(anna, take=True, room_id=str(there))
    refused = await dismiss(tenant, anna, hand_over=to(boris))
    assert (refused.status, refused.body["errors"][0]["field"]) == (404, "hand_over.to")
    rooms = [{"room_id": str(there), **to(vera)}]
    wrong = await dismiss(tenant, anna, hand_over={"rooms": [{**rooms[0], **to(boris)}]})
    assert (wrong.status, wrong.body["errors"][0]["field"]) == (404, "hand_over.rooms.0.to")
    own = await dismiss(tenant, anna, hand_over=to(anna))
    assert (own.status, own.body["errors"][0]["field"]) == (404, "hand_over.to")
    assert (await tenant.see(here))["responsible_id"] == str(anna.id)
    done = await dismiss(tenant, anna, hand_over={**to(boris), "rooms": rooms})
    assert done.status == 200, done.body
    await job_worker.run_until_idle()
    assert (await tenant.see(here))["responsible_id"] == str(boris.id)
    assert (await tenant.see(elsewhere))["responsible_id"] == str(vera.id)


async def test_a_preview_names_what_is_left_and_changes_nothing(
    new_tenant: NewTenant, database: Database, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    activity = await tenant.register(anna, "Ромашка", take=True)
    lost = await tenant.register(anna, "Лютик", take=True)
    await tenant.do(anna, lost, "lose", reason="дорого")
    await Vip(tenant, database, activity["client"]["id"]).publish((anna.id, 1))
    before = await tenant.call(tenant.admin, "GET", f"/employees/{anna.id}")
    answer = await dismiss(tenant, anna, hand_over=to(boris), preview=True)
    assert answer.status == 200, answer.body
    assert answer.body["employee"] == before.body
    assert answer.body["job_id"] is None
    (room,) = answer.body["rooms"]
    assert (room["activities"], room["renewals"], room["successor_id"]) == (1, 0, str(boris.id))
    assert [each["client"]["name"] for each in answer.body["activities"]] == ["Ромашка"]
    assert [each["client"]["name"] for each in answer.body["vips"]] == ["Ромашка"]
    await job_worker.run_until_idle()
    assert (await tenant.see(activity))["responsible_id"] == str(anna.id)
    assert (await tenant.call(tenant.admin, "GET", f"/employees/{anna.id}")).body == before.body
    assert await events_about_departures(tenant) == []


async def test_only_admins_dismiss_and_move(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    anna, head = await tenant.user(), await tenant.user("head")
    bodies: dict[str, dict[str, Any]] = {"dismiss": {}, "move": {"room_ids": []}}
    for command, body in bodies.items():
        path = f"/employees/{anna.id}/{command}"
        assert (await tenant.call(head, "POST", path, body)).status == 403
        path = f"/employees/{tenant.room_id}/{command}"
        assert (await tenant.call(tenant.admin, "POST", path, body)).status == 404


async def test_the_last_admin_is_not_dismissed(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    for preview in (False, True):
        refused = await dismiss(tenant, tenant.admin, preview=preview)
        assert (refused.status, refused.body["code"]) == (409, "last_admin")


async def test_two_dismissals_at_once_leave_one_successor(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    anna, *heirs = await tenant.users(5)
    activities = [await tenant.register(anna, take=True) for _ in range(3)]
    answers = await all_at_once(dismiss(tenant, anna, hand_over=to(heir)) for heir in heirs)
    assert statuses(answers) == [200, 409, 409, 409]
    assert {each.body["code"] for each in answers if each.status == 409} == {"already_dismissed"}
    (heir,) = [heir for heir, each in zip(heirs, answers, strict=True) if each.status == 200]
    await job_worker.run_until_idle()
    for activity in activities:
        assert (await tenant.see(activity))["responsible_id"] == str(heir.id)
    assert len(await events_about_departures(tenant)) == 1


async def test_a_take_racing_the_dismissal_leaves_nothing_with_the_leaver(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant(retake_cooldown_seconds=0)
    for _ in range(5):
        anna, boris = await tenant.users(2)
        activities = [await tenant.register() for _ in range(4)]
        takes = [tenant.command(anna, activity, "take") for activity in activities]
        *took, dismissed = await all_at_once([*takes, dismiss(tenant, anna, hand_over=to(boris))])
        assert dismissed.status == 200
        assert {each.status for each in took} <= {200, 404}
        await job_worker.run_until_idle()
        for activity, answer in zip(activities, took, strict=True):
            holder = (await tenant.see(activity))["responsible_id"]
            assert holder == (str(boris.id) if answer.status == 200 else None)


async def test_a_colleagues_vip_goes_to_the_colleague(
    new_tenant: NewTenant, database: Database, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    anna, boris, vera = await tenant.users(3)
    activity = await tenant.register(anna, take=True)
    until = datetime.now(UTC) + timedelta(days=3)
    vip = Vip(tenant, database, activity["client"]["id"])
    await vip.publish((vera.id, 1), protected_until=until)
    await dismiss(tenant, anna, hand_over=to(boris))
    await job_worker.run_until_idle()
    now = await tenant.see(activity)
    assert (now["responsible_id"], now["how"]) == (str(vera.id), "vip_routed")
