"""The history of a client: who changed what, from what to what."""

import asyncio
from typing import Any

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User
from tests.integration.activities.test_contacts_of_rooms import THEIRS, shared
from tests.integration.activities.test_merging import EMAIL, PHONE, merge, new_client

OTHER_PHONE = "+74951234568"


async def history(tenant: Tenant, user: User, client_id: str) -> list[Any]:
    return await tenant.pages(user, f"/clients/{client_id}/history", 1)


async def change(tenant: Tenant, user: User, client_id: str, **changes: Any) -> Any:
    response = await tenant.call(user, "PATCH", f"/clients/{client_id}", changes)
    assert response.status == 200, response.body
    return response.body


def scalar(field: str, before: Any, after: Any) -> dict[str, Any]:
    return {"field": field, "before": before, "after": after, "added": [], "removed": []}


def listed(field: str, added: list[str], removed: list[str]) -> dict[str, Any]:
    return {"field": field, "before": None, "after": None, "added": added, "removed": removed}


async def test_a_history_tells_who_changed_what_newest_first(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, colleague = await tenant.users(2)
    client_id = await new_client(tenant, seller, "Ромашка", phones=[PHONE])
    await change(tenant, seller, client_id, name="ООО Ромашка", large=True)
    await change(tenant, colleague, client_id, phones=[OTHER_PHONE], inn="7707083893")
    await change(tenant, colleague, client_id, inn="7707083893")
    newest, middle, oldest = await history(tenant, seller, client_id)
    assert middle["at"] < newest["at"]
    assert newest == {
        "version": 3,
        "at": newest["at"],
        "who": str(colleague.id),
        "what": "changed",
        "changes": [
            scalar("inn", None, "7707083893"),
            listed("phones", [OTHER_PHONE], [PHONE]),
        ],
        "other_client_id": None,
        "import_id": None,
    }
    assert (middle["version"], middle["who"]) == (2, str(seller.id))
    assert middle["changes"] == [
        scalar("name", "Ромашка", "ООО Ромашка"),
        scalar("large", False, True),
    ]
    assert (oldest["version"], oldest["what"], oldest["who"]) == (1, "created", str(seller.id))
    assert oldest["changes"] == []


async def test_what_a_registration_adds_stands_in_the_history(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, colleague = await tenant.users(2)
    client_id = await new_client(tenant, seller, "Ромашка", phones=[PHONE])
    known = {"name": "Ромашка", "kind": "organization", "phones": [PHONE], "emails": [EMAIL]}
    await tenant.register(colleague, client=known)
    added, _ = await history(tenant, seller, client_id)
    assert (added["what"], added["who"]) == ("changed", str(colleague.id))
    assert added["changes"] == [listed("emails", [EMAIL], [])]


async def test_a_merge_stands_in_both_histories_under_both_ids(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, head = await tenant.user(), await tenant.user("head")
    old = await new_client(tenant, seller, "Ромашка", phones=[PHONE])
    into = await new_client(tenant, seller, "ООО Ромашка")
    await change(tenant, seller, old, emails=[EMAIL])
    assert (await merge(tenant, head, old, into)).status == 200
    merged, _ = await history(tenant, seller, into)
    assert (merged["what"], merged["other_client_id"]) == ("merged", old)
    assert (merged["who"], merged["changes"]) == (
        str(head.id),
        [listed("phones", [PHONE], []), listed("emails", [EMAIL], [])],
    )
    ended, changed, created = await history(tenant, seller, old)
    assert (ended["what"], ended["other_client_id"]) == ("merged_into", into)
    assert (ended["who"], changed["what"], created["what"]) == (str(head.id), "changed", "created")


async def test_who_does_not_see_a_client_sees_no_history_of_it(new_tenant: NewTenant) -> None:
    tenant, stranger = await new_tenant(), await new_tenant()
    seller = await tenant.user()
    outsider = await tenant.user(room_id=await tenant.another_room())
    marketer = await tenant.user("marketer")
    old = await new_client(tenant, seller, "Ромашка")
    into = await new_client(tenant, seller, "ООО Ромашка")
    assert (await merge(tenant, tenant.admin, old, into)).status == 200
    for client_id in (old, into):
        path = f"/clients/{client_id}/history"
        assert (await tenant.call(tenant.admin, "GET", path)).status == 200
        assert (await tenant.call(outsider, "GET", path)).status == 404
        assert (await stranger.call(stranger.admin, "GET", path)).status == 404
        assert (await tenant.call(marketer, "GET", path)).status == 403
    bad = await tenant.call(seller, "GET", f"/clients/{into}/history?cursor=x")
    assert (bad.status, bad.body["errors"][0]["field"]) == (422, "cursor")


async def test_a_merged_client_of_another_room_keeps_its_history_there(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    outsider = await tenant.user(room_id=await tenant.another_room())
    old = await new_client(tenant, seller, "Ромашка")
    into = await new_client(tenant, outsider, "ООО Ромашка")
    assert (await merge(tenant, tenant.admin, old, into)).status == 200
    ended, *_ = await history(tenant, seller, old)
    assert ended["what"] == "merged_into"
    assert len(await history(tenant, outsider, into)) == 2
    unseen = await tenant.call(outsider, "GET", f"/clients/{old}/history")
    assert unseen.status == 404


async def test_rooms_do_not_see_each_others_contacts_in_the_history(
    new_tenant: NewTenant,
) -> None:
    rooms = await shared(new_tenant)
    tenant, client_id = rooms.tenant, rooms.client_id
    assert (await rooms.change(rooms.outsider, add_phones=[THEIRS])).status == 200
    assert (await rooms.change(rooms.seller, phones=[], name="Ромашка")).status == 200
    added = listed("phones", [THEIRS], [])
    removed = [scalar("name", "ООО Ромашка", "Ромашка"), listed("phones", [], [PHONE])]
    for user, expected in (
        (rooms.outsider, [removed[:1], [added], []]),
        (rooms.seller, [removed, []]),
        (tenant.admin, [removed, [added], []]),
    ):
        entries = await history(tenant, user, str(client_id))
        assert [entry["changes"] for entry in entries] == expected
    assert (await rooms.seen(rooms.outsider))["phones"] == [THEIRS]


async def test_concurrent_changes_are_all_told_each_once(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    sellers = await tenant.users(4)
    client_id = await new_client(tenant, sellers[0], "Ромашка")
    phones = [f"+7495123456{number}" for number in range(4)]
    await asyncio.gather(
        *(
            change(tenant, seller, client_id, add_phones=[phone])
            for seller, phone in zip(sellers, phones, strict=True)
        )
    )
    entries = await history(tenant, sellers[0], client_id)
    assert [entry["version"] for entry in entries] == [5, 4, 3, 2, 1]
    told = {entry["who"]: entry["changes"][0]["added"] for entry in entries[:4]}
    assert told == {str(seller.id): [phone] for seller, phone in zip(sellers, phones, strict=True)}
