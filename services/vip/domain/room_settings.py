"""The room settings that govern VIPs (domain.md, "The six numbers": 3, 4 and 5)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared import room_settings

WINDOW = timedelta(days=365)
"""How far back receipts count for the ranking."""


@dataclass(frozen=True, slots=True)
class RoomSettings:
    """What a company set for a room.

    Limits are places of one seller; `reset_days` 0 means never.
    """

    in_development_limit: int = room_settings.DEFAULTS["vip_in_development_limit"]
    by_receipts_limit: int = room_settings.DEFAULTS["vip_by_receipts_limit"]
    reset_days: int = room_settings.DEFAULTS["vip_reset_days"]

    def reset_due_at(self, progress_at: datetime) -> datetime | None:
        """When a VIP whose last progress was at `progress_at` becomes free for others, UTC; None:
        never.
        """
        return progress_at + timedelta(days=self.reset_days) if self.reset_days else None


DEFAULTS = RoomSettings()
"""The settings of a room whose company has set none."""
