"""The timeline, newest first, and the responsibles, however long it is."""

from itertools import pairwise
from typing import Any
from uuid import UUID

from services.activities.storage.tables.activities import CONCERNS_RESPONSIBLE
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant

LONG = 1005
_LENGTHEN = """
    INSERT INTO activity_entry (tenant_id, activity_id, version, at, who, what, details, note)
    SELECT $1, $2, version, clock_timestamp(), NULL, 'interaction.recorded',
           '{"kind": "call", "has_note": true}', 'n' || version
    FROM generate_series($3::bigint, $4::bigint) AS version
"""


async def lengthen(tenant: Tenant, activity: Any, entries: int = LONG) -> int:
    """Adds interactions as if they had been recorded one by one; the activity's version."""
    version = int((await tenant.see(activity))["version"])
    place = (tenant.tenant_id, UUID(activity["id"]))
    await tenant.reader.execute(_LENGTHEN, *place, version + 1, version + entries)
    await tenant.reader.execute(
        "UPDATE activity SET version = $3 WHERE tenant_id = $1 AND id = $2",
        *place,
        version + entries,
    )
    return version + entries


async def test_the_newest_of_a_long_timeline_are_there(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    version = await lengthen(tenant, activity)
    await tenant.do(seller, activity, "interactions", kind="call", note="последний")
    seen = await tenant.see(activity)
    assert len(seen["timeline"]) == 100
    assert [entry["version"] for entry in seen["timeline"]] == list(
        range(version + 1, version - 99, -1)
    )
    assert (seen["timeline"][0]["note"], seen["timeline"][1]["note"]) == (
        "последний",
        f"n{version}",
    )


async def test_the_older_entries_follow_by_cursor(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    version = await lengthen(tenant, activity)
    path = f"/activities/{activity['id']}/timeline"
    pages = await tenant.pages(seller, path, 200)
    assert [entry["version"] for entry in pages] == list(range(version, 0, -1))
    assert len({entry["id"] for entry in pages}) == version
    seen = await tenant.see(activity)
    older = await tenant.call(seller, "GET", f"{path}?cursor={seen['timeline_cursor']}")
    assert older.body["items"][0]["version"] == seen["timeline"][-1]["version"] - 1
    assert pages[:100] == seen["timeline"]


async def test_a_short_timeline_has_no_cursor(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seen = await tenant.see(await tenant.register())
    assert (len(seen["timeline"]), seen["timeline_cursor"]) == (1, None)


async def test_the_timeline_of_another_room_does_not_exist(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    outsider = await tenant.user(room_id=await tenant.another_room())
    activity = await tenant.register()
    path = f"/activities/{activity['id']}/timeline"
    assert (await tenant.call(outsider, "GET", path)).code == "not_found"
    broken = await tenant.call(tenant.admin, "GET", f"{path}?cursor=zzz")
    assert broken.fields == {"cursor": "cursor"}


async def test_responsibles_do_not_depend_on_the_length_of_the_timeline(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    head = await tenant.user("head")
    anna, boris = await tenant.users(2)
    activity = await tenant.register(anna, take=True)
    await tenant.do(anna, activity, "release", reason="Не моё")
    await lengthen(tenant, activity)
    await tenant.do(head, activity, "assign", employee_id=str(boris.id))
    await tenant.do(head, activity, "assign", employee_id=str(anna.id))
    await tenant.do(head, activity, "assign", employee_id=None)
    await tenant.do(boris, activity, "take")
    await tenant.do(boris, activity, "lose", reason="Передумали")
    await tenant.do(boris, activity, "reopen")
    responsibles = (await tenant.see(activity))["responsibles"]
    told = [
        (each["employee_id"], each["how"], each["by"], each["why"], each["ended_by"])
        for each in responsibles
    ]
    one, two, three = str(anna.id), str(boris.id), str(head.id)
    assert told == [
        (one, "registered", one, "released", one),
        (two, "assigned", three, "reassigned", three),
        (one, "assigned", three, "taken_away", three),
        (two, "taken", two, "lost", two),
        (two, "reopened", two, None, None),
    ]
    for earlier, later in pairwise(responsibles):
        assert earlier["since"] <= earlier["until"] <= later["since"]


async def test_the_queries_read_their_indexes(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    activity = await tenant.register()
    # So many that reading and sorting them all would show.
    await lengthen(tenant, activity, 20_000)
    place = (tenant.tenant_id, UUID(activity["id"]))
    await tenant.reader.execute("ANALYZE activity_entry")
    newest = await tenant.reader.fetch(
        "EXPLAIN SELECT * FROM activity_entry WHERE tenant_id = $1 AND activity_id = $2"
        " ORDER BY version DESC LIMIT 101",
        *place,
    )
    assert any("Index Scan Backward using pk_activity_entry" in row[0] for row in newest), newest
    few = await tenant.reader.fetch(
        "EXPLAIN SELECT version FROM activity_entry WHERE tenant_id = $1 AND activity_id = $2"
        f" AND {CONCERNS_RESPONSIBLE} ORDER BY version DESC LIMIT 1000",
        *place,
    )
    assert any("ix_activity_entry_responsible" in row[0] for row in few), few
