"""How many VIPs a seller may hold, and whose receipts rank higher."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.vip.domain.places import VipLimitReached, find_moves, place, place_claimed
from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import DomainEvent, RankedVip, Vip
from shared.ids import ClientId, CompanyId, EmployeeId, RoomId, VipId, new_id
from shared.money import MoneySum
from shared.vocabulary import VipKind

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SELLER, ROOM, COMPANY = EmployeeId(new_id()), RoomId(new_id()), CompanyId(new_id())


def ranked(
    amount: int | str = 0,
    kind: VipKind | None = "by_receipts",
    age: int = 0,
    due_in: int | None = 30,
) -> RankedVip:
    """A VIP held for `age` days, whose deadline is in `due_in` days."""
    since = NOW - timedelta(days=age)
    due_at = None if due_in is None else NOW + timedelta(days=due_in)
    vip = Vip(
        id=VipId(new_id()),
        version=3,
        company_id=COMPANY,
        room_id=ROOM,
        client_id=ClientId(new_id()),
        currency="RUB",
        responsible=SELLER,
        kind=kind,
        since=since,
        progress_at=since,
        reset_due_at=due_at,
    )
    return RankedVip(vip, MoneySum.build(amount=Decimal(amount), currency="RUB"))


def waiting(amount: int | str, age: int = 0) -> RankedVip:
    return ranked(amount, "in_development", age)


def limits(in_development: int = 10, by_receipts: int = 10) -> RoomSettings:
    return RoomSettings(in_development_limit=in_development, by_receipts_limit=by_receipts)


def moves_of(held: list[RankedVip], room_settings: RoomSettings) -> list[str | None]:
    """Where each of `held` goes, None for who stays."""
    moves = find_moves(held, room_settings)
    return [moves.get(ranked_vip.vip.id) for ranked_vip in held]


@pytest.mark.parametrize(
    ("held", "by_receipts", "moves"),
    [
        ([waiting(1)], 1, ["by_receipts"]),
        ([waiting(0)], 1, [None]),
        ([waiting(1)], 0, [None]),
        ([ranked(500), waiting(1)], 2, [None, "by_receipts"]),
        ([ranked(100), waiting(100)], 1, [None, None]),
        ([ranked(100), waiting("100.01")], 1, ["outranked", "by_receipts"]),
        ([ranked(300), ranked(100), waiting(99)], 2, [None, None, None]),
        ([ranked(100), ranked(300), waiting(200)], 2, ["outranked", None, "by_receipts"]),
        (
            [ranked(100), ranked(50), waiting(70), waiting(200)],
            2,
            [None, "outranked", None, "by_receipts"],
        ),
        (
            [ranked(100), ranked(50), waiting(170), waiting(200)],
            2,
            ["outranked", "outranked", "by_receipts", "by_receipts"],
        ),
        ([waiting(10), waiting(30), waiting(20)], 2, [None, "by_receipts", "by_receipts"]),
        ([ranked(0), waiting(1000)], 1, ["in_development", "by_receipts"]),
        ([ranked(0)], 1, ["in_development"]),
        ([ranked(0), ranked(0)], 2, ["in_development", "in_development"]),
        ([ranked("-1")], 1, ["in_development"]),
        ([ranked(300), ranked(200), ranked(100)], 1, [None, None, None]),
        ([ranked(300), ranked(200), waiting(250)], 1, [None, None, None]),
        ([ranked(300), ranked(200), waiting(301)], 1, [None, "outranked", "by_receipts"]),
        ([ranked(5), waiting(9)], 0, [None, None]),
    ],
)
def test_the_largest_receipts_hold_the_places(
    held: list[RankedVip], by_receipts: int, moves: list[str | None]
) -> None:
    assert moves_of(held, limits(by_receipts=by_receipts)) == moves


def test_of_equal_receipts_the_younger_vip_leaves() -> None:
    held = [ranked(100, age=1), ranked(100, age=9), waiting(200)]
    assert moves_of(held, limits(by_receipts=2)) == ["outranked", None, "by_receipts"]


def test_of_equal_receipts_the_older_waiting_gets_the_place() -> None:
    held = [waiting(100, age=1), waiting(100, age=9)]
    assert moves_of(held, limits(by_receipts=1)) == [None, "by_receipts"]


@pytest.mark.parametrize(
    ("in_development", "moves"),
    [
        (1, ["no_place", "no_place", None]),
        (2, ["no_place", "in_development", None]),
        (3, ["in_development", "in_development", None]),
    ],
)
def test_without_receipts_a_vip_goes_back_to_development_or_leaves(
    in_development: int, moves: list[str | None]
) -> None:
    held = [ranked(0, age=1), ranked(0, age=9), waiting(0)]
    assert moves_of(held, limits(in_development)) == moves


def test_who_moves_up_frees_the_place_in_development() -> None:
    held = [ranked(0), waiting(5)]
    assert moves_of(held, limits(1, 1)) == ["in_development", "by_receipts"]


def test_moves_are_events_of_the_next_version() -> None:
    leaving, up, back = ranked(100), waiting(200), ranked(0)
    outranked, promoted, sent_back = place([leaving, up, back], limits(by_receipts=1))
    assert (outranked.type, outranked.details) == (
        "vip.released",
        {"former": SELLER, "why": "outranked"},
    )
    assert (outranked.after.version, outranked.after.responsible) == (4, None)
    assert promoted == DomainEvent(
        "vip.kind_changed",
        replace(up.vip, version=4, kind="by_receipts"),
        {"responsible": SELLER, "kind": "by_receipts"},
    )
    assert sent_back == DomainEvent(
        "vip.kind_changed",
        replace(back.vip, version=4, kind="in_development"),
        {"responsible": SELLER, "kind": "in_development"},
    )


@pytest.mark.parametrize(
    ("held", "amount", "kind"),
    [
        ([], 0, "in_development"),
        ([], 1, "by_receipts"),
        ([waiting(0)], 0, "in_development"),
        ([waiting(0), waiting(0)], 0, None),
        ([waiting(0), waiting(0)], 1, "by_receipts"),
        ([ranked(5), ranked(7)], 5, "in_development"),
        ([ranked(5), ranked(7)], 6, "by_receipts"),
        ([ranked(5), ranked(7), waiting(0), waiting(0)], 5, None),
        ([ranked(5), ranked(7), waiting(0), waiting(0)], 6, "by_receipts"),
        ([ranked(5), ranked(0), waiting(0)], 0, None),
        ([ranked(5), ranked(0)], 0, "in_development"),
    ],
)
def test_a_claim_takes_the_place_that_its_receipts_earn_or_is_refused(
    held: list[RankedVip], amount: int, kind: VipKind | None
) -> None:
    room_settings, claimed = limits(2, 2), ranked(amount, kind=None)
    if kind is None:
        with pytest.raises(VipLimitReached):
            place_claimed(held, claimed, room_settings)
        return
    event = place_claimed(held, claimed, room_settings)[-1]
    assert event == DomainEvent(
        "vip.claimed", replace(claimed.vip, kind=kind), {"responsible": SELLER, "kind": kind}
    )


def test_a_claim_of_more_receipts_outranks_the_smallest() -> None:
    smallest, claimed = ranked(5000), ranked(9000, kind=None)
    outranked, _ = place_claimed([smallest], claimed, limits(by_receipts=1))
    assert (outranked.after.id, outranked.details["why"]) == (smallest.vip.id, "outranked")


def test_the_refusal_lists_what_could_be_released_next_to_reset_first() -> None:
    held = [
        ranked(0, "in_development", due_in=None),
        ranked(0, "in_development", due_in=20),
        ranked(0, "in_development", due_in=5),
    ]
    with pytest.raises(VipLimitReached) as refused:
        place_claimed([*held, ranked(9)], ranked(0, kind=None), limits(3))
    extra = refused.value.extra
    assert (refused.value.code, extra["limit"], extra["held"]) == ("vip_limit_reached", 3, 3)
    never, later, soon = (ranked_vip.vip for ranked_vip in held)
    assert extra["could_release"] == [
        {"id": vip.id, "client_id": vip.client_id, "reset_due_at": vip.reset_due_at}
        for vip in (soon, later, never)
    ]


def test_a_limit_of_zero_refuses_every_claim() -> None:
    with pytest.raises(VipLimitReached):
        place_claimed([], ranked(9, kind=None), limits(0, 0))


HELD = st.lists(
    st.builds(
        ranked,
        st.integers(0, 9),
        st.sampled_from(["in_development", "by_receipts"]),
        st.integers(0, 3),
    ),
    max_size=12,
)


def after(held: list[RankedVip], room_settings: RoomSettings) -> list[RankedVip]:
    """What is held after the moves."""
    events = {event.after.id: event.after for event in place(held, room_settings)}
    moved = [
        replace(ranked_vip, vip=events.get(ranked_vip.vip.id, ranked_vip.vip))
        for ranked_vip in held
    ]
    return [ranked_vip for ranked_vip in moved if ranked_vip.vip.responsible]


def of_kind(held: list[RankedVip], kind: VipKind) -> list[Decimal]:
    return [ranked_vip.receipts.amount for ranked_vip in held if ranked_vip.vip.kind == kind]


@given(HELD, st.integers(0, 5), st.integers(0, 5), st.randoms(use_true_random=False))
def test_places_do_not_depend_on_the_order_and_settle_at_once(
    held: list[RankedVip], first: int, second: int, dice: Random
) -> None:
    room_settings, moves = limits(first, second), find_moves(held, limits(first, second))
    shuffled = dice.sample(held, len(held))
    assert find_moves(shuffled, room_settings) == moves
    assert find_moves(after(held, room_settings), room_settings) == {}


@given(HELD, st.integers(0, 5), st.integers(0, 5))
def test_no_place_exceeds_its_limit_unless_it_did(
    held: list[RankedVip], first: int, second: int
) -> None:
    settled = after(held, limits(first, second))
    kinds: dict[VipKind, int] = {"in_development": first, "by_receipts": second}
    for kind, limit in kinds.items():
        before = len(of_kind(held, kind))
        assert len(of_kind(settled, kind)) <= max(limit, before)


@given(HELD, st.integers(1, 5))
def test_whoever_waits_has_no_more_than_the_smallest_by_receipts(
    held: list[RankedVip], limit: int
) -> None:
    settled = after(held, limits(by_receipts=limit))
    placed = sorted(of_kind(settled, "by_receipts"), reverse=True)
    waits = [amount for amount in of_kind(settled, "in_development") if amount > 0]
    assert all(amount > 0 for amount in placed)
    if waits:
        assert len(placed) >= limit
        assert max(waits) <= placed[limit - 1]


@given(HELD, st.integers(0, 9), st.integers(0, 4), st.integers(0, 4))
def test_no_claim_exceeds_a_limit(
    held: list[RankedVip], amount: int, first: int, second: int
) -> None:
    room_settings = limits(first, second)
    settled = after(held, room_settings)
    try:
        *moves, event = place_claimed(settled, ranked(amount, kind=None), room_settings)
    except VipLimitReached:
        assert len(of_kind(settled, "in_development")) >= first
        return
    gone = [move for move in moves if move.type == "vip.released"]
    kind = event.after.kind
    assert kind
    count = len(of_kind(settled, kind)) + 1 - len(gone)
    if kind == "in_development":
        assert count <= first
    else:
        assert second
        assert count <= max(second, len(of_kind(settled, kind)))
