"""What was promised is told, kept or not, and nothing of it is overwritten."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.activities.conftest import NewTenant
from tests.support.money import rub


def step(what: str, days: int = 1) -> dict[str, str]:
    return {"what": what, "due_at": (datetime.now(UTC) + timedelta(days=days)).isoformat()}


async def test_a_promise_that_another_replaces_stays_in_the_timeline(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    await tenant.do(seller, activity, "interactions", kind="call", next_step=step("обещание 1"))
    await tenant.do(seller, activity, "interactions", kind="note", next_step=step("обещание 2"))
    await tenant.do(seller, activity, "interactions", kind="note", step="dropped", note="не нужно")
    seen = await tenant.see(activity)
    assert seen["next_step"] is None
    told = [(entry.get("step"), entry.get("step_what")) for entry in seen["timeline"][:3]]
    assert told == [("dropped", "обещание 2"), ("moved", "обещание 1"), (None, None)]


async def test_what_was_promised_is_not_on_the_bus(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    await tenant.do(seller, activity, "interactions", kind="call", next_step=step("обещание"))
    await tenant.do(seller, activity, "release", reason="Не моё")
    rows = await tenant.reader.fetch(
        "SELECT type, convert_from(value, 'UTF8') AS value FROM outbox"
        " WHERE tenant_id = $1 AND topic LIKE '%activities%'",
        tenant.tenant_id,
    )
    assert not [row["type"] for row in rows if "обещание" in row["value"]]
    (released,) = (row["value"] for row in rows if row["type"] == "activity.released")
    assert '"step":"dropped"' in released


async def test_a_released_activity_comes_without_the_former_ones_promise(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    activity = await tenant.register(anna, take=True)
    late = step("перезвонить", days=-1)
    await tenant.do(anna, activity, "interactions", kind="call", next_step=late)
    await tenant.do(anna, activity, "release", reason="Не моё")
    taken = await tenant.do(boris, activity, "take")
    assert taken["next_step"] is None and not taken["checklist"]["overdue"]
    entry = (await tenant.see(activity))["timeline"][1]
    assert (entry["what"], entry["step"], entry["step_what"]) == (
        "activity.released",
        "dropped",
        "перезвонить",
    )


async def test_a_won_activity_keeps_its_promise_and_takes_interactions(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller, stranger = await tenant.users(2)
    activity = await tenant.register(seller, take=True)
    renewal = step("звонок о продлении", days=24)
    await tenant.do(seller, activity, "interactions", kind="call", next_step=renewal)
    await tenant.do(seller, activity, "invoices", amount=rub(1000))
    won = await tenant.do(seller, activity, "payments", amount=rub(1000))
    assert (won["status"], won["next_step"]["what"]) == ("won", "звонок о продлении")
    called = await tenant.do(seller, activity, "interactions", kind="call", next_step=step("ещё"))
    assert (called["status"], called["next_step"]["what"]) == ("won", "ещё")
    refused = await tenant.command(stranger, activity, "interactions", kind="call")
    assert refused.code == "forbidden"


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"kind": "call", "step": "moved"}, 422, {"next_step": "required_with"}),
        ({"kind": "call", "step": "dropped"}, 422, {"note": "required_with"}),
        ({"kind": "call", "step": "forgotten"}, 422, {"step": "one_of"}),
        ({"kind": "note", "step": "kept"}, 409, {}),
    ],
)
async def test_an_end_that_says_nothing_is_refused(
    new_tenant: NewTenant, body: Any, status: int, told: dict[str, str]
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    refused = await tenant.command(seller, activity, "interactions", **body)
    assert (refused.status, refused.fields) == (status, told)
    if status == 409:
        assert refused.code == "no_next_step"
    assert (await tenant.see(activity))["version"] == activity["version"]
