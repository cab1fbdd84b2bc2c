"""A seller's places in a room and company: how many VIPs they may hold, and whose receipts rank
higher (domain.md, numbers 3 and 4).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from services.vip.domain.holding import free
from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import DomainEvent, RankedVip, Vip
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
    `sold` to the client and such a place is free, else in development. A claim displaces nobody;
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
    candidate: RankedVip, by_receipts: Sequence[RankedVip], room_settings: RoomSettings
) -> list[DomainEvent]:
    """Moves a VIP in development, after its progress, to its seller's places by receipts, if its
    receipts earn it one.

    It takes a free place, or that of the smallest by receipts if it has more, who leaves; on a tie
    the older stays. Money that goes back or grows older than the window displaces nobody by itself:
    such a VIP is the smallest when the next one comes.
    """
    if candidate.receipts.amount <= 0 or not room_settings.by_receipts_limit:
        return []
    displaced: list[DomainEvent] = []
    if len(by_receipts) >= room_settings.by_receipts_limit:
        smallest = min(by_receipts, key=_rank)
        if smallest.receipts.amount >= candidate.receipts.amount:
            return []
        displaced = [free(smallest.vip, "outranked")]
    after = replace(candidate.vip, kind="by_receipts")
    details = {"responsible": after.responsible, "kind": after.kind}
    return [*displaced, DomainEvent("vip.kind_changed", after, details)]


def _rank(ranked: RankedVip) -> tuple[Decimal, float]:
    since = ranked.vip.since
    return ranked.receipts.amount, -(since.timestamp() if since else 0.0)
