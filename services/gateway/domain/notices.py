"""What is to be told: to one person, or to people of a room."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from shared.membership import heads, sells_in
from shared.vocabulary import NotificationKind

OF_PAY: frozenset[NotificationKind] = frozenset({"accrual", "dispute_answered"})
"""Kinds that concern nobody but the person, whatever rooms they work in."""
_READERS = frozenset({"seller", "head", "accountant", "admin"})
_OF_EVERY_ROOM = frozenset({"accountant", "admin"})


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell a person. Who it is for, the kind, `subject_id` and `moment` make it the
    same however often it is derived; `happened_at` says how old it is.
    """

    employee_id: UUID
    kind: NotificationKind
    subject_id: UUID
    moment: datetime
    happened_at: datetime
    due_at: datetime
    activity_id: UUID | None = None
    room_id: UUID | None = None
    company_id: UUID | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class RoomNotice:
    """Something to tell people of a room, whoever they are when it falls due."""

    kind: NotificationKind
    subject_id: UUID
    moment: datetime
    room_id: UUID
    company_id: UUID
    due_at: datetime
    happened_at: datetime


class Reader(NamedTuple):
    """A person as far as it decides what they may read."""

    employee_id: UUID
    active: bool
    roles: Collection[str]
    room_ids: Collection[UUID]
    headed_room_ids: Collection[UUID] | None

    def heads(self, room_id: UUID) -> bool:
        """Whether they head the room."""
        return heads(self.roles, self.room_ids, self.active, room_id, self.headed_room_ids)

    def sells_in(self, room_id: UUID) -> bool:
        """Whether they sell in the room."""
        return sells_in(self.roles, self.room_ids, self.active, room_id, self.headed_room_ids)

    def may_read(self, kind: NotificationKind, room_id: UUID | None) -> bool:
        """Whether they may still read of `kind` what is of the room."""
        if not self.active:
            return False
        if kind in OF_PAY:
            return True
        roles = set(self.roles)
        if room_id is None or roles.isdisjoint(_READERS):
            return False
        return not roles.isdisjoint(_OF_EVERY_ROOM) or room_id in self.room_ids


def recipients(notice: RoomNotice, people: Collection[Reader]) -> list[Reader]:
    """Whom a notice of a room is for: its sellers what is new in the pool, its heads the rest."""
    if notice.kind == "pool":
        return [person for person in people if person.sells_in(notice.room_id)]
    return [person for person in people if person.heads(notice.room_id)]
