"""What a person chooses to be notified of, and when a reminder falls due."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import get_args

from services.gateway.domain.quiet_hours import QuietHours
from shared.vocabulary import Language, NotificationChannel, NotificationKind

KINDS: tuple[NotificationKind, ...] = get_args(NotificationKind)
WITH_LEAD: frozenset[NotificationKind] = frozenset({"next_step"})
"""Kinds that are told of ahead, as long before as the person chooses."""
LONGEST_LEAD_MINUTES = 7 * 24 * 60
STALE_AFTER = timedelta(hours=12)
"""What happened longer ago is told to nobody any more: nobody waits for yesterday's news, and a
fact that is read again from the bus is old."""
BUNDLED_FOR = timedelta(minutes=2)
"""What comes into a pool within this time is told in one notification."""
OVERDUE_AFTER = timedelta(days=1)
"""After so long the head is told of a promised step that was not taken, unless the room says when
its heads are told."""


@dataclass(frozen=True, slots=True)
class KindSettings:
    """Whether a kind is listed at all, by which channels it comes besides, and how many minutes
    ahead.
    """

    enabled: bool = True
    channels: frozenset[NotificationChannel] = frozenset()
    lead_minutes: int = 0


_PUSH: frozenset[NotificationChannel] = frozenset({"push", "messenger"})
_EVERYWHERE: frozenset[NotificationChannel] = _PUSH | {"email"}
DEFAULT_KINDS: Mapping[NotificationKind, KindSettings] = {
    "next_step": KindSettings(channels=_PUSH, lead_minutes=15),
    "reset_warning": KindSettings(channels=_EVERYWHERE),
    "taken_away": KindSettings(channels=_PUSH),
    "assigned": KindSettings(channels=_EVERYWHERE),
    "pool": KindSettings(channels=_PUSH),
    "payment": KindSettings(channels=_PUSH),
    "accrual": KindSettings(),
    "dispute_answered": KindSettings(channels=_EVERYWHERE),
    "untouched": KindSettings(channels=_EVERYWHERE),
    "step_overdue": KindSettings(channels=_EVERYWHERE),
    "vip_moved": KindSettings(channels=_PUSH),
    "split_proposed": KindSettings(channels=_EVERYWHERE),
    "split_answered": KindSettings(channels=_PUSH),
}
"""What holds until a person chooses: what cannot wait comes by e-mail too, pay is only listed."""
DEFAULT_QUIET = QuietHours(time(21), time(8))


@dataclass(frozen=True, slots=True)
class NotificationSettings:
    """A person's choices; without a `time_zone` of their own that of the company holds."""

    language: Language = "ru"
    time_zone: str | None = None
    quiet: QuietHours | None = DEFAULT_QUIET
    kinds: Mapping[NotificationKind, KindSettings] = field(default_factory=lambda: DEFAULT_KINDS)

    def of(self, kind: NotificationKind) -> KindSettings:
        """The choice for a kind; its default where there is none."""
        return self.kinds.get(kind, DEFAULT_KINDS[kind])

    @property
    def lead(self) -> timedelta:
        """How long before it is due a next step is told of."""
        return timedelta(minutes=self.of("next_step").lead_minutes)


def is_stale(happened_at: datetime, now: datetime) -> bool:
    """Whether what happened then is told to nobody any more."""
    return happened_at < now - STALE_AFTER


def remind_at(due_at: datetime, lead: timedelta, now: datetime) -> datetime | None:
    """When to tell of what is due at `due_at`: the `lead` before it, or as it falls due where that
    is past already, for who has just promised it knows. None where it is long overdue.
    """
    if is_stale(due_at, now):
        return None
    return due_at - lead if due_at - lead > now else due_at


def escalate_at(due_at: datetime, room_minutes: int) -> datetime:
    """When the head is told that a step due at `due_at` was not taken; `room_minutes` is what the
    room has chosen, 0 for nothing.
    """
    return due_at + (timedelta(minutes=room_minutes) if room_minutes else OVERDUE_AFTER)
