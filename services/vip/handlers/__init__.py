"""Use cases: load, decide, save, publish. The transaction comes from outside."""

from services.vip.handlers.claiming import (
    AssignVip,
    ClaimVip,
    ReleaseVip,
    assign_vip,
    claim_vip,
    release_vip,
)
from services.vip.handlers.progress import record_activity_event, store_money
from services.vip.handlers.resetting import realign_room, reset_overdue

__all__ = [
    "AssignVip",
    "ClaimVip",
    "ReleaseVip",
    "assign_vip",
    "claim_vip",
    "realign_room",
    "record_activity_event",
    "release_vip",
    "reset_overdue",
    "store_money",
]
