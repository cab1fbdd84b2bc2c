"""The service as a process: facts from Kafka in, pay by HTTP and Kafka out."""

import asyncio
import json
from typing import Any

from aiokafka import AIOKafkaConsumer

from shared.events import MOTIVATION
from shared.ids import ActivityId, new_id
from tests.integration.motivation.tenant import Tenant
from tests.integration.motivation.world import PERCENT, World


async def test_a_win_on_kafka_is_pay_by_http_and_on_kafka(world: World) -> None:
    tenant, activity = world.tenant, ActivityId(new_id())
    plan = await world.plan(
        PERCENT,
        {
            "kind": "fixed",
            "amount": {"amount": "300.00", "currency": "RUB"},
            "source_kind": "inbound",
        },
    )
    assert (plan["status"], plan["plan_version"], plan["rules"][0]["percent"]) == (
        "published",
        1,
        "5.00",
    )
    facts = [
        tenant.about(activity, 1, tenant.state("1000")),
        tenant.about(activity, 2, tenant.state("400")),
    ]
    await world.tell(*facts)
    shown = await world.statement("20.00")
    accrual, correction = shown["lines"]
    assert (accrual["kind"], accrual["amount"]["amount"], accrual["personnel_number"]) == (
        "accrual",
        "50.00",
        "001",
    )
    assert (correction["kind"], correction["amount"]["amount"], correction["corrects"]) == (
        "correction",
        "-30.00",
        accrual["id"],
    )
    assert len(shown["checksum"]) == 64 and shown["closed_at"] is None
    status, why = await world.caller("seller", employee=tenant.sellers[0]).send(
        "GET", f"/accruals/{accrual['id']}"
    )
    assert status == 200
    assert (why["rule"]["name"], why["rule"]["terms"]["percent"], why["inputs"]["receipts"]) == (
        "1:percent_of_receipts",
        "5.00",
        "1000.00",
    )
    assert [(fact["id"], fact["version"]) for fact in why["facts"]] == [
        (str(facts[0].envelope.id), 1)
    ]
    assert [line["id"] for line in why["corrections"]] == [correction["id"]]
    status, why = await world.caller("admin").send("GET", f"/accruals/{correction['id']}")
    assert why["inputs"]["posted_before"] == "50.00" and len(why["facts"]) == 2
    published = await said(world, 3)
    assert [fact["type"] for fact in published] == [
        "plan.published",
        "accrual.posted",
        "correction.posted",
    ]
    assert published[2]["value"]["statement_total"] == {"amount": "20.00", "currency": "RUB"}


async def said(world: World, count: int) -> list[dict[str, Any]]:
    """The first `count` facts that the service published about the tenant."""
    reader = AIOKafkaConsumer(
        world.installation.namespace + MOTIVATION,
        bootstrap_servers=world.installation.kafka,
        auto_offset_reset="earliest",
    )
    await reader.start()
    found: list[dict[str, Any]] = []
    try:
        async with asyncio.timeout(20):
            while len(found) < count:
                record = await reader.getone()
                told = dict(record.headers)
                if told["ce_tenantid"].decode() == str(world.tenant.id):
                    found.append(
                        {"type": told["ce_type"].decode(), "value": json.loads(record.value)}
                    )
    finally:
        await reader.stop()
    return sorted(found, key=lambda fact: fact["type"] != "plan.published")


async def test_a_plan_names_what_the_owner_knows(world: World) -> None:
    tenant, admin = world.tenant, world.caller("admin")
    body: dict[str, Any] = {
        "company_id": str(tenant.company),
        "room_id": str(tenant.room),
        "name": "A",
        "effective_from": "2026-11-01",
        "rules": [PERCENT],
    }

    async def refused(status: int, field: str, **changes: Any) -> None:
        found, problem = await admin.send("POST", "/plans", body | changes)
        assert (found, problem["errors"][0]["field"]) == (status, field), problem

    await refused(404, "company_id", company_id=str(new_id()))
    await refused(404, "room_id", room_id=str(new_id()))
    other = Tenant(tenant.database, tenant.context)
    world.owner.known[str(other.company)] = other.directory()[0]
    await refused(422, "room_id", company_id=str(other.company))
    await refused(
        422,
        "rules.0.amount.currency",
        rules=[{"kind": "fixed", "amount": {"amount": "1.00", "currency": "EUR"}}],
    )
    for rule in (
        {"kind": "percent_of_receipts", "percent": 5.5},
        {"kind": "percent_of_receipts", "percent": "NaN"},
        {"kind": "percent_of_receipts", "percent": "1e400"},
        {"kind": "percent_of_receipts", "percent": "0"},
        {"kind": "percent_of_receipts", "percent": "100.01"},
        {"kind": "fixed", "amount": {"amount": "-1", "currency": "RUB"}},
        {"kind": "gift"},
        {**PERCENT, "product_category": "a\u0000"},
        {**PERCENT, "sale": "third"},
        {**PERCENT, "tiers": []},
    ):
        status, problem = await admin.send("POST", "/plans", body | {"rules": [rule]})
        assert (status, problem["code"]) == (422, "invalid"), rule


async def test_who_may_do_and_see_what_about_plans(world: World) -> None:
    room, plan = world.tenant.room, await world.plan()
    for roles, rooms, status in [
        (("admin",), (), 200),
        (("accountant",), (), 200),
        (("head",), (room,), 200),
        (("seller",), (room,), 200),
        (("seller",), (), 404),
        (("head",), (), 404),
        (("marketer",), (), 403),
    ]:
        who = world.caller(*roles, rooms=rooms)
        assert (await who.send("GET", f"/plans/{plan['id']}"))[0] == status, roles
        found, listed = await who.send("GET", "/plans")
        assert found == (403 if status == 403 else 200)
        assert found == 403 or [one["id"] for one in listed["items"]] == (
            [plan["id"]] if status == 200 else []
        )
    assert (await world.caller("head", rooms=(room,)).send("POST", f"/plans/{plan['id']}/publish"))[
        0
    ] == 403
    status, problem = await world.caller("admin").send("POST", f"/plans/{plan['id']}/publish")
    assert (status, problem["code"]) == (409, "plan_published")
    assert (await world.caller("admin").send("POST", f"/plans/{new_id()}/publish"))[0] == 404
    assert (await world.plan())["plan_version"] == 2


async def test_plans_come_in_pages(world: World) -> None:
    made = [(await world.plan())["id"] for _ in range(3)]
    admin = world.caller("admin")
    _, first = await admin.send("GET", "/plans?limit=2")
    _, second = await admin.send("GET", f"/plans?limit=2&cursor={first['next_cursor']}")
    assert [one["id"] for one in first["items"] + second["items"]] == made[::-1] and second[
        "next_cursor"
    ] is None
    for cursor in ("", "nonsense", "Ж", "%00", "A" * 600):
        assert (await admin.send("GET", f"/plans?cursor={cursor}"))[0] == 422, cursor


async def test_who_may_see_whose_pay(world: World) -> None:
    tenant = world.tenant
    anna, boris, _ = tenant.sellers
    await world.plan()
    await world.tell(
        *tenant.directory(), tenant.about(ActivityId(new_id()), 1, tenant.state("1000"))
    )
    line = (await world.statement("50.00"))["lines"][0]["id"]
    for roles, employee, rooms, status in [
        (("seller",), anna, (tenant.room,), 200),
        (("seller",), boris, (tenant.room,), 404),
        (("head",), boris, (tenant.room,), 200),
        (("head",), boris, (), 404),
        (("marketer",), boris, (), 404),
        (("accountant",), boris, (), 200),
        (("admin",), boris, (), 200),
    ]:
        who = world.caller(*roles, employee=employee, rooms=rooms)
        assert (await who.send("GET", f"/statement?employee_id={anna}"))[0] == status, roles
        assert (await who.send("GET", f"/accruals/{line}"))[0] == status, roles
        assert (await who.send("GET", "/statement"))[1]["employee_id"] == str(employee)
    accountant = world.caller("accountant")
    status, problem = await accountant.send("GET", f"/statement?employee_id={new_id()}")
    assert (status, problem["errors"][0]["field"]) == (404, "employee_id")
    for period in ("2026-13", "2026-1", "now", "%00"):
        assert (await accountant.send("GET", f"/statement?period={period}"))[0] == 422
    _, empty = await accountant.send("GET", f"/statement?employee_id={anna}&period=2026-01")
    assert (empty["lines"], empty["total"]["amount"], empty["closed_at"]) == ([], "0.00", None)


async def test_an_accountant_adjusts_and_closes(world: World) -> None:
    tenant, accountant = world.tenant, world.caller("accountant")
    body = {
        "employee_id": str(tenant.sellers[0]),
        "company_id": str(tenant.company),
        "room_id": str(tenant.room),
        "amount": {"amount": "-12.34", "currency": "RUB"},
        "reason": "Возврат аванса",
    }
    once = {"Idempotency-Key": str(new_id())}
    status, line = await accountant.send("POST", "/adjustments", body, **once)
    assert (status, line["kind"], line["amount"]["amount"], line["reason"]) == (
        201,
        "adjustment",
        "-12.34",
        "Возврат аванса",
    )
    assert (await accountant.send("POST", "/adjustments", body, **once)) == (201, line)
    for reason in ("", "  ", "a\u0000"):
        assert (await accountant.send("POST", "/adjustments", body | {"reason": reason}))[0] == 422
    most = {"amount": "999999999999.99", "currency": "RUB"}
    assert (
        await accountant.send("POST", "/adjustments", body | {"amount": most, "period": "2026-01"})
    )[0] == 201
    assert (
        await accountant.send("POST", "/adjustments", body | {"amount": most, "period": "2026-01"})
    )[0] == 422
    assert (
        await accountant.send(
            "POST", "/adjustments", body | {"amount": {"amount": "0", "currency": "RUB"}}
        )
    )[0] == 422
    assert (
        await accountant.send(
            "POST", "/adjustments", body | {"amount": {"amount": "1", "currency": "EUR"}}
        )
    )[0] == 422
    for field in ("employee_id", "company_id", "room_id"):
        status, problem = await accountant.send(
            "POST", "/adjustments", body | {field: str(new_id())}
        )
        assert (status, problem["errors"][0]["field"]) == (404, field)
    assert (await world.caller("head", rooms=(tenant.room,)).send("POST", "/adjustments", body))[
        0
    ] == 403
    shown = await world.statement("-12.34")
    closing = f"/periods/{shown['period']}/close?company_id={tenant.company}"
    assert (await world.caller("head", rooms=(tenant.room,)).send("POST", closing))[0] == 403
    status, closed = await accountant.send("POST", closing)
    assert (status, closed["statements"], closed["totals"]) == (
        200,
        1,
        [{"amount": "-12.34", "currency": "RUB"}],
    )
    status, problem = await accountant.send("POST", closing)
    assert (status, problem["code"]) == (409, "period_closed")
    status, problem = await accountant.send(
        "POST", "/adjustments", body | {"period": shown["period"]}
    )
    assert (status, problem["code"]) == (409, "period_closed")
    assert (await accountant.send("POST", f"/periods/2099-01/close?company_id={tenant.company}"))[
        0
    ] == 422
    assert (await accountant.send("POST", f"/periods/2026-01/close?company_id={new_id()}"))[
        0
    ] == 404
    after = await world.statement("-12.34")
    assert after["closed_at"] == closed["closed_at"]
    sealed = [fact for fact in await said(world, 3) if fact["type"] == "statement.closed"]
    assert [fact["value"]["checksum"] for fact in sealed] == [shown["checksum"]]
