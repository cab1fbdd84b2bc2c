"""A seller's hold on a very important client, as far as activities follow it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.ids import EmployeeId


@dataclass(frozen=True, slots=True)
class VipHold:
    """`holder_id` holds the client for the company, in all of its rooms; `protected_until` is when
    that ends without progress, UTC, None for never. `room_id` is the room from which they hold it,
    None where that was not kept yet.
    """

    holder_id: EmployeeId
    protected_until: datetime | None
    room_id: UUID | None = None


def is_in_force(held_from: UUID | None, room_ids: Collection[UUID], active: bool) -> bool:
    """Whether somebody who works in `room_ids` still holds what they held from a room: who stopped
    working there holds nothing (domain.md, "The six numbers").
    """
    return active and (held_from in room_ids if held_from else bool(room_ids))
