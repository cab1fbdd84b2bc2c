"""From what concerns a room to what its people are told."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.gateway.domain.notices import Notice, Reader, RoomNotice, recipients


class Work(NamedTuple):
    """An activity as it is by now; `step_at` is when its promised step is due."""

    status: str
    room_id: UUID
    responsible_id: UUID | None
    step_at: datetime | None

    def bears(self, notice: RoomNotice) -> bool:
        """Whether what a notice tells of the activity still holds."""
        if self.room_id != notice.room_id:
            return False
        if notice.kind == "pool":
            return self.status == "free"
        if notice.kind == "step_overdue":
            return self.step_at == notice.moment
        return self.status in ("free", "in_work")

    def reminds(self, employee_id: UUID, due_at: datetime) -> bool:
        """Whether a step due at `due_at` is still before that person."""
        return self.responsible_id == employee_id and self.step_at == due_at


def bundled(notices: Sequence[RoomNotice]) -> list[tuple[RoomNotice, int]]:
    """Notices with how many things each tells of: those of a pool together, as the latest."""
    pools: dict[UUID, list[RoomNotice]] = defaultdict(list)
    others = []
    for notice in notices:
        if notice.kind == "pool":
            pools[notice.room_id].append(notice)
        else:
            others.append((notice, 1))
    latest = [
        (max(arrivals, key=lambda notice: notice.moment), len(arrivals))
        for arrivals in pools.values()
    ]
    return [*latest, *others]


def personal(
    notices: Sequence[tuple[RoomNotice, int]], people: Collection[Reader], now: datetime
) -> list[Notice]:
    """The notification of each person for each notice, due at once; one that tells of several
    things names none of them.
    """
    return [
        Notice(
            person.employee_id,
            notice.kind,
            notice.room_id if notice.kind == "pool" else notice.subject_id,
            notice.moment,
            notice.happened_at,
            now,
            notice.subject_id if count == 1 else None,
            notice.room_id,
            notice.company_id,
            count,
        )
        for notice, count in notices
        for person in recipients(notice, people)
    ]
