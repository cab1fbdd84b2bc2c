"""From invoice to signed documents, in either order of trade, and the win that follows."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.money import roubles
from tests.unit.activities.builders import (
    NOW,
    SETTINGS,
    a_free,
    a_line,
    after,
    in_work,
    invoiced,
    later,
    paid,
    refunded,
    types,
    walk,
    won,
)


@pytest.mark.parametrize(
    ("delivered", "moves", "stage"),
    [
        (False, "", "in_work"),
        (False, "invoice", "invoiced"),
        (False, "invoice half", "part_paid"),
        (False, "invoice half half", "won"),
        (False, "invoice payment", "won"),
        (False, "payment", "part_paid"),
        (False, "payment invoice", "won"),
        (False, "half invoice half", "won"),
        (False, "invoice shipment payment", "won"),
        (True, "invoice payment", "paid"),
        (True, "invoice payment shipment", "shipped"),
        (True, "invoice payment shipment sent", "shipped"),
        (True, "invoice payment shipment signed", "won"),
        (True, "shipment invoice signed", "documents_signed"),
        (True, "shipment signed invoice half", "documents_signed"),
        (True, "shipment signed invoice half half", "won"),
        (True, "invoice half shipment signed half", "won"),
        (True, "payment signed invoice", "won"),
        (True, "invoice payment signed", "won"),
        (True, "invoice signed returned payment", "paid"),
    ],
)
def test_the_board_shows_the_furthest_milestone_prepaid_or_postpaid(
    delivered: bool, moves: str, stage: str
) -> None:
    activity, event_types = walk(in_work(delivered=delivered), moves)
    assert activity.stage == stage
    assert event_types.count("activity.won") == (stage == "won"), "won once"
    assert activity.version == 1 + len(event_types)


def test_a_free_activity_is_new_on_the_board_and_a_lost_one_lost() -> None:
    assert (a_free().stage, a_free(status="lost").stage) == ("new", "lost")


@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=8))
def test_partial_payments_win_with_the_covering_kopeck_and_not_before(
    kopecks: list[int],
) -> None:
    parts = [Decimal(part) / 100 for part in kopecks]
    activity = after(invoiced(in_work(), str(sum(parts))))
    for count, part in enumerate(parts, 1):
        assert activity.status == "in_work"
        events = paid(activity, str(part))
        activity = after(events)
        assert ("activity.won" in types(events)) == (count == len(parts))
    assert activity.paid == activity.invoiced


@pytest.mark.parametrize(
    ("sale", "won_before", "becomes"),
    [
        ("first", False, "first"),
        ("first", True, "repeat"),
        ("repeat", False, "first"),
        ("renewal", True, "renewal"),
    ],
)
def test_a_win_decides_whether_the_sale_is_first_or_repeat(
    sale: str, won_before: bool, becomes: str
) -> None:
    events = paid(after(invoiced(in_work(sale=sale))), won_before=won_before)
    assert (after(events).status, after(events).sale) == ("won", becomes)


def test_a_win_ends_the_deadline_and_the_promised_step() -> None:
    activity = in_work(next_step="позвонить", next_step_due_at=later(days=1))
    activity = after(paid(after(invoiced(activity))))
    assert (
        activity.won_at,
        activity.reset_due_at,
        activity.next_step,
        activity.next_step_due_at,
    ) == (NOW, None, None, None)


def test_more_money_after_the_win_counts_and_does_not_win_again() -> None:
    events = paid(won(), 500)
    assert (types(events), after(events).paid, after(events).status) == (
        ["payment.received"],
        roubles(1500),
        "won",
    )


def test_a_reversed_win_gets_the_usual_time_and_can_be_won_again() -> None:
    activity = after(refunded(won(), 1000))
    assert (activity.won_at, activity.reset_due_at) == (None, SETTINGS.reset_due_at(NOW))
    events = paid(activity, 1000)
    assert types(events) == ["payment.received", "activity.won"]


def test_a_reversal_names_the_win_that_it_takes_back() -> None:
    assert refunded(won(), 1000)[-1].details == {"won_at": NOW}


def test_a_win_publishes_its_moment_and_its_reversal_starts_progress_anew() -> None:
    activity = after(invoiced(in_work()))
    assert paid(activity)[-1].details == {"won_at": NOW}
    reversed_win = after(refunded(won(), 1000))
    assert (reversed_win.progress_at, reversed_win.stage) == (NOW, "invoiced")


@pytest.mark.parametrize(
    ("moves", "derived"),
    [
        ("", ("0", "0", False, False)),
        ("invoice", ("1000", "0", False, False)),
        ("half", ("0", "500", False, False)),
        ("invoice half", ("1000", "500", False, False)),
        ("invoice payment", ("1000", "1000", True, False)),
        ("invoice payment half", ("1000", "1500", True, False)),
        ("sent", ("0", "0", False, False)),
        ("signed", ("0", "0", False, True)),
        ("signed returned", ("0", "0", False, False)),
    ],
)
def test_sums_and_signatures_follow_from_the_trade(
    moves: str, derived: tuple[str, str, bool, bool]
) -> None:
    activity, _ = walk(in_work(delivered=True), moves)
    invoiced_sum, paid_sum, covered, signed = derived
    assert (activity.invoiced, activity.paid) == (roubles(invoiced_sum), roubles(paid_sum))
    assert (activity.covered, activity.documents_signed) == (covered, signed)


def test_a_delivered_product_among_others_makes_a_delivery() -> None:
    assert a_free(products=(a_line(), a_line(delivered=True))).delivered
    assert not a_free(products=(a_line(), a_line())).delivered
    assert a_line(250, quantity=4).amount == roubles(1000)


def test_a_kopeck_makes_a_stage() -> None:
    assert after(invoiced(in_work(), "0.01")).stage == "invoiced"
    assert after(paid(in_work(), "0.01")).stage == "part_paid"
    assert after(paid(after(invoiced(in_work(), "0.01")), "0.01")).stage == "won"
