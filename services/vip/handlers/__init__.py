"""Use cases: load, decide, save, publish. The transaction comes from outside."""

from services.vip.handlers.claiming import (
    AssignVip,
    ClaimVip,
    ReleaseVip,
    assign_vip,
    claim_vip,
    release_vip,
)
from services.vip.handlers.client_work import find_group_work
from services.vip.handlers.grouping import JoinGroup, clients_of_group, join_group, leave_group
from services.vip.handlers.leaving import (
    HAND_OVER_VIPS,
    Departure,
    hand_over_vips,
    start_handing_over,
)
from services.vip.handlers.merging import merge_clients, settle_pair
from services.vip.handlers.placing import SETTLE_PLACES
from services.vip.handlers.progress import record_activity_event, store_money
from services.vip.handlers.realigning import (
    REALIGN_DEADLINES,
    RealignDeadlines,
    realign_batch,
    start_realigning,
)
from services.vip.handlers.resetting import reset_overdue, send_warnings
from services.vip.handlers.settling import (
    SettlePlaces,
    find_unsettled,
    settle_batch,
    settle_everywhere,
    start_settling,
)

__all__ = [
    "HAND_OVER_VIPS",
    "REALIGN_DEADLINES",
    "SETTLE_PLACES",
    "AssignVip",
    "ClaimVip",
    "Departure",
    "JoinGroup",
    "RealignDeadlines",
    "ReleaseVip",
    "SettlePlaces",
    "assign_vip",
    "claim_vip",
    "clients_of_group",
    "find_group_work",
    "find_unsettled",
    "hand_over_vips",
    "join_group",
    "leave_group",
    "merge_clients",
    "realign_batch",
    "record_activity_event",
    "release_vip",
    "reset_overdue",
    "send_warnings",
    "settle_batch",
    "settle_everywhere",
    "settle_pair",
    "start_handing_over",
    "start_realigning",
    "start_settling",
    "store_money",
]
