"""The roles of an employee: which hold together, and that a tenant keeps an admin."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from shared.errors import Invalid
from shared.membership import sells_in


def headed_rooms(
    room_ids: Sequence[UUID], headed_room_ids: Sequence[UUID] | None
) -> list[UUID] | None:
    """The rooms that an employee heads, where they have the role; None for all of `room_ids`.

    Raises `Invalid` for a room that is not one of theirs.
    """
    if headed_room_ids is None:
        return None
    if not set(headed_room_ids) <= set(room_ids):
        raise Invalid("headed_room_ids", "own_room")
    return sorted(headed_room_ids)


def is_admin(employee: Mapping[str, Any]) -> bool:
    """Whether an employee is an admin who can log in."""
    return employee["active"] and "admin" in employee["roles"]


def rooms_left(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[UUID]:
    """The rooms in which an employee sold, and sells no more: by dismissal, by moving, by losing
    the role.
    """
    return [
        room_id
        for room_id in before["room_ids"]
        if employee_sells(before, room_id) and not employee_sells(after, room_id)
    ]


def employee_sells(employee: Mapping[str, Any], room_id: UUID) -> bool:
    """Whether an employee, as a row of the directory, sells in the room."""
    return sells_in(
        employee["roles"],
        employee["room_ids"],
        employee["active"],
        room_id,
        employee["headed_room_ids"],
    )
