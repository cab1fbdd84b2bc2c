"""How many VIPs a seller may hold, and whose money counts more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.vip.domain.places import VipLimitReached, place_for, promote
from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import Ranked, Vip
from shared.ids import ClientId, CompanyId, EmployeeId, RoomId, VipId, new_id
from shared.money import Money
from shared.vocabulary import VipKind

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SELLER, ROOM, COMPANY = EmployeeId(new_id()), RoomId(new_id()), CompanyId(new_id())


def vip(kind: VipKind = "in_development", age: int = 0, due: int | None = 30) -> Vip:
    """A VIP held for `age` days whose deadline is in `due` days."""
    since = NOW - timedelta(days=age)
    due_at = None if due is None else NOW + timedelta(days=due)
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


def ranked(amount: int | Decimal, kind: VipKind = "by_receipts", age: int = 0) -> Ranked:
    return Ranked(
        vip(kind, age), Money(amount=Decimal(amount).quantize(Decimal("0.01")), currency="RUB")
    )


def many(in_development: int, by_receipts: int) -> list[Vip]:
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
    held = many(in_development, by_receipts)
    if place:
        assert place_for(held, sold, room_settings) == place
    else:
        with pytest.raises(VipLimitReached):
            place_for(held, sold, room_settings)


def test_the_refusal_names_what_could_be_released_next_to_reset_first() -> None:
    never, later, soon = vip(due=None), vip(due=20), vip(due=5)
    with pytest.raises(VipLimitReached) as refused:
        place_for(
            [never, later, soon, vip("by_receipts")], False, RoomSettings(in_development_limit=3)
        )
    extra = refused.value.extra
    assert (refused.value.code, extra["limit"], extra["held"]) == ("vip_limit_reached", 3, 3)
    assert extra["could_release"] == [
        {"id": each.id, "client_id": each.client_id, "reset_due_at": each.reset_due_at}
        for each in (soon, later, never)
    ]


def test_a_limit_of_zero_lets_nobody_in() -> None:
    with pytest.raises(VipLimitReached):
        place_for([], True, RoomSettings(in_development_limit=0, by_receipts_limit=0))


def test_first_money_takes_a_free_place_by_receipts() -> None:
    candidate = ranked(1, "in_development")
    (events,) = promote(candidate, [ranked(500)], RoomSettings(by_receipts_limit=2))
    assert events.what == "vip.kind_changed"
    assert events.details == {"responsible": SELLER, "kind": "by_receipts"}
    assert events.after == replace(candidate.vip, kind="by_receipts")


@pytest.mark.parametrize(
    ("amount", "moves"), [(99, False), (100, False), (Decimal("100.01"), True), (1000, True)]
)
def test_without_a_free_place_it_must_outrank_the_smallest(amount: Decimal, moves: bool) -> None:
    smallest, largest = ranked(100), ranked(300)
    events = promote(
        ranked(amount, "in_development"), [largest, smallest], RoomSettings(by_receipts_limit=2)
    )
    assert [each.what for each in events] == (["vip.released", "vip.kind_changed"] if moves else [])
    if moves:
        assert events[0].after.id == smallest.vip.id
        assert events[0].details == {"former": SELLER, "why": "outranked"}


def test_of_equal_receipts_the_older_stays() -> None:
    old, young = ranked(100, age=9), ranked(100, age=1)
    released, _ = promote(
        ranked(200, "in_development"), [young, old], RoomSettings(by_receipts_limit=2)
    )
    assert released.after.id == young.vip.id


def test_without_places_by_receipts_money_moves_nothing() -> None:
    assert promote(ranked(100, "in_development"), [], RoomSettings(by_receipts_limit=0)) == []


def test_money_that_was_all_refunded_moves_nothing() -> None:
    assert promote(ranked(0, "in_development"), [], RoomSettings()) == []


@given(st.lists(st.integers(1, 50), min_size=1, max_size=30), st.integers(1, 5))
def test_the_largest_receipts_hold_the_places(amounts: list[int], limit: int) -> None:
    """Whatever the order in which clients pay for the first time, those with the largest receipts
    end up by receipts.
    """
    room_settings, holding = RoomSettings(by_receipts_limit=limit), dict[VipId, Ranked]()
    for amount in amounts:
        candidate = ranked(amount, "in_development")
        for events in promote(candidate, list(holding.values()), room_settings):
            if events.what == "vip.released":
                del holding[events.after.id]
            else:
                holding[events.after.id] = Ranked(events.after, candidate.receipts)
    assert (
        sorted(each.receipts.amount for each in holding.values())
        == sorted(map(Decimal, amounts))[-limit:]
    )


@given(st.integers(0, 6), st.integers(0, 6), st.booleans(), st.integers(0, 4), st.integers(0, 4))
def test_no_claim_exceeds_a_limit(
    in_development: int, by_receipts: int, sold: bool, first: int, second: int
) -> None:
    try:
        kind = place_for(many(in_development, by_receipts), sold, RoomSettings(first, second))
    except VipLimitReached:
        assert in_development >= first
        assert not sold or by_receipts >= second
    else:
        assert (
            (in_development < first)
            if kind == "in_development"
            else (sold and by_receipts < second)
        )
