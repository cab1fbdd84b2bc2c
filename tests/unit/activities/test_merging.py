"""Merging two clients that are one."""

from typing import Any
from uuid import UUID

import pytest

from services.activities.domain.merging import follow, merged
from services.activities.domain.refusals import DifferentOrganizations
from shared.ids import ClientId, new_id
from tests.unit.activities.builders import in_work

ROOM, OTHER_ROOM = UUID(int=1), UUID(int=2)
INN, OTHER_INN, KPP, OTHER_KPP = "7707083893", "7736050003", "770701001", "540602001"


def client_of(**differently: Any) -> dict[str, Any]:
    about: dict[str, Any] = {
        "name": "Альфа",
        "kind": "organization",
        "inn": None,
        "kpp": None,
        "large": False,
        "phones": [],
        "emails": [],
        "room_ids": [],
        "contact_rooms": {},
    }
    return about | differently


def test_the_client_that_stays_has_what_both_had_its_own_first() -> None:
    old_person, person = {"id": "old", "rooms": []}, {"id": "into", "rooms": []}
    old = client_of(
        name="Старая",
        kind="person",
        phones=["+1", "+2"],
        emails=["a@x.ru"],
        room_ids=[ROOM, OTHER_ROOM],
        person_index=[old_person],
    )
    into = client_of(
        inn=INN,
        kpp=KPP,
        phones=["+3", "+1"],
        emails=["b@x.ru"],
        room_ids=[OTHER_ROOM],
        person_index=[person],
    )
    assert merged(old, into) == {
        "name": "Альфа",
        "kind": "organization",
        "inn": INN,
        "kpp": KPP,
        "large": False,
        "phones": ["+3", "+1", "+2"],
        "emails": ["b@x.ru", "a@x.ru"],
        "room_ids": [OTHER_ROOM, ROOM],
        "contact_rooms": {"+3": [str(OTHER_ROOM)], "b@x.ru": [str(OTHER_ROOM)]},
        "person_index": [person, old_person],
    }


@pytest.mark.parametrize(
    ("old", "into", "after"),
    [
        ((None, None), (None, None), (None, None)),
        ((INN, None), (None, None), (INN, None)),
        ((INN, KPP), (None, None), (INN, KPP)),
        ((None, None), (INN, None), (INN, None)),
        ((None, None), (INN, KPP), (INN, KPP)),
        ((None, KPP), (INN, None), (INN, None)),
        ((INN, KPP), (INN, None), (INN, KPP)),
        ((INN, KPP), (INN, OTHER_KPP), (INN, OTHER_KPP)),
        ((INN, None), (INN, KPP), (INN, KPP)),
    ],
)
def test_the_inn_is_of_whoever_has_one_and_its_kpp_comes_with_it(
    old: tuple[str | None, str | None],
    into: tuple[str | None, str | None],
    after: tuple[str | None, str | None],
) -> None:
    client = merged(client_of(inn=old[0], kpp=old[1]), client_of(inn=into[0], kpp=into[1]))
    assert (client["inn"], client["kpp"]) == after


def test_clients_of_different_inns_are_not_merged() -> None:
    with pytest.raises(DifferentOrganizations):
        merged(client_of(inn=INN), client_of(inn=OTHER_INN))


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("into", [False, True])
def test_a_client_is_large_where_either_was(old: bool, into: bool) -> None:
    assert merged(client_of(large=old), client_of(large=into))["large"] is (old or into)


def test_an_activity_follows_its_client_and_remembers_the_former_one() -> None:
    activity, into = in_work(), ClientId(new_id())
    event = follow(activity, into)
    assert (event.type, event.details) == (
        "activity.client_merged",
        {"former_client_id": activity.client_id},
    )
    assert (event.after.client_id, event.after.version) == (into, activity.version + 1)
