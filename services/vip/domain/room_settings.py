"""The room settings that govern VIPs (domain.md, "The six numbers": 3, 4 and 5)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared import room_settings

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ResetNotice:
    """The period before a change, in days: what had time left by it keeps it until `until`."""

    reset_days: int
    until: datetime


@dataclass(frozen=True, slots=True)
class RoomSettings:
    """What a company set for a room.

    Limits are places of one seller; `reset_days` 0 means never. `reset_notices` are the latest
    changes of a period, the earliest first. `warn_before_hours` lie between the warning of a reset
    and the reset, 0 for no warning. Receipts of the latest `receipts_days` rank.
    """

    in_development_limit: int = room_settings.DEFAULTS["vip_in_development_limit"]
    by_receipts_limit: int = room_settings.DEFAULTS["vip_by_receipts_limit"]
    reset_days: int = room_settings.DEFAULTS["vip_reset_days"]

    reset_notices: tuple[ResetNotice, ...] = ()
    warn_before_hours: int = 24
    receipts_days: int = 365

    def reset_due_at(self, progress_at: datetime) -> datetime | None:
        """When a VIP whose last progress was at `progress_at` becomes free for others, UTC; None:
        never.

        A period that became shorter frees nothing sooner than a day after the change, unless the
        former one did.
        """
        notices = self.reset_notices
        if not notices:
            return _after(progress_at, self.reset_days)
        due_at = _after(progress_at, notices[0].reset_days) or _NEVER
        following = [notice.reset_days for notice in notices[1:]]
        for notice, days in zip(notices, [*following, self.reset_days], strict=True):
            due_at = max(_after(progress_at, days) or _NEVER, min(due_at, notice.until))
        return None if due_at == _NEVER else due_at

    def warning_at(self, progress_at: datetime, due_at: datetime | None) -> datetime | None:
        """When the holder is warned of the reset at `due_at`, in the second half of the time at the
        earliest; None: not.
        """
        if due_at is None or not self.warn_before_hours:
            return None
        return due_at - min(timedelta(hours=self.warn_before_hours), (due_at - progress_at) / 2)


def _after(progress_at: datetime, days: int) -> datetime | None:
    return progress_at + timedelta(days=days) if days else None


DEFAULTS = RoomSettings()
"""The settings of a room whose company has set none."""
