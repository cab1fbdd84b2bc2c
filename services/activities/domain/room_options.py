"""What a company may choose for a room beside the six numbers; without a choice nothing of it binds
anybody.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True)
class RoomOptions:
    """`warn_before_hours` lie between the warning of a reset and the reset, 0 for no warning.
    `work_limit` is how many activities one seller may have in work there, None for any number.
    Within `first_touch_minutes` of its registration or its take an activity is to be worked, 0 for
    no such limit; who heads the room is told `escalate_after_minutes` later, 0 for nobody. With
    `working_days` the time of a reset runs on working days alone, by the production calendar but
    for the room's own `days_off` and `extra_working_days`. With `pause_for_invoices` it waits while
    an invoice that lacks money is not overdue yet. VIPs are ranked by the receipts of the latest
    `vip_receipts_days`.
    """

    warn_before_hours: int = 24
    work_limit: int | None = None
    first_touch_minutes: int = 0
    escalate_after_minutes: int = 0
    working_days: bool = False
    days_off: tuple[date, ...] = ()
    extra_working_days: tuple[date, ...] = ()
    pause_for_invoices: bool = False
    vip_receipts_days: int = 365

    @property
    def warn_before(self) -> timedelta:
        return timedelta(hours=self.warn_before_hours)

    def untouched_at(self, now: datetime) -> datetime | None:
        """When what begins to wait `now` counts as untouched; None for never."""
        minutes = self.first_touch_minutes
        return now + timedelta(minutes=minutes) if minutes else None

    def escalates_at(self, untouched_at: datetime) -> datetime | None:
        """When the head is told of what is untouched since then; None for never."""
        minutes = self.escalate_after_minutes
        return untouched_at + timedelta(minutes=minutes) if minutes else None


DEFAULT_OPTIONS = RoomOptions()
