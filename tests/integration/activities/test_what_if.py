"""A past quarter of a room judged by other numbers, on a real PostgreSQL."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from services.activities.api.what_if_bodies import WhatIfView
from services.activities.handlers import what_if as handlers
from shared.ids import JobId, new_id
from shared.service_context import ServiceContext
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.jobs import let_jobs_run
from tests.integration.activities.tenant import Tenant, User

# The quarter begins in Moscow three hours before it does in UTC.
SINCE = datetime(2026, 6, 30, 21, tzinfo=UTC)
PATH = "/motivation/what-if"


def on(day: float) -> datetime:
    """So many days after the quarter began."""
    return SINCE + timedelta(days=day)


async def lived(tenant: Tenant, *lines: tuple[str, datetime, Mapping[str, Any]]) -> Any:
    """An activity of the room with a past of these lines."""
    activity = await tenant.register(await tenant.user())
    id_ = UUID(activity["id"])
    await tenant.reader.execute(
        "UPDATE activity SET created_at = $2, progress_at = $2 WHERE id = $1", id_, on(-10)
    )
    await tenant.reader.execute("DELETE FROM activity_entry WHERE activity_id = $1", id_)
    for version, (what, at, details) in enumerate(lines, 1):
        await tenant.reader.execute(
            "INSERT INTO activity_entry (tenant_id, activity_id, version, at, what, details)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            tenant.tenant_id,
            id_,
            version,
            at,
            what,
            orjson.dumps(details, default=str).decode(),
        )
    return activity


def taken(day: float, seller: User, how: str = "taken") -> tuple[str, datetime, dict[str, Any]]:
    return "activity.taken", on(day), {"responsible": seller.id, "how": how}


def talked(day: float) -> tuple[str, datetime, dict[str, Any]]:
    return "interaction.recorded", on(day), {"kind": "call"}


def reset(day: float, seller: User) -> tuple[str, datetime, dict[str, Any]]:
    late = on(day) + timedelta(seconds=1)
    return "activity.reset", late, {"former": seller.id, "due_at": on(day)}


def asked(tenant: Tenant, settings: Mapping[str, int], quarter: str = "2026-Q3") -> dict[str, Any]:
    return {
        "room_id": str(tenant.room_id),
        "company_id": str(tenant.company_id),
        "quarter": quarter,
        "settings": dict(settings),
    }


async def found(tenant: Tenant, context: ServiceContext, **settings: int) -> Any:
    """What a head is told, once the job is through."""
    head = await tenant.user("head")
    started = await tenant.call(head, "POST", PATH, asked(tenant, settings))
    assert started.status == 202, started.body
    await let_jobs_run(tenant, context)
    shown = await tenant.call(head, "GET", f"{PATH}/{started.body['id']}")
    assert shown.status == 200, shown.body
    assert WhatIfView.model_validate(shown.body)
    assert shown.body["state"] == "succeeded"
    report = await tenant.call(head, "GET", f"/jobs/{started.body['id']}/report")
    assert report.status == 200
    rows = report.body.decode("utf-8-sig").strip().split("\r\n")[1:]
    kinds = [shown.body[kind]["count"] for kind in ("lost", "kept", "refused")]
    assert len(rows) == sum(kinds)
    return shown.body


def first(part: Any) -> list[tuple[str, str, datetime]]:
    return [
        (each["activity_id"], each["employee_id"], datetime.fromisoformat(each["at"]))
        for each in part["first"]
    ]


async def test_who_would_have_lost_and_kept_what(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    slow = await lived(tenant, taken(1, anna), talked(9), ("activity.lost", on(30), {}))
    await lived(tenant, taken(1, anna), talked(5), talked(9), ("activity.won", on(12), {}))
    both = await lived(tenant, taken(2, boris), reset(16, boris))
    await lived(tenant, taken(-40, boris), ("activity.lost", on(-30), {}))
    by_five = await found(tenant, context, activity_reset_days=5)
    assert first(by_five["lost"]) == [
        (slow["id"], str(anna.id), on(6)),
        (both["id"], str(boris.id), on(7)),
    ]
    assert by_five["lost"]["in_fact"] == 1
    assert by_five["lost"]["first"][1]["in_fact_at"] == on(16).isoformat().replace("+00:00", "Z")
    assert by_five["employees"] == [
        {"employee_id": str(seller.id), "lost": 1, "kept": 0, "refused": 0}
        for seller in sorted((anna, boris), key=lambda each: each.id)
    ]
    for days in (30, 0):
        longer = await found(tenant, context, activity_reset_days=days)
        assert (longer["lost"]["count"], first(longer["kept"])) == (
            0,
            [(both["id"], str(boris.id), on(16))],
        )


async def test_which_takes_would_have_been_refused(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    await lived(tenant, taken(1, anna))
    second = await lived(tenant, taken(1.01, anna))
    await lived(tenant, taken(1.01, boris), taken(1.02, anna, "assigned"))
    third = await lived(tenant, taken(2, anna))
    view = await found(tenant, context, retake_cooldown_seconds=3600)
    (refused,) = view["refused"]["first"]
    assert (refused["activity_id"], refused["retry_after_seconds"]) == (second["id"], 2736)
    assert (view["refused"]["count"], view["refused"]["takes"]) == (1, 4)
    stricter = await found(tenant, context, retake_cooldown_seconds=80_000)
    assert [each[0] for each in first(stricter["refused"])] == [second["id"]], third


async def test_it_changes_nothing_and_answers_the_same_twice(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    (anna,) = await tenant.users(1)
    for day in range(1, 6):
        await lived(tenant, taken(day, anna), talked(day + 3), reset(day + 17, anna))
    # So that the people whom `found` asks as are there.
    await tenant.user("head")
    before = await rows_of(tenant)
    answers = [
        await found(tenant, context, activity_reset_days=5, retake_cooldown_seconds=86_500)
        for _ in range(2)
    ]
    for answer in answers:
        for name in ("job_id", "created_at", "asked_by"):
            del answer[name]
    assert answers[0] == answers[1]
    assert answers[0]["lost"]["count"] == 5
    assert answers[0]["refused"]["count"]
    assert await rows_of(tenant) == before


async def rows_of(tenant: Tenant) -> list[list[Any]]:
    tables = ("activity", "activity_entry", "room_settings", "room_settings_change")
    return [
        await tenant.reader.fetch(
            f"SELECT * FROM {table} t WHERE tenant_id = $1 ORDER BY t::text", tenant.tenant_id
        )
        for table in tables
    ]


async def test_a_large_room_is_judged_batch_by_batch(
    new_tenant: NewTenant, context: ServiceContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = await new_tenant()
    (anna,) = await tenant.users(1)
    for day in range(5):
        await lived(tenant, taken(day, anna))
    head = await tenant.user("head")
    monkeypatch.setattr(handlers, "BATCH", 2)
    async with context.database.begin_for(tenant.tenant_id) as tx:
        command = handlers.AskWhatIf(
            tenant.room_id, tenant.company_id, "2026-Q3", {"activity_reset_days": 5}
        )
        job = await handlers.ask_what_if(tx, command, tenant.caller_of(head))
    await let_jobs_run(tenant, context)
    view = (await tenant.call(head, "GET", f"{PATH}/{job.id}")).body
    assert view["lost"]["count"] == 5
    shown = (await tenant.call(head, "GET", f"/jobs/{job.id}")).body
    assert (shown["done"], shown["total"]) == (5, 5)


async def test_only_who_oversees_the_room_asks_and_reads(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant, other = await new_tenant(), await new_tenant()
    head, body = await tenant.user("head"), asked(tenant, {})
    started = await tenant.call(head, "POST", PATH, body)
    assert started.status == 202
    await let_jobs_run(tenant, context)
    path = f"{PATH}/{started.body['id']}"
    back = await tenant.another_room()
    outsider = await tenant.user("head", room_id=back)
    seller_here = await tenant.head_here_seller_there(back, tenant.room_id)
    for stranger, asking in ((outsider, 404), (seller_here, 403)):
        assert (await tenant.call(stranger, "POST", PATH, body)).status == asking
        assert (await tenant.call(stranger, "GET", path)).status == 404
        assert (await tenant.call(stranger, "GET", f"{path[:-36]}{new_id()}")).status == 404
    assert (await tenant.call(await tenant.user(), "GET", path)).status == 403
    foreign = await other.user("head")
    assert (await other.call(foreign, "POST", PATH, body)).status == 404
    assert (await other.call(foreign, "GET", path)).status == 404
    assert (await other.call(foreign, "GET", f"/jobs/{started.body['id']}/report")).status == 404
    assert (await tenant.call(tenant.admin, "GET", path)).status == 200


@pytest.mark.parametrize(
    ("quarter", "rule"), [("2026-Q4", "quarter_ended"), ("2026-Q5", "quarter"), ("2026", "quarter")]
)
async def test_a_quarter_is_one_that_has_ended(
    new_tenant: NewTenant, quarter: str, rule: str
) -> None:
    tenant = await new_tenant()
    answer = await tenant.call(tenant.admin, "POST", PATH, asked(tenant, {}, quarter))
    assert answer.status == 422
    assert [(each["field"], each["rule"]) for each in answer.body["errors"]] == [("quarter", rule)]


async def test_a_step_that_is_tried_again_finds_each_once(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    (anna,) = await tenant.users(1)
    await lived(tenant, taken(1, anna))
    head = await tenant.user("head")
    async with context.database.begin_for(tenant.tenant_id) as tx:
        command = handlers.AskWhatIf(
            tenant.room_id, tenant.company_id, "2026-Q3", {"activity_reset_days": 5}
        )
        job = await handlers.ask_what_if(tx, command, tenant.caller_of(head))
    with pytest.raises(RuntimeError):
        async with context.database.begin_for(tenant.tenant_id) as tx:
            await handlers.judge(tx, JobId(job.id), None)
            raise RuntimeError("the process dies before its commit")
    await let_jobs_run(tenant, context)
    assert (await tenant.call(head, "GET", f"{PATH}/{job.id}")).body["lost"]["count"] == 1
