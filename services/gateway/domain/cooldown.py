"""The cooldown between two takes of a seller."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any


def ready_at(taken_at_ms: int, room_settings: Mapping[str, Any]) -> datetime:
    """The moment from which a seller who took at `taken_at_ms` (unix milliseconds) may take again.

    Rule: domain.md, "The six numbers": 2.
    """
    cooldown = timedelta(seconds=int(room_settings["retake_cooldown_seconds"]))
    return datetime.fromtimestamp(taken_at_ms / 1000, UTC) + cooldown
