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
    assert [change["field"] for change in shown] == ["name", "phones", "emails"]


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
