"""Contacts of a client by room."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain.contact_rooms import entered, joined, seen_by
from services.activities.domain.refusals import DuplicateClient

ROOMS = [UUID(int=number) for number in (1, 2, 3)]
PHONES = ["+1", "+2", "+3"]


def client_of(rooms: list[UUID], phones: list[str], **more: Any) -> dict[str, Any]:
    return {
        "kind": "person",
        "inn": None,
        "kpp": None,
        "phones": phones,
        "emails": [],
        "room_ids": rooms,
        "contact_rooms": {},
        **more,
    }


def phones_of(client: Any, room: UUID | None) -> set[str]:
    return set(seen_by(client, None if room is None else [room])["phones"])


@given(
    st.lists(
        st.tuples(st.sampled_from(ROOMS), st.lists(st.sampled_from(PHONES), unique=True)),
        max_size=8,
    ),
    st.lists(st.sampled_from(PHONES), unique=True),
)
def test_what_a_room_sets_is_all_that_it_sees_and_nobody_else_notices(
    changes: list[tuple[UUID, list[str]]], first: list[str]
) -> None:
    client = client_of(ROOMS, first)
    expected = {room: set(first) for room in ROOMS}
    for room, phones in changes:
        client = entered(client, {"phones": phones}, [room])
        expected[room] = set(phones)
        assert {each: phones_of(client, each) for each in ROOMS} == expected
        assert phones_of(client, None) == set().union(*expected.values())
        assert len(client["phones"]) == len(set(client["phones"]))
        assert client["contact_rooms"].keys() <= set(client["phones"])


def test_who_sees_every_room_changes_contacts_of_all() -> None:
    client = entered(client_of(ROOMS[:2], ["+1"]), {"phones": ["+2"]}, [ROOMS[0]])
    changed = entered(client, {"phones": ["+3"]}, None)
    assert [phones_of(changed, room) for room in ROOMS[:2]] == [{"+3"}, {"+3"}]
    assert changed["contact_rooms"] == {}


def test_a_contact_added_to_everybodys_client_is_of_the_room_that_typed_it() -> None:
    client = entered(client_of([], ["+1"]), {"phones": ["+1", "+2"]}, [ROOMS[0]])
    assert phones_of(client, ROOMS[0]) == {"+1", "+2"}
    assert phones_of(client, ROOMS[1]) == {"+1"}


def test_an_inn_that_another_room_entered_is_not_replaced() -> None:
    client = client_of(ROOMS[:2], [], inn="500100732259")
    client["contact_rooms"] = {"500100732259": [str(ROOMS[0])]}
    assert seen_by(client, [ROOMS[1]])["inn"] is None
    with pytest.raises(DuplicateClient):
        entered(client, {"inn": "771609331340"}, [ROOMS[1]])
    assert entered(client, {"inn": None}, [ROOMS[1]])["inn"] == "500100732259"
    same = entered(client, {"inn": "500100732259"}, [ROOMS[1]])
    assert seen_by(same, [ROOMS[1]])["inn"] == "500100732259"


def test_contacts_of_merged_clients_keep_their_rooms() -> None:
    old, into = client_of(ROOMS[:1], ["+1", "+2"]), client_of(ROOMS[1:2], ["+2", "+3"])
    after = client_of(ROOMS[:2], ["+2", "+3", "+1"])
    after["contact_rooms"] = joined(old, into, after)
    assert phones_of(after, ROOMS[0]) == {"+1", "+2"}
    assert phones_of(after, ROOMS[1]) == {"+2", "+3"}
    assert "+2" not in after["contact_rooms"]
