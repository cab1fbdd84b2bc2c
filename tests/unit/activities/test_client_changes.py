"""What a change of a client changed, field by field, and who may see it."""

from typing import Any
from uuid import UUID

from services.activities.domain.client_changes import changes_between, rooms_of_contacts, told

HERE, THERE = UUID(int=1), UUID(int=2)
PHONE, OTHER_PHONE = "+74951234567", "+74951234568"
BEFORE: dict[str, Any] = {
    "kind": "organization",
    "name": "Ромашка",
    "inn": None,
    "kpp": None,
    "large": False,
    "phones": [PHONE, OTHER_PHONE],
    "emails": [],
    "room_ids": [HERE],
    "contact_rooms": {},
}


def test_fields_that_stay_are_not_told() -> None:
    assert changes_between(BEFORE, dict(BEFORE)) == {}
    assert told({}, {}, None) == []


def test_lists_tell_what_came_and_went_in_the_order_of_the_fields() -> None:
    after = {**BEFORE, "emails": ["a@example.com"], "phones": [OTHER_PHONE], "name": "Василёк"}
    changes = changes_between(BEFORE, after)
    assert changes == {
        "name": {"before": "Ромашка", "after": "Василёк"},
        "phones": {"added": [], "removed": [PHONE]},
        "emails": {"added": ["a@example.com"], "removed": []},
    }
    shown = told(changes, rooms_of_contacts(changes, BEFORE, after), [HERE])
    nothing: dict[str, Any] = {"before": None, "after": None, "added": [], "removed": []}
    assert shown == [
        {"field": "name", **nothing, "before": "Ромашка", "after": "Василёк"},
        {"field": "phones", **nothing, "removed": [PHONE]},
        {"field": "emails", **nothing, "added": ["a@example.com"]},
    ]


def test_another_order_of_contacts_is_no_change() -> None:
    assert changes_between(BEFORE, {**BEFORE, "phones": [OTHER_PHONE, PHONE]}) == {}


def test_a_room_is_told_of_no_contact_that_it_did_not_see() -> None:
    after = {**BEFORE, "phones": [OTHER_PHONE], "name": "Василёк"}
    changes = changes_between(BEFORE, after)
    contact_rooms = rooms_of_contacts(changes, BEFORE, after)
    assert [change["field"] for change in told(changes, contact_rooms, [THERE])] == ["name"]
    assert [change["field"] for change in told(changes, contact_rooms, None)] == ["name", "phones"]


def test_a_persons_inn_is_told_as_a_contact_and_an_organisations_to_all() -> None:
    for kind, fields in (("person", []), ("organization", ["inn"])):
        before = {**BEFORE, "kind": kind}
        after = {**before, "inn": "500100732259"}
        changes = changes_between(before, after)
        contact_rooms = rooms_of_contacts(changes, before, after)
        assert [change["field"] for change in told(changes, contact_rooms, [THERE])] == fields


def test_a_contact_that_two_rooms_have_comes_and_goes_for_each() -> None:
    shared = {**BEFORE, "room_ids": [HERE, THERE], "contact_rooms": {PHONE: [str(HERE)]}}
    both = {**shared, "contact_rooms": {}}
    for before, after, side in ((shared, both, "added"), (both, shared, "removed")):
        changes = changes_between(before, after)
        contact_rooms = rooms_of_contacts(changes, before, after)
        assert told(changes, contact_rooms, [HERE]) == []
        (change,) = told(changes, contact_rooms, [THERE])
        assert change[side] == [PHONE]


def test_a_contact_of_one_room_comes_for_that_room_alone() -> None:
    shared = {**BEFORE, "phones": [OTHER_PHONE], "room_ids": [HERE, THERE]}
    after = {**shared, "phones": [PHONE, OTHER_PHONE], "contact_rooms": {PHONE: [str(THERE)]}}
    changes = changes_between(shared, after)
    assert rooms_of_contacts(changes, shared, after) == {PHONE: [str(THERE)]}


def test_a_persons_inn_of_one_room_is_told_to_that_room_alone() -> None:
    before = {**BEFORE, "kind": "person", "room_ids": [HERE, THERE]}
    inn = "500100732259"
    after = {**before, "inn": inn, "contact_rooms": {inn: [str(THERE)]}}
    contact_rooms = rooms_of_contacts(changes_between(before, after), before, after)
    assert contact_rooms == {inn: [str(THERE)]}


def test_a_contact_that_all_saw_goes_for_nobody_while_a_room_keeps_it() -> None:
    """Whoever sees the client saw it before and sees it after: there is nothing to tell."""
    seen_by_all = {**BEFORE, "kind": "person", "room_ids": [], "contact_rooms": {}}
    seen_by_one = {**seen_by_all, "contact_rooms": {PHONE: [str(HERE)]}}
    assert changes_between(seen_by_all, seen_by_one) == {}
