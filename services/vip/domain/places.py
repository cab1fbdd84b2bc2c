"""A seller's places in a room and company: how many VIPs they may hold, and whose money counts more
(domain.md, numbers 3 and 4).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from services.vip.domain.holding import free
from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import DomainEvent, Ranked, Vip
from shared.errors import Refusal
from shared.vocabulary import VipKind

_NEVER = datetime.max.replace(tzinfo=UTC)


class VipLimitReached(Refusal):
    """The seller's places in development are taken; `could_release` are the VIPs whose release
    would free one, next to reset first.
    """

    code = "vip_limit_reached"

    def __init__(self, limit: int, held: Sequence[Vip]) -> None:
        next_to_reset = sorted(held, key=lambda vip: (vip.reset_due_at or _NEVER, vip.id))
        super().__init__(
            limit=limit,
            held=len(held),
            could_release=[
                {"id": vip.id, "client_id": vip.client_id, "reset_due_at": vip.reset_due_at}
                for vip in next_to_reset
            ],
        )


def place_for(held: Sequence[Vip], sold: bool, room_settings: RoomSettings) -> VipKind:
    """The place that a new VIP takes of a seller who holds `held`: by receipts if the seller has
    `sold` to the client and such a place is free, else in development. A claim pushes nobody out;
    only money does.

    Raises:
        VipLimitReached: no place is free.
    """
    if sold and sum(vip.kind == "by_receipts" for vip in held) < room_settings.by_receipts_limit:
        return "by_receipts"
    in_development = [vip for vip in held if vip.kind == "in_development"]
    if len(in_development) >= room_settings.in_development_limit:
        raise VipLimitReached(room_settings.in_development_limit, in_development)
    return "in_development"


def promote(
    progressed: Ranked, by_receipts: Sequence[Ranked], room_settings: RoomSettings
) -> list[DomainEvent]:
    """What money does to a VIP in development, as progress has left it, among its seller's VIPs
    `by_receipts`: nothing, or it moves to them in the same step.

    It takes a free place, or that of the smallest by receipts if it has more, who leaves; on a tie
    the older stays. Money that goes back or grows older than the window moves nobody out by itself:
    such a VIP is the smallest when the next one comes.
    """
    if progressed.receipts.amount <= 0 or not room_settings.by_receipts_limit:
        return []
    outranked: list[DomainEvent] = []
    if len(by_receipts) >= room_settings.by_receipts_limit:
        smallest = min(by_receipts, key=_rank)
        if smallest.receipts.amount >= progressed.receipts.amount:
            return []
        outranked = [free(smallest.vip, "outranked")]
    after = replace(progressed.vip, kind="by_receipts")
    return [
        *outranked,
        DomainEvent(
            "vip.kind_changed", after, {"responsible": after.responsible, "kind": after.kind}
        ),
    ]


def _rank(ranked: Ranked) -> tuple[Decimal, float]:
    since = ranked.vip.since
    return ranked.receipts.amount, -(since.timestamp() if since else 0.0)
