"""A seller's places in a room and company: how many VIPs they may hold, and whose receipts rank
higher (domain.md, numbers 3 and 4).
"""

from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from services.vip.domain.holding import free
from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import DomainEvent, RankedVip, Vip
from shared.errors import Refusal
from shared.ids import VipId
from shared.vocabulary import VipKind

_NEVER = datetime.max.replace(tzinfo=UTC)

Move = Literal["by_receipts", "in_development", "outranked", "no_place"]
"""The kind of place that a VIP goes to, or why it leaves."""


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


def place(held: Sequence[RankedVip], room_settings: RoomSettings) -> list[DomainEvent]:
    """Gives the places of a seller who holds `held` to whom they are due; nothing where they have
    them already.
    """
    moves = find_moves(held, room_settings)
    return [_moved(ranked.vip, moves[ranked.vip.id]) for ranked in held if ranked.vip.id in moves]


def place_claimed(
    held: Sequence[RankedVip], claimed: RankedVip, room_settings: RoomSettings
) -> list[DomainEvent]:
    """As `place`, with one more: the last event makes the seller hold `claimed`, which has a holder
    and no kind yet. By receipts where its receipts earn it such a place, else in development.

    Raises:
        VipLimitReached: no place is free for it.
    """
    new_id = claimed.vip.id
    moves = find_moves([*held, claimed], room_settings)
    events = [_moved(ranked.vip, moves[ranked.vip.id]) for ranked in held if ranked.vip.id in moves]
    if new_id not in moves:
        in_development = [
            ranked.vip
            for ranked in held
            if moves.get(ranked.vip.id, ranked.vip.kind) == "in_development"
        ]
        if len(in_development) >= room_settings.in_development_limit:
            raise VipLimitReached(room_settings.in_development_limit, in_development)
    kind: VipKind = "by_receipts" if new_id in moves else "in_development"
    details = {"responsible": claimed.vip.responsible, "kind": kind}
    return [*events, DomainEvent("vip.claimed", replace(claimed.vip, kind=kind), details)]


def find_moves(held: Sequence[RankedVip], room_settings: RoomSettings) -> Mapping[VipId, Move]:
    """Where each of a seller's VIPs goes that is not where it belongs, whatever their order.

    The largest receipts hold the places by receipts. One that waits takes a free place, or that of
    the smallest if it has more, who leaves; on a tie the one that is there stays. Without receipts
    none keeps such a place: it goes back to development, or leaves if there is no place. Where a
    limit was lowered nobody leaves for that; those beyond it are the first to be outranked.
    """
    limit = room_settings.by_receipts_limit
    ranked = sorted(held, key=_rank)
    earning = [vip for vip in ranked if vip.receipts.amount > 0]
    holders = [vip for vip in earning if vip.vip.kind == "by_receipts"]
    moves: dict[VipId, Move] = {}
    for waiting in earning:
        if waiting.vip.kind == "by_receipts":
            continue
        if len(holders) >= limit:
            if not limit or holders[limit - 1].receipts.amount >= waiting.receipts.amount:
                break
            moves[holders.pop().vip.id] = "outranked"
        moves[waiting.vip.id] = "by_receipts"
        insort(holders, waiting, key=_rank)
    _send_back(ranked, room_settings, moves)
    return moves


def _send_back(
    ranked: Sequence[RankedVip], room_settings: RoomSettings, moves: dict[VipId, Move]
) -> None:
    """Where those go who have a place by receipts and none of the receipts."""
    taken = sum(vip.vip.kind == "in_development" and vip.vip.id not in moves for vip in ranked)
    for emptied in ranked:
        if emptied.vip.kind == "by_receipts" and emptied.receipts.amount <= 0:
            has_place = taken < room_settings.in_development_limit
            moves[emptied.vip.id] = "in_development" if has_place else "no_place"
            taken += has_place


def _moved(vip: Vip, move: Move) -> DomainEvent:
    match move:
        case "outranked" | "no_place":
            return free(vip, move)
        case kind:
            after = replace(vip, version=vip.version + 1, kind=kind)
            details = {"responsible": vip.responsible, "kind": kind}
            return DomainEvent("vip.kind_changed", after, details)


def rank(held: Sequence[RankedVip]) -> list[RankedVip]:
    """Those of a seller's VIPs that have receipts, the first in rank first."""
    return sorted((vip for vip in held if vip.receipts.amount > 0), key=_rank)


def _rank(ranked: RankedVip) -> tuple[Decimal, datetime, UUID]:
    """The largest receipts first, then who is held longest."""
    return -ranked.receipts.amount, ranked.vip.since or _NEVER, ranked.vip.id
