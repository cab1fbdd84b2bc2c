"""Claiming, giving back and assigning, through the service's own door."""

from uuid import UUID

import pytest

from shared.events.directory import EmployeeChanged, RoomChanged, RoomSettingsChanged
from shared.events.people import PersonDescribed
from shared.ids import ClientId, EmployeeId, RoomId, derived_id, new_id
from shared.replicas.snapshot import Snapshot
from tests.integration.vip.conftest import NewWorld
from tests.integration.vip.world import Owner


async def test_a_seller_claims_a_client(new_world: NewWorld) -> None:
    world = await new_world()
    seller, client = await world.seller(), await world.client("Ромашка", large=True)
    claimed = await world.claim(seller, client)
    assert claimed.status == 201
    view = claimed.body
    assert view["client"] == {"id": str(client), "name": "Ромашка", "large": True}
    assert (view["version"], view["kind"], view["responsible_id"]) == (
        1,
        "in_development",
        str(seller),
    )
    assert view["receipts"] == {"amount": "0.00", "currency": "RUB"}
    assert await world.see(view["id"]) == view


async def test_claiming_again_answers_the_present_vip_and_says_nothing_new(
    new_world: NewWorld,
) -> None:
    world = await new_world(development=1)
    seller, client = await world.seller(), await world.client()
    first = await world.claim(seller, client)
    again = await world.claim(seller, client)
    assert (again.status, again.body) == (200, first.body)
    assert [type_ for _, type_, _ in await world.facts_of(first.body["id"])] == ["vip.claimed"]


async def test_anothers_client_is_refused_until_its_protection_ends(new_world: NewWorld) -> None:
    world = await new_world()
    client = await world.client()
    held = await world.claim(await world.seller(), client)
    refused = await world.claim(await world.seller(), client)
    assert (refused.status, refused.body["code"]) == (409, "vip_of_another")
    assert refused.body["protected_until"][:19] == held.body["reset_due_at"][:19]


async def test_the_limit_refuses_and_names_what_could_be_released(new_world: NewWorld) -> None:
    world = await new_world(development=2)
    seller, clients = await world.seller(), await world.clients(3)
    held = [(await world.claim(seller, client)).body for client in clients[:2]]
    refused = await world.claim(seller, clients[2])
    assert (refused.status, refused.body["code"], refused.body["limit"], refused.body["held"]) == (
        409,
        "vip_limit_reached",
        2,
        2,
    )
    assert [each["id"] for each in refused.body["could_release"]] == [each["id"] for each in held]
    assert (await world.call(seller, "POST", f"/{held[0]['id']}/release")).status == 200
    assert (await world.claim(seller, clients[2])).status == 201


async def test_who_has_sold_to_the_client_claims_by_receipts(new_world: NewWorld) -> None:
    world = await new_world(receipts=1)
    seller, (sold, sold_too, by_another) = await world.seller(), await world.clients(3)
    await world.happens(world.payment(sold, seller, 500))
    await world.happens(world.payment(sold_too, seller, 900))
    await world.happens(world.payment(by_another, await world.seller(), 700))
    kinds = [
        (await world.claim(seller, client)).body["kind"] for client in (sold, sold_too, by_another)
    ]
    assert kinds == ["by_receipts", "in_development", "in_development"]


async def test_what_is_given_back_is_free_for_others_under_the_same_id(new_world: NewWorld) -> None:
    world = await new_world()
    client, seller, other = await world.client(), await world.seller(), await world.seller()
    vip = (await world.claim(seller, client)).body
    assert (await world.call(other, "POST", f"/{vip['id']}/release")).body["code"] == "forbidden"
    released = (await world.call(seller, "POST", f"/{vip['id']}/release")).body
    assert (released["responsible_id"], released["kind"], released["reset_due_at"]) == (
        None,
        None,
        None,
    )
    assert (await world.call(seller, "POST", f"/{vip['id']}/release")).body[
        "code"
    ] == "vip_not_held"
    taken = await world.claim(other, client)
    assert (taken.status, taken.body["id"], taken.body["version"]) == (201, vip["id"], 3)
    facts = await world.facts_of(vip["id"])
    assert [(version, type_) for version, type_, _ in facts] == [
        (1, "vip.claimed"),
        (2, "vip.released"),
        (3, "vip.claimed"),
    ]
    assert facts[1][2]["why"] == "released"


@pytest.mark.parametrize(
    ("field", "rule"), [("room_id", "exists"), ("company_id", "exists"), ("client_id", "exists")]
)
async def test_what_the_tenant_does_not_have_is_not_found_by_field(
    new_world: NewWorld, field: str, rule: str
) -> None:
    world = await new_world()
    wish = {
        "company_id": str(world.company_id),
        "room_id": str(world.room_id),
        "client_id": str(await world.client()),
    }
    answer = await world.call(
        await world.seller(), "POST", "", wish | {field: str(new_id())}, roles=("seller", "head")
    )
    assert (answer.status, answer.body["errors"][0]["field"], answer.body["errors"][0]["rule"]) == (
        404,
        field,
        rule,
    )


async def test_a_room_claims_only_for_companies_that_it_sells_for(new_world: NewWorld) -> None:
    world, other = await new_world(), await new_world()
    other.tenant_id, other.room_id = world.tenant_id, RoomId(new_id())
    await other.enter()
    wish = {
        "company_id": str(other.company_id),
        "room_id": str(world.room_id),
        "client_id": str(await world.client()),
    }
    answer = await world.call(await world.seller(), "POST", "", wish)
    assert (answer.status, answer.body["errors"][0]["rule"]) == (422, "sold_in_room")


@pytest.mark.parametrize("body", [{}, [], {"company_id": "x"}, {"employee_id": "\x00"}, None])
async def test_malformed_wishes_are_422(new_world: NewWorld, body: object) -> None:
    world = await new_world()
    answer = await world.call(await world.seller(), "POST", "", body)
    assert (answer.status, answer.body["code"]) == (422, "invalid")


async def test_copies_that_have_not_come_are_asked_from_their_owner(
    new_world: NewWorld, owner: Owner
) -> None:
    world = await new_world()
    client, room, seller = ClientId(new_id()), RoomId(new_id()), await world.seller()
    settings = derived_id(room, world.company_id)
    room_settings = {
        "activity_reset_days": 1,
        "retake_cooldown_seconds": 1,
        "renewal_horizon_days": 1,
        "changed_by": None,
    }
    limits = {"vip_in_development_limit": 1, "vip_by_receipts_limit": 1, "vip_reset_days": 0}
    changed = RoomSettingsChanged(
        room_id=room, company_id=world.company_id, **room_settings, **limits
    )
    owner.known[("client", str(client))] = [
        Snapshot.of(world.client_changed(client, large=True), client, 4),
        Snapshot.of(PersonDescribed(kind="client", name="Новый"), client, 4),
    ]
    room_fact = Snapshot(
        type="room.changed",
        subject=room,
        version=1,
        data={"room_id": str(room), "name": "Н", "company_ids": [str(world.company_id)]},
    )
    owner.known[("room", str(room))] = [room_fact]
    owner.known[("room_settings", str(settings))] = [Snapshot.of(changed, settings, 1)]
    world.room_id = room
    claimed = await world.claim(seller, client)
    assert (claimed.status, claimed.body["client"]["name"], claimed.body["reset_due_at"]) == (
        201,
        "Новый",
        None,
    )
    assert (await world.claim(seller, await world.client())).body["code"] == "vip_limit_reached"


async def test_a_room_without_numbers_has_the_defaults(new_world: NewWorld) -> None:
    world = await new_world()
    seller, clients, room = await world.seller(), await world.clients(11), RoomId(new_id())
    await world.hear(
        RoomChanged(room_id=room, name="Без чисел", company_ids=[world.company_id]), room
    )
    world.room_id = room
    for client in clients[:10]:
        assert (await world.claim(seller, client)).status == 201
    assert (await world.claim(seller, clients[10])).body["limit"] == 10


async def test_seeing_every_room_is_not_working_in_it(new_world: NewWorld) -> None:
    world = await new_world()
    answer = await world.claim(
        await world.seller(), await world.client(), roles=("seller", "admin"), rooms=[]
    )
    assert (answer.status, answer.body["errors"][0]["field"]) == (404, "room_id")


async def test_the_owner_is_told_who_holds_whom_before_the_claim_answers(
    new_world: NewWorld, owner: Owner
) -> None:
    world = await new_world()
    vip = (await world.claim(await world.seller(), await world.client())).body
    (told,) = [each for each in owner.told if each["subject"] == vip["id"]]
    assert (told["type"], told["version"], told["data"]["state"]["responsible_id"]) == (
        "vip.claimed",
        1,
        vip["responsible_id"],
    )


async def test_a_repeated_key_answers_the_first_answer(new_world: NewWorld) -> None:
    world = await new_world()
    seller, (client, other) = await world.seller(), await world.clients(2)
    key = {"Idempotency-Key": "once"}
    first = await world.claim(seller, client, headers=key)
    await world.call(seller, "POST", f"/{first.body['id']}/release")
    again = await world.claim(seller, client, headers=key)
    assert (again.status, again.body) == (201, first.body)
    assert (await world.claim(seller, other, headers=key)).body["code"] == "idempotency_key_reused"


async def test_a_head_assigns_and_takes_away(new_world: NewWorld) -> None:
    world = await new_world(development=1)
    seller, other = await world.seller(), await world.seller()
    vip = (await world.claim(seller, await world.client())).body
    assigned = await world.assign(vip["id"], other)
    assert (assigned.status, assigned.body["responsible_id"], assigned.body["version"]) == (
        200,
        str(other),
        3,
    )
    assert (await world.assign(vip["id"], other)).body == assigned.body
    assert (await world.assign(vip["id"], None)).body["responsible_id"] is None
    facts = await world.facts_of(vip["id"])
    assert [type_ for _, type_, _ in facts] == [
        "vip.claimed",
        "vip.released",
        "vip.claimed",
        "vip.released",
    ]
    assert facts[1][2]["why"] == facts[3][2]["why"] == "taken_away"
    assert {data["by"] for _, _, data in facts[1:]} == {str(world.head)}


async def test_assigning_respects_the_sellers_limit(new_world: NewWorld) -> None:
    world = await new_world(development=1)
    seller, other = await world.seller(), await world.seller()
    vip = (await world.claim(seller, await world.client())).body
    await world.claim(other, await world.client())
    assert (await world.assign(vip["id"], other)).body["code"] == "vip_limit_reached"
    assert (await world.see(vip["id"]))["responsible_id"] == str(seller)


@pytest.mark.parametrize(
    "about",
    [{"active": False}, {"room_ids": []}, {"roles": ["accountant"]}],
    ids=["no longer works", "other rooms", "no seller"],
)
async def test_only_active_sellers_of_the_room_are_assigned(
    new_world: NewWorld, about: dict[str, object]
) -> None:
    world = await new_world()
    vip = (await world.claim(await world.seller(), await world.client())).body
    answer = await world.assign(vip["id"], await world.seller(**about))
    assert (answer.status, answer.body["code"]) == (409, "not_of_the_room")


async def test_a_new_employee_is_asked_from_the_owner(new_world: NewWorld, owner: Owner) -> None:
    world = await new_world()
    vip = (await world.claim(await world.seller(), await world.client())).body
    fresh = EmployeeId(new_id())
    assert (await world.assign(vip["id"], fresh)).status == 404
    about = EmployeeChanged(
        employee_id=fresh,
        roles=["seller"],
        room_ids=[world.room_id],
        personnel_number=None,
        active=True,
    )
    owner.known[("employee", str(fresh))] = [Snapshot.of(about, fresh, 1)]
    assert (await world.assign(vip["id"], fresh)).body["responsible_id"] == str(fresh)


async def test_sellers_do_not_assign(new_world: NewWorld) -> None:
    world = await new_world()
    vip = (await world.claim(await world.seller(), await world.client())).body
    assert (await world.assign(vip["id"], None, roles=("seller",))).status == 403


async def test_other_rooms_and_other_tenants_see_nothing(new_world: NewWorld) -> None:
    world, foreign = await new_world(), await new_world()
    seller = await world.seller()
    vip = (await world.claim(seller, await world.client())).body
    elsewhere = RoomId(new_id())
    for who, rooms in ((world, [elsewhere]), (foreign, [world.room_id])):
        for method, path in (("GET", ""), ("POST", "/release"), ("POST", "/assign")):
            body = {"employee_id": None} if path == "/assign" else None
            answer = await who.call(
                EmployeeId(new_id()),
                method,
                f"/{vip['id']}{path}",
                body,
                roles=("seller", "head"),
                rooms=rooms,
            )
            assert (answer.status, answer.body["code"]) == (404, "not_found")
        assert (await who.call(seller, "GET", "", rooms=rooms)).body["items"] == []
    assert (
        await world.call(seller, "GET", f"?room_id={world.room_id}", rooms=[elsewhere])
    ).status == 404
    assert (await foreign.call(seller, "GET", "", roles=("admin",))).body["items"] == []


async def test_the_list_pages_and_filters(new_world: NewWorld) -> None:
    world = await new_world()
    seller, other = await world.seller(), await world.seller()
    mine = [(await world.claim(seller, client)).body["id"] for client in await world.clients(3)]
    await world.claim(other, await world.client())
    found, cursor = [], ""
    for _ in range(2):
        page = (await world.call(seller, "GET", f"?employee_id={seller}&limit=2{cursor}")).body
        found += [each["id"] for each in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert (found, page["next_cursor"]) == (mine, None)
    everything = await world.call(
        seller, "GET", f"?room_id={world.room_id}&company_id={world.company_id}"
    )
    assert len(everything.body["items"]) == 4
    assert (await world.call(seller, "GET", f"?company_id={new_id()}")).body["items"] == []


@pytest.mark.parametrize(
    "query", ["cursor=garbage", "cursor=%00", "cursor=я", "limit=0", "limit=1000", "employee_id=x"]
)
async def test_garbage_in_a_query_is_422(new_world: NewWorld, query: str) -> None:
    world = await new_world()
    assert (await world.call(world.head, "GET", f"?{query}")).status == 422


async def test_places_show_each_seller_of_the_room(new_world: NewWorld) -> None:
    world = await new_world(development=3, receipts=2)
    busy, idle = await world.seller(), await world.seller()
    await world.seller(room_ids=[])
    clients = await world.clients(3)
    for client in clients:
        await world.claim(busy, client)
    await world.happens(world.payment(clients[0], busy, 10))
    answer = await world.call(
        busy, "GET", f"/places?room_id={world.room_id}&company_id={world.company_id}"
    )
    assert {
        UUID(each["employee_id"]): (each["in_development"], each["by_receipts"])
        for each in answer.body
    } == {
        busy: ({"held": 2, "limit": 3}, {"held": 1, "limit": 2}),
        idle: ({"held": 0, "limit": 3}, {"held": 0, "limit": 2}),
    }
    foreign = await world.call(
        busy, "GET", f"/places?room_id={new_id()}&company_id={world.company_id}"
    )
    assert foreign.status == 404
