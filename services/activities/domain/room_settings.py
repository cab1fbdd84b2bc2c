"""The six numbers that a company sets for a room (manual: «показатели, влияющие на работу
сотрудников»).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.room_settings import DEFAULTS


@dataclass(frozen=True, slots=True)
class RoomSettings:
    """A company's settings of a room; the defaults hold until the company sets them."""

    activity_reset_days: int = DEFAULTS["activity_reset_days"]
    retake_cooldown_seconds: int = DEFAULTS["retake_cooldown_seconds"]
    vip_in_development_limit: int = DEFAULTS["vip_in_development_limit"]
    vip_by_receipts_limit: int = DEFAULTS["vip_by_receipts_limit"]
    vip_reset_days: int = DEFAULTS["vip_reset_days"]
    renewal_horizon_days: int = DEFAULTS["renewal_horizon_days"]

    @property
    def cooldown(self) -> timedelta:
        return timedelta(seconds=self.retake_cooldown_seconds)

    def reset_due_at(self, progress_at: datetime) -> datetime | None:
        """The moment at which an activity without progress since `progress_at` returns to the
        pool; None for never.
        """
        if not self.activity_reset_days:
            return None
        return progress_at + timedelta(days=self.activity_reset_days)
