"""The six numbers that a company sets for a room (manual: «показатели, влияющие на работу сотрудников»)."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Numbers:
    """Until a company sets them for a room, these hold. 0 days or seconds switch a rule off."""

    activity_reset_days: int = 14
    retake_cooldown_seconds: int = 60
    vip_in_development_limit: int = 10
    vip_by_receipts_limit: int = 20
    vip_reset_days: int = 30
    renewal_horizon_days: int = 30

    @property
    def cooldown(self) -> timedelta:
        return timedelta(seconds=self.retake_cooldown_seconds)

    def reset_due(self, progress_at: datetime) -> datetime | None:
        """When an activity without progress since `progress_at` returns to the pool; None for never."""
        return progress_at + timedelta(days=self.activity_reset_days) if self.activity_reset_days else None
