"""How many VIPs a seller may hold, and whose receipts rank higher."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.vip.domain.places import VipLimitReached, place_for, promote
from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import RankedVip, Vip
from shared.ids import ClientId, CompanyId, EmployeeId, RoomId, VipId, new_id
from shared.money import Money
from shared.vocabulary import VipKind

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SELLER, ROOM, COMPANY = EmployeeId(new_id()), RoomId(new_id()), CompanyId(new_id())


def vip(kind: VipKind = "in_development", age: int = 0, due_in: int | None = 30) -> Vip:
    """A VIP held for `age` days whose deadline is in `due_in` days."""
    since = NOW - timedelta(days=age)
    due_at = None if due_in is None else NOW + timedelta(days=due_in)
    return Vip(
        VipId(new_id()),
        3,
        COMPANY,
        ROOM,
        ClientId(new_id()),
        "RUB",
        SELLER,
        kind,
        since,
        since,
        due_at,
    )


def ranked(amount: int | Decimal, kind: VipKind = "by_receipts", age: int = 0) -> RankedVip:
    return RankedVip(
        vip(kind, age), Money(amount=Decimal(amount).quantize(Decimal("0.01")), currency="RUB")
    )


def vips(in_development: int, by_receipts: int) -> list[Vip]:
    return [vip() for _ in range(in_development)] + [vip("by_receipts") for _ in range(by_receipts)]


@pytest.mark.parametrize(
    ("in_development", "by_receipts", "sold", "place"),
    [
        (0, 0, False, "in_development"),
        (1, 2, False, "in_development"),
        (0, 0, True, "by_receipts"),
        (2, 1, True, "by_receipts"),
        (1, 2, True, "in_development"),
        (2, 0, False, None),
        (2, 2, True, None),
        (3, 0, False, None),
    ],
)
def test_a_claim_takes_a_free_place_or_is_refused(
    in_development: int, by_receipts: int, sold: bool, place: VipKind | None
) -> None:
    room_settings = RoomSettings(in_development_limit=2, by_receipts_limit=2)
    held = vips(in_development, by_receipts)
    if place:
        assert place_for(held, sold, room_settings) == place
    else:
        with pytest.raises(VipLimitReached):
            place_for(held, sold, room_settings)


def test_the_refusal_lists_what_could_be_released_next_to_reset_first() -> None:
    never, later, soon = vip(due_in=None), vip(due_in=20), vip(due_in=5)
    with pytest.raises(VipLimitReached) as refused:
        place_for(
            [never, later, soon, vip("by_receipts")], False, RoomSettings(in_development_limit=3)
        )
    extra = refused.value.extra
    assert (refused.value.code, extra["limit"], extra["held"]) == ("vip_limit_reached", 3, 3)
    assert extra["could_release"] == [
        {"id": vip.id, "client_id": vip.client_id, "reset_due_at": vip.reset_due_at}
        for vip in (soon, later, never)
    ]


def test_a_limit_of_zero_refuses_every_claim() -> None:
    with pytest.raises(VipLimitReached):
        place_for([], True, RoomSettings(in_development_limit=0, by_receipts_limit=0))


def test_first_money_takes_a_free_place_by_receipts() -> None:
    candidate = ranked(1, "in_development")
    (event,) = promote(candidate, [ranked(500)], RoomSettings(by_receipts_limit=2))
    assert event.type == "vip.kind_changed"
    assert event.details == {"responsible": SELLER, "kind": "by_receipts"}
    assert event.after == replace(candidate.vip, kind="by_receipts")


@pytest.mark.parametrize(
    ("amount", "moves"), [(99, False), (100, False), (Decimal("100.01"), True), (1000, True)]
)
def test_without_a_free_place_a_vip_must_outrank_the_smallest(amount: Decimal, moves: bool) -> None:
    smallest, largest = ranked(100), ranked(300)
    events = promote(
        ranked(amount, "in_development"), [largest, smallest], RoomSettings(by_receipts_limit=2)
    )
    assert [event.type for event in events] == (
        ["vip.released", "vip.kind_changed"] if moves else []
    )
    if moves:
        assert events[0].after.id == smallest.vip.id
        assert events[0].details == {"former": SELLER, "why": "outranked"}


@pytest.mark.parametrize("young_first", [True, False])
def test_of_equal_receipts_the_younger_vip_leaves(young_first: bool) -> None:
    old, young = ranked(100, age=9), ranked(100, age=1)
    by_receipts = [young, old] if young_first else [old, young]
    released, _ = promote(
        ranked(200, "in_development"), by_receipts, RoomSettings(by_receipts_limit=2)
    )
    assert released.after.id == young.vip.id


def test_money_promotes_nobody_without_places_by_receipts() -> None:
    assert promote(ranked(100, "in_development"), [], RoomSettings(by_receipts_limit=0)) == []


def test_money_refunded_in_full_promotes_nobody() -> None:
    assert promote(ranked(0, "in_development"), [], RoomSettings()) == []


@given(st.lists(st.integers(1, 50), min_size=1, max_size=30), st.integers(1, 5))
def test_the_largest_receipts_hold_the_places(amounts: list[int], limit: int) -> None:
    """Whatever the order in which clients pay for the first time, those with the largest receipts
    end up by receipts.
    """
    room_settings, by_receipts = RoomSettings(by_receipts_limit=limit), dict[VipId, RankedVip]()
    for amount in amounts:
        candidate = ranked(amount, "in_development")
        for event in promote(candidate, list(by_receipts.values()), room_settings):
            if event.type == "vip.released":
                del by_receipts[event.after.id]
            else:
                by_receipts[event.after.id] = RankedVip(event.after, candidate.receipts)
    receipts = sorted(ranked_vip.receipts.amount for ranked_vip in by_receipts.values())
    assert receipts == sorted(map(Decimal, amounts))[-limit:]


@given(st.integers(0, 6), st.integers(0, 6), st.booleans(), st.integers(0, 4), st.integers(0, 4))
def test_no_claim_exceeds_a_limit(
    in_development: int, by_receipts: int, sold: bool, first: int, second: int
) -> None:
    try:
        kind = place_for(vips(in_development, by_receipts), sold, RoomSettings(first, second))
    except VipLimitReached:
        assert in_development >= first
        assert not sold or by_receipts >= second
    else:
        assert (
            (in_development < first)
            if kind == "in_development"
            else (sold and by_receipts < second)
        )
