"""Numbers of a room that the desk shows, and what follows from them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any


def ready_at(taken_at_ms: int, room_settings: Mapping[str, Any]) -> datetime:
    """When a seller who took at `taken_at_ms` may take again (domain.md, "The six numbers": 2)."""
    return datetime.fromtimestamp(taken_at_ms / 1000, UTC) + timedelta(
        seconds=int(room_settings["retake_cooldown_seconds"])
    )
