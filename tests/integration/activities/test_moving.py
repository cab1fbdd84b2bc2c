"""An activity moves to another room, and closed ones go on with others; pay stays where it is."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User, all_at_once

WHOLE = {"amount": "1000.00", "currency": "RUB"}
STEP = {"what": "Перезвонить", "due_at": "2026-12-20T10:00:00Z"}


async def head_of(tenant: Tenant, *rooms: UUID) -> User:
    body = {
        "name": "Руководитель",
        "email": f"head-{rooms[-1]}-{len(rooms)}@example.ru",
        "roles": ["head"],
        "room_ids": [str(room) for room in rooms],
    }
    employee = await tenant.create("/employees", **body)
    return User(employee["id"], ("head",), rooms)


async def last_event(tenant: Tenant, activity: Any) -> Any:
    row: asyncpg.Record = await tenant.reader.fetchrow(
        "SELECT type, value FROM outbox WHERE tenant_id = $1 AND aggregate_id = $2"
        " AND topic LIKE '%activities%' ORDER BY aggregate_version DESC LIMIT 1",
        tenant.tenant_id,
        UUID(activity["id"]),
    )
    return {"type": row["type"], **orjson.loads(row["value"])}


def ids(items: Sequence[Any]) -> list[str]:
    return [item["id"] for item in items]


async def test_a_moved_activity_keeps_chain_and_money_and_leaves_its_room(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    there = await tenant.another_room()
    anna, vera = await tenant.user(), await tenant.user(room_id=there)
    head = await head_of(tenant, tenant.room_id, there)
    activity = await tenant.register(anna, take=True)
    await tenant.do(anna, activity, "invoices", amount=WHOLE)
    part = {"amount": "100.00", "currency": "RUB"}
    await tenant.do(anna, activity, "payments", amount=part)
    moved = await tenant.do(head, activity, "move", room_id=str(there), reason="не наш регион")
    assert (moved["room_id"], moved["from_room_id"]) == (str(there), str(tenant.room_id))
    assert (moved["status"], moved["responsible_id"], moved["paid"]) == ("free", None, part)
    for room_id, count in ((tenant.room_id, 0), (there, 1)):
        payments = await tenant.call(head, "GET", f"/payments?room_id={room_id}&state=confirmed")
        assert len(payments.body["items"]) == count, payments.body
    assert (await tenant.command(anna, activity, "take")).status == 404
    pool = await tenant.call(anna, "GET", f"/pool?room_id={tenant.room_id}")
    assert activity["id"] not in ids(pool.body["items"])
    pool = await tenant.call(vera, "GET", f"/pool?room_id={there}")
    assert activity["id"] in ids(pool.body["items"])
    assert (await tenant.call(vera, "GET", f"/clients/{activity['client']['id']}")).status == 200
    assert (await tenant.do(vera, activity, "take"))["responsible_id"] == str(vera.id)
    seen = await tenant.see(activity)
    (entry,) = [each for each in seen["timeline"] if each["what"] == "activity.moved"]
    assert (entry["note"], entry["to_room"]) == ("не наш регион", str(there))


async def test_a_responsible_who_sells_in_both_rooms_goes_on(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    there = await tenant.another_room()
    anna, vera = await tenant.user(), await tenant.user(room_id=there)
    rooms = [str(tenant.room_id), str(there)]
    await tenant.call(tenant.admin, "PATCH", f"/employees/{anna.id}", {"room_ids": rooms})
    activity = await tenant.register(anna, take=True)
    await tenant.do(anna, activity, "interactions", kind="call", next_step=STEP)
    body = {"room_id": str(there), "reason": "так вернее"}
    moved = await tenant.do(tenant.admin, activity, "move", **body)
    assert (moved["responsible_id"], moved["next_step"]["what"]) == (str(anna.id), STEP["what"])
    event = await last_event(tenant, activity)
    assert (event["type"], event["former"], event["responsible"]) == ("activity.moved", None, None)
    again = await tenant.do(tenant.admin, activity, "move", **body)
    assert again["version"] == moved["version"], "it is there already"
    body = {"room_id": str(tenant.room_id), "reason": "обратно", "employee_id": str(vera.id)}
    refused = await tenant.command(tenant.admin, activity, "move", **body)
    assert (refused.status, refused.body["errors"][0]["field"]) == (404, "employee_id")


async def test_moving_needs_both_rooms_and_a_room_that_sells_for_the_company(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    there = await tenant.another_room()
    other_company = await tenant.create("/companies", name="Поле")
    foreign = await tenant.create("/rooms", name="Омск", company_ids=[other_company["id"]])
    seller, here = await tenant.user(), await head_of(tenant, tenant.room_id)
    half = await tenant.head_here_seller_there(tenant.room_id, there)
    activity = await tenant.register(seller, take=True)
    tries: list[tuple[User, str, int]] = [
        (seller, str(there), 403),
        (here, str(there), 404),
        (half, str(there), 403),
        (tenant.admin, foreign["id"], 422),
        (tenant.admin, other_company["id"], 404),
    ]
    for user, room_id, status in tries:
        refused = await tenant.command(user, activity, "move", room_id=room_id, reason="так")
        assert refused.status == status, refused.body
    assert (await tenant.see(activity))["version"] == activity["version"]


async def test_a_won_activity_stays_in_its_room_and_a_lost_one_moves(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    there = await tenant.another_room()
    anna, vera = await tenant.user(), await tenant.user(room_id=there)
    won, lost = [await tenant.register(anna, take=True) for _ in range(2)]
    await win(tenant, anna, won)
    await tenant.do(anna, lost, "lose", reason="дорого")
    body = {"room_id": str(there), "reason": "так вернее"}
    refused = await tenant.command(tenant.admin, won, "move", **body)
    assert (refused.status, refused.body["code"]) == (409, "already_won")
    moved = await tenant.do(tenant.admin, lost, "move", **body, employee_id=str(vera.id))
    assert (moved["status"], moved["responsible_id"]) == ("lost", str(vera.id))
    assert (await tenant.do(vera, lost, "reopen"))["responsible_id"] == str(vera.id)


async def win(tenant: Tenant, seller: User, activity: Any) -> None:
    await tenant.do(seller, activity, "invoices", amount=WHOLE)
    assert (await tenant.do(seller, activity, "payments", amount=WHOLE))["status"] == "won"


async def test_assigning_and_moving_at_once_leave_a_responsible_of_the_room(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    there = await tenant.another_room()
    boris, vera = await tenant.user(), await tenant.user(room_id=there)
    for _ in range(6):
        activity = await tenant.register()
        body = {"room_id": str(there), "reason": "так", "employee_id": str(vera.id)}
        answers = await all_at_once(
            [
                tenant.command(tenant.admin, activity, "assign", employee_id=str(boris.id)),
                tenant.command(tenant.admin, activity, "move", **body),
                tenant.command(boris, activity, "take"),
            ]
        )
        assert {each.status for each in answers} <= {200, 404, 409}
        now = await tenant.see(activity)
        assert (now["room_id"], now["responsible_id"]) == (str(there), str(vera.id))
        await tenant.event_types(activity)


async def test_a_won_activity_is_handed_over_and_its_pay_stays(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    head = await tenant.user("head")
    activity = await tenant.register(anna, take=True)
    await win(tenant, anna, activity)
    assert (
        await tenant.command(boris, activity, "assign", employee_id=str(boris.id))
    ).status == 403
    given = await tenant.do(head, activity, "assign", employee_id=str(boris.id))
    assert (given["status"], given["responsible_id"]) == ("won", str(boris.id))
    assert given["shares"] == [{"employee_id": str(anna.id), "share": "1.0000"}]
    event = await last_event(tenant, activity)
    assert (event["type"], event["former"]) == ("activity.handed_over", str(anna.id))
    assert event["state"]["shares"] == given["shares"]
    again = await tenant.do(head, activity, "assign", employee_id=str(boris.id))
    assert again["version"] == given["version"]
    reopened = await tenant.do(head, activity, "reopen")
    assert (reopened["status"], reopened["responsible_id"]) == ("in_work", str(boris.id))
    assert reopened["shares"] == [{"employee_id": str(boris.id), "share": "1.0000"}], (
        "who is responsible at the next win is paid"
    )


async def test_a_lost_activity_is_remembered_for_whom_it_was_handed_to(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    head = await tenant.user("head")
    activity = await tenant.register(anna, take=True)
    await tenant.do(anna, activity, "lose", reason="дорого")
    given = await tenant.do(head, activity, "assign", employee_id=str(boris.id))
    assert (given["status"], given["responsible_id"]) == ("lost", str(boris.id))
    reopened = await tenant.do(boris, activity, "reopen")
    assert (reopened["status"], reopened["responsible_id"]) == ("in_work", str(boris.id))


async def test_a_colleague_leaves_a_note_and_nothing_more(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    stranger = await tenant.user(room_id=await tenant.another_room())
    activity = await tenant.register(anna, take=True)
    with_step = await tenant.do(anna, activity, "interactions", kind="call", next_step=STEP)
    noted = await tenant.do(boris, activity, "interactions", kind="note", note="Звонил их директор")
    for name in ("responsible_id", "reset_due_at", "progress_at", "next_step"):
        assert noted[name] == with_step[name], name
    seen = await tenant.see(activity)
    assert ("Звонил их директор", str(boris.id)) in [
        (entry["note"], entry["who"]) for entry in seen["timeline"]
    ]
    for body in (
        {"kind": "call"},
        {"kind": "note", "next_step": STEP},
        {"kind": "note", "step": "kept"},
    ):
        assert (await tenant.command(boris, activity, "interactions", **body)).status == 403
    assert (await tenant.command(stranger, activity, "interactions", kind="note")).status == 404


@pytest.mark.parametrize("role", ["accountant", "marketer"])
async def test_who_sells_nothing_leaves_no_note(new_tenant: NewTenant, role: str) -> None:
    tenant = await new_tenant()
    anna, other = await tenant.user(), await tenant.user(role)
    activity = await tenant.register(anna, take=True)
    assert (await tenant.command(other, activity, "interactions", kind="note")).status == 403
