"""Use cases: load, decide, save, publish. The transaction comes from outside."""

from services.vip.handlers.claiming import Claim, assign, claim, release
from services.vip.handlers.directory import (
    describe_client,
    forget_person,
    keep_client,
    keep_company,
    keep_employee,
    keep_room,
    set_room_settings,
)
from services.vip.handlers.progress import keep_money, receive, record_progress, refund
from services.vip.handlers.resetting import reset_overdue

__all__ = [
    "Claim",
    "assign",
    "claim",
    "describe_client",
    "forget_person",
    "keep_client",
    "keep_company",
    "keep_employee",
    "keep_money",
    "keep_room",
    "receive",
    "record_progress",
    "refund",
    "release",
    "reset_overdue",
    "set_room_settings",
]
