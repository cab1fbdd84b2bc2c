"""The six numbers that a company sets for a room (manual: «показатели, влияющие на работу
сотрудников»), and the notice that a shorter period gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from services.activities.domain.absences import Absences, Days, after, days_of
from services.activities.domain.room_options import DEFAULT_OPTIONS, RoomOptions
from services.activities.domain.working_days import WorkingDays
from shared.room_settings import DEFAULTS, NOTICE

NOTICES = 10
"""Changes of a day that are told apart; of more, the earliest count as one with more time."""
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ResetNotice:
    """The periods before a change, in days, the activities' calendar where those were working days,
    and whether invoices paused them: what had time left by them keeps it until `until`.
    """

    activity_reset_days: int
    vip_reset_days: int
    until: datetime
    calendar: WorkingDays | None = None
    pause_for_invoices: bool = False


@dataclass(frozen=True, slots=True)
class RoomSettings:
    """A company's settings of a room; the defaults hold until the company sets them.

    `reset_notices` are the latest changes of a period, the earliest first. `calendar` is there
    where an activity's period is one of working days, `absences` where the settings are those for a
    seller who is or was absent.
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
    absences: Absences | None = None

    @property
    def cooldown(self) -> timedelta:
        return timedelta(seconds=self.retake_cooldown_seconds)

    @property
    def pause_for_invoices(self) -> bool:
        return self.options.pause_for_invoices

    def of_seller(self, absences: Absences | None) -> Self:
        """The settings as they are for a seller with `absences`, on which the time of a reset does
        not run.
        """
        return self if absences == self.absences else replace(self, absences=absences)

    def reset_due_at(
        self, progress_at: datetime, paused_until: datetime | None = None
    ) -> datetime | None:
        """The moment at which an activity without progress since `progress_at` returns to the
        pool; None for never. Its invoices pause the time until `paused_until`, where the room lets
        them. It does not run either on days on which the seller is absent: those that were taken
        away count for a day more.

        A period that became shorter takes nothing sooner than a day after the change, unless the
        former one did.
        """
        absences = self.absences
        if absences is None:
            return self._due_at(progress_at, paused_until, ())
        due_at = self._due_at(progress_at, paused_until, absences.days)
        if due_at is None or absences.former_until is None:
            return due_at
        former = self._due_at(progress_at, paused_until, absences.former)
        assert former
        return max(due_at, min(former, absences.former_until))

    def _due_at(
        self, progress_at: datetime, paused_until: datetime | None, absent: Sequence[Days]
    ) -> datetime | None:
        notices = self.reset_notices
        since = progress_at, paused_until
        if not notices:
            return self._after(*since, absent, self)
        due_at = self._after(*since, absent, notices[0]) or _NEVER
        periods: tuple[RoomSettings | ResetNotice, ...] = (*notices[1:], self)
        for notice, following in zip(notices, periods, strict=True):
            next_due_at = self._after(*since, absent, following) or _NEVER
            due_at = max(next_due_at, min(due_at, notice.until))
        return None if due_at == _NEVER else due_at

    def _after(
        self,
        progress_at: datetime,
        paused_until: datetime | None,
        absent: Sequence[Days],
        period: "RoomSettings | ResetNotice",
    ) -> datetime | None:
        """When the period has run since the progress, or since the pause where that is later."""
        days, calendar = period.activity_reset_days, period.calendar
        if not days:
            return None
        runs_from = progress_at
        if paused_until and period.pause_for_invoices:
            runs_from = max(progress_at, paused_until)
        if calendar:
            return calendar.without(days_of(absent)).after(runs_from, days)
        if absent and self.absences:
            return after(runs_from, timedelta(days=days), absent, self.absences.time_zone)
        return runs_from + timedelta(days=days)

    def deadline(
        self, progress_at: datetime, paused_until: datetime | None = None
    ) -> dict[str, Any]:
        """The changes of an activity in work whose last progress was at `progress_at`, and whose
        invoices pause the time until `paused_until`: when it resets, and when its responsible is
        warned, whom nobody has warned yet.

        A warning comes in the second half of the time at the earliest.
        """
        due_at, warn_before = self.reset_due_at(progress_at, paused_until), self.options.warn_before
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


def _notices(before: RoomSettings, after: RoomSettings, now: datetime) -> tuple[ResetNotice, ...]:
    if _periods(before) == _periods(after):
        return before.reset_notices
    running = [notice for notice in before.reset_notices if notice.until > now]
    former = ResetNotice(
        before.activity_reset_days,
        before.vip_reset_days,
        now + NOTICE,
        before.calendar,
        before.pause_for_invoices,
    )
    notices = (*running, former)
    return notices if len(notices) <= NOTICES else _with_first_two_as_one(notices)


def _periods(settings: RoomSettings) -> tuple[int, int, WorkingDays | None, bool]:
    return (
        settings.activity_reset_days,
        settings.vip_reset_days,
        settings.calendar,
        settings.pause_for_invoices,
    )


def _with_first_two_as_one(notices: tuple[ResetNotice, ...]) -> tuple[ResetNotice, ...]:
    first, second, *others = notices
    return (
        ResetNotice(
            _longer(first.activity_reset_days, second.activity_reset_days),
            _longer(first.vip_reset_days, second.vip_reset_days),
            second.until,
            first.calendar or second.calendar,
            first.pause_for_invoices or second.pause_for_invoices,
        ),
        *others,
    )


def _longer(days: int, other_days: int) -> int:
    """The longer of two periods, of which 0 is for ever."""
    return max(days, other_days) if days and other_days else 0
