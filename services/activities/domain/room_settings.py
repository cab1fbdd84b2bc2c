"""The six numbers that a company sets for a room (manual: «показатели, влияющие на работу
сотрудников»), and the notice that a shorter period gives.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from services.activities.domain.room_options import DEFAULT_OPTIONS, RoomOptions
from services.activities.domain.working_days import WorkingDays
from shared.room_settings import DEFAULTS, NOTICE

NOTICES = 10
"""Changes of a day that are told apart; of more, the earliest count as one with more time."""
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ResetNotice:
    """The periods before a change, in days, and the activities' calendar where those were working
    days: what had time left by them keeps it until `until`.
    """

    activity_reset_days: int
    vip_reset_days: int
    until: datetime
    calendar: WorkingDays | None = None


@dataclass(frozen=True, slots=True)
class RoomSettings:
    """A company's settings of a room; the defaults hold until the company sets them.

    `reset_notices` are the latest changes of a period, the earliest first. `calendar` is there
    where an activity's period is one of working days.
    """

    activity_reset_days: int = DEFAULTS["activity_reset_days"]
    retake_cooldown_seconds: int = DEFAULTS["retake_cooldown_seconds"]
    vip_in_development_limit: int = DEFAULTS["vip_in_development_limit"]
    vip_by_receipts_limit: int = DEFAULTS["vip_by_receipts_limit"]
    vip_reset_days: int = DEFAULTS["vip_reset_days"]
    renewal_horizon_days: int = DEFAULTS["renewal_horizon_days"]
    reset_notices: tuple[ResetNotice, ...] = ()
    options: RoomOptions = DEFAULT_OPTIONS
    calendar: WorkingDays | None = None

    @property
    def cooldown(self) -> timedelta:
        return timedelta(seconds=self.retake_cooldown_seconds)

    def reset_due_at(self, progress_at: datetime) -> datetime | None:
        """The moment at which an activity without progress since `progress_at` returns to the
        pool; None for never.

        A period that became shorter takes nothing sooner than a day after the change, unless the
        former one did.
        """
        notices = self.reset_notices
        if not notices:
            return _after(progress_at, self)
        due_at = _after(progress_at, notices[0]) or _NEVER
        periods: tuple[RoomSettings | ResetNotice, ...] = (*notices[1:], self)
        for notice, following in zip(notices, periods, strict=True):
            due_at = max(_after(progress_at, following) or _NEVER, min(due_at, notice.until))
        return None if due_at == _NEVER else due_at

    def deadline(self, progress_at: datetime) -> dict[str, Any]:
        """The changes of an activity in work whose last progress was at `progress_at`: when it
        resets, and when its responsible is warned, whom nobody has warned yet.

        A warning comes in the second half of the time at the earliest.
        """
        due_at, warn_before = self.reset_due_at(progress_at), self.options.warn_before
        warning_at = None
        if due_at and warn_before:
            warning_at = due_at - min(warn_before, (due_at - progress_at) / 2)
        return {
            "reset_due_at": due_at,
            "reset_warning_at": warning_at,
            "reset_warned_at": None,
        }

    def following(self, before: Self, now: datetime) -> Self:
        """These six numbers as they follow `before` at `now`: with its options, and with notice of
        shorter periods.
        """
        after = replace(self, options=before.options, calendar=before.calendar)
        return replace(after, reset_notices=_notices(before, after, now))

    def with_options(
        self, options: RoomOptions, calendar: WorkingDays | None, now: datetime
    ) -> Self:
        """The same numbers under other options, with notice of periods that become shorter."""
        after = replace(self, options=options, calendar=calendar)
        return replace(after, reset_notices=_notices(self, after, now))


def changed_numbers(before: RoomSettings, after: RoomSettings) -> list[str]:
    """The names of the six numbers that differ."""
    return [name for name in DEFAULTS if getattr(before, name) != getattr(after, name)]


def _after(progress_at: datetime, period: RoomSettings | ResetNotice) -> datetime | None:
    days, calendar = period.activity_reset_days, period.calendar
    if not days:
        return None
    return calendar.after(progress_at, days) if calendar else progress_at + timedelta(days=days)


def _notices(before: RoomSettings, after: RoomSettings, now: datetime) -> tuple[ResetNotice, ...]:
    if _periods(before) == _periods(after):
        return before.reset_notices
    running = [notice for notice in before.reset_notices if notice.until > now]
    former = ResetNotice(
        before.activity_reset_days, before.vip_reset_days, now + NOTICE, before.calendar
    )
    notices = (*running, former)
    return notices if len(notices) <= NOTICES else _with_first_two_as_one(notices)


def _periods(settings: RoomSettings) -> tuple[int, int, WorkingDays | None]:
    return settings.activity_reset_days, settings.vip_reset_days, settings.calendar


def _with_first_two_as_one(notices: tuple[ResetNotice, ...]) -> tuple[ResetNotice, ...]:
    first, second, *others = notices
    return (
        ResetNotice(
            _longer(first.activity_reset_days, second.activity_reset_days),
            _longer(first.vip_reset_days, second.vip_reset_days),
            second.until,
            first.calendar or second.calendar,
        ),
        *others,
    )


def _longer(days: int, other_days: int) -> int:
    """The longer of two periods, of which 0 is for ever."""
    return max(days, other_days) if days and other_days else 0
