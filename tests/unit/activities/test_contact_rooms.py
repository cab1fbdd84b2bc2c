"""Contacts of a client by room."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain.contact_rooms import (
    entered,
    hidden_from,
    joined,
    private_contacts,
    rooms_of,
    seen_by,
    sees,
)
from services.activities.domain.refusals import DuplicateClient

ROOMS = [UUID(int=number) for number in (1, 2, 3)]
PHONES = ["+1", "+2", "+3"]
INN, OTHER_INN = "500100732259", "771609331340"
HERE, THERE, ELSEWHERE = (str(room) for room in ROOMS)


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


@pytest.mark.parametrize(
    ("kind", "inn", "expected"),
    [
        ("person", INN, ["+1", "a@b", INN]),
        ("person", None, ["+1", "a@b"]),
        ("organization", INN, ["+1", "a@b"]),
        ("organization", None, ["+1", "a@b"]),
    ],
)
def test_an_inn_is_a_private_contact_of_a_person_only(
    kind: str, inn: str | None, expected: list[str]
) -> None:
    client = client_of(ROOMS, ["+1"], emails=["a@b"], kind=kind, inn=inn)
    assert private_contacts(client) == expected


def test_contacts_of_other_rooms_alone_are_hidden() -> None:
    by_contact = {"+1": [HERE], "+2": [THERE], "+3": [HERE, THERE]}
    client = client_of(ROOMS, PHONES, contact_rooms=by_contact)
    assert hidden_from(client, None) == frozenset()
    assert hidden_from(client, ROOMS[:1]) == {"+2"}
    assert hidden_from(client, ROOMS[:2]) == frozenset()
    assert hidden_from(client, []) == {"+1", "+2", "+3"}


def shared_client() -> dict[str, Any]:
    """A client of whom the first two rooms know a phone, an e-mail and a person each."""
    return client_of(
        ROOMS[:2],
        ["+1", "+2"],
        emails=["a@b", "c@d"],
        inn=INN,
        contact_rooms={"+1": [HERE], "+2": [THERE], "c@d": [THERE], INN: [THERE]},
        person_index=[
            {"rooms": [HERE], "phones": ["+4"], "emails": ["e@f"]},
            {"rooms": [THERE], "phones": ["+5"], "emails": []},
        ],
    )


def test_a_room_sees_the_client_without_what_others_entered() -> None:
    client = shared_client()
    assert seen_by(client, ROOMS[:1]) == {
        **client,
        "phones": ["+1"],
        "emails": ["a@b"],
        "inn": None,
        "person_index": client["person_index"][:1],
    }
    assert seen_by(client, ROOMS[1:2]) == {
        **client,
        "phones": ["+2"],
        "person_index": client["person_index"][1:],
    }
    assert seen_by(client, None) is client


def test_a_person_of_another_room_is_hidden_where_no_contact_is() -> None:
    client = {**shared_client(), "contact_rooms": {}}
    assert seen_by(client, ROOMS[:1]) == {**client, "person_index": client["person_index"][:1]}
    assert seen_by(client, ROOMS[:2]) is client


@pytest.mark.parametrize(
    ("contact", "rooms", "expected"),
    [
        ("+1", ROOMS[:1], True),
        ("+2", ROOMS[:1], False),
        ("+2", None, True),
        ("a@b", ROOMS[:1], True),
        ("c@d", ROOMS[:1], False),
        (INN, ROOMS[1:2], True),
        (INN, ROOMS[:1], False),
        ("+4", ROOMS[:1], True),
        ("e@f", ROOMS[:1], True),
        ("e@f", ROOMS[1:2], False),
        ("+5", ROOMS[:1], False),
        ("+9", None, False),
    ],
)
def test_rooms_know_contacts_of_the_client_and_of_persons_they_see(
    contact: str, rooms: list[UUID] | None, expected: bool
) -> None:
    assert sees(shared_client(), contact, rooms) is expected


def test_contacts_that_others_entered_follow_those_that_are_set() -> None:
    client = shared_client()
    changed = entered(client, {"phones": ["+3", "+2"], "emails": ["a@b"]}, ROOMS[:1])
    assert changed == {
        **client,
        "phones": ["+3", "+2"],
        "emails": ["a@b", "c@d"],
        "contact_rooms": {
            "+3": [HERE],
            "c@d": [THERE],
            INN: [THERE],
        },
    }
    assert client == shared_client()


def test_a_contact_that_a_room_drops_stays_with_the_others() -> None:
    client = client_of(ROOMS, ["+1", "+2", "+3"])
    changed = entered(client, {"phones": ["+2"]}, ROOMS[:1])
    assert changed["phones"] == ["+2", "+1", "+3"]
    assert changed["contact_rooms"] == {"+1": [THERE, ELSEWHERE], "+3": [THERE, ELSEWHERE]}


def test_a_hidden_contact_that_is_typed_is_of_both_rooms() -> None:
    client = client_of(ROOMS, ["+1"], contact_rooms={"+1": [THERE]})
    changed = entered(client, {"phones": ["+1"]}, ROOMS[:1])
    assert changed["contact_rooms"] == {"+1": [THERE, HERE]}


def test_a_person_gets_its_first_inn_from_the_room_that_types_it() -> None:
    client = client_of(ROOMS[:2], [])
    changed = entered(client, {"inn": INN}, ROOMS[:1])
    assert changed == {**client, "inn": INN, "contact_rooms": {INN: [HERE]}}


@pytest.mark.parametrize(("before", "after"), [({}, {}), ({INN: [HERE]}, {OTHER_INN: [HERE]})])
def test_an_inn_that_is_replaced_keeps_its_rooms(
    before: dict[str, list[str]], after: dict[str, list[str]]
) -> None:
    client = client_of(ROOMS[:2], [], inn=INN, contact_rooms=before)
    changed = entered(client, {"inn": OTHER_INN}, ROOMS[:1])
    assert changed == {**client, "inn": OTHER_INN, "contact_rooms": after}


def test_an_inn_that_a_room_sees_is_taken_away() -> None:
    client = client_of(ROOMS[:2], [], inn=INN, contact_rooms={INN: [HERE]})
    assert entered(client, {"inn": None}, ROOMS[:1]) == {**client, "inn": None, "contact_rooms": {}}


def test_an_organisations_inn_is_of_all_rooms() -> None:
    client = client_of(ROOMS[:2], [], kind="organization")
    assert entered(client, {"inn": INN}, ROOMS[:1]) == {**client, "inn": INN}


def test_a_refused_inn_names_no_client() -> None:
    client = client_of(ROOMS[:2], [], inn=INN, contact_rooms={INN: [THERE]})
    with pytest.raises(DuplicateClient) as refused:
        entered(client, {"inn": OTHER_INN}, ROOMS[:1])
    assert refused.value.extra == {"matched": ["inn"], "client_ids": []}


def test_merged_contacts_are_of_the_rooms_of_both() -> None:
    old = client_of(ROOMS[:1], ["+1", "+2"])
    into = client_of(ROOMS[1:], ["+2"], contact_rooms={"+2": [THERE]}, emails=["a@b"])
    after = client_of(ROOMS, ["+2", "+1"], emails=["a@b"])
    assert joined(old, into, after) == {
        "+2": [THERE, HERE],
        "+1": [HERE],
        "a@b": [THERE, ELSEWHERE],
    }


def test_merged_contacts_that_were_everybodys_stay_so() -> None:
    old, into = client_of([], ["+1"]), client_of(ROOMS[:1], ["+1", "+2"])
    after = client_of(ROOMS[:2], ["+1", "+2"])
    assert joined(old, into, after) == {"+2": [HERE]}


def test_a_contact_that_is_not_named_is_of_the_rooms_of_its_client() -> None:
    client = client_of(ROOMS[:2], ["+1", "+2"], contact_rooms={"+2": [ELSEWHERE]})
    assert rooms_of(client, "+1") == [HERE, THERE]
    assert rooms_of(client, "+2") == [ELSEWHERE]


def test_an_inn_that_another_room_entered_becomes_ours_too_once_we_type_it() -> None:
    client = client_of(ROOMS, [], inn=INN, contact_rooms={INN: [THERE]})
    ours = entered(client, {"inn": INN}, [ROOMS[0]])
    assert ours["contact_rooms"] == {INN: [THERE, HERE]}
