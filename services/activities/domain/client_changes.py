"""What a change of a client changed, field by field, and what of it a room may see: of contacts
what it saw as they came or went (domain.md, "Clients").
"""

from collections.abc import Collection, Mapping
from typing import Any, Literal
from uuid import UUID

from services.activities.domain.contact_rooms import RoomsByContact, rooms_of

ClientChangeKind = Literal["created", "changed", "merged", "merged_into"]
RECORDED = ("kind", "name", "inn", "kpp", "large")
RECORDED_LISTS = ("phones", "emails")
Values = Mapping[str, Any]
FieldChanges = dict[str, dict[str, Any]]


def changes_between(before: Values, after: Values) -> FieldChanges:
    """What differs, by field: `before` and `after`, or what was `added` and `removed` of a list."""
    changes: FieldChanges = {
        name: {"before": before[name], "after": after[name]}
        for name in RECORDED
        if before[name] != after[name]
    }
    for name in RECORDED_LISTS:
        added = [
            value for value in after[name] if _rooms_new_to(value, before, after, name) is not None
        ]
        removed = [
            value for value in before[name] if _rooms_new_to(value, after, before, name) is not None
        ]
        if added or removed:
            changes[name] = {"added": added, "removed": removed}
    return changes


def rooms_of_contacts(changes: FieldChanges, before: Values, after: Values) -> RoomsByContact:
    """The rooms that see each contact that came, or saw each that went; none: whoever sees the
    client. A person's INN is a contact like others, an organisation's is in public registers.
    """
    rooms: RoomsByContact = {}
    for name in RECORDED_LISTS:
        change = changes.get(name, {"added": (), "removed": ()})
        for contact in change["removed"]:
            rooms[contact] = _rooms_new_to(contact, after, before, name) or []
        for contact in change["added"]:
            rooms[contact] = _rooms_new_to(contact, before, after, name) or []
    if "inn" in changes and after["kind"] == "person":
        for client in (before, after):
            if client["inn"]:
                rooms[client["inn"]] = rooms_of(client, client["inn"])
    return rooms


def _rooms_new_to(contact: str, former: Values, present: Values, name: str) -> list[str] | None:
    """The rooms that see a contact of the `present` and did not see it in the `former`; none where
    it is new to whoever sees the client; None where it is new to nobody.
    """
    rooms = rooms_of(present, contact)
    if contact not in former[name]:
        return rooms
    seen = rooms_of(former, contact)
    return [room for room in rooms if room not in seen] or None if seen else None


def told(
    changes: FieldChanges, contact_rooms: RoomsByContact, rooms: Collection[UUID] | None
) -> list[dict[str, Any]]:
    """The changes that `rooms` may see (None: every room), in the order of the fields, each with
    all that may be told of one.
    """
    asking = None if rooms is None else {str(room) for room in rooms}
    hidden = {
        contact
        for contact, of in contact_rooms.items()
        if asking is not None and of and asking.isdisjoint(of)
    }
    nothing: dict[str, Any] = {"before": None, "after": None, "added": [], "removed": []}
    seen = {name: _without(hidden, change) for name, change in changes.items()}
    return [
        {"field": name, **nothing, **seen[name]}
        for name in (*RECORDED, *RECORDED_LISTS)
        if any(value not in (None, []) for value in seen.get(name, {}).values())
    ]


def _without(hidden: Collection[str], change: Mapping[str, Any]) -> dict[str, Any]:
    return {
        side: [each for each in value if each not in hidden]
        if isinstance(value, list)
        else None
        if value in hidden
        else value
        for side, value in change.items()
    }
