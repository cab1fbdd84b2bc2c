"""From invoice to signed documents, in either order of trade, and the win that follows."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain import closing, releasing
from services.activities.domain.winning import reverse_win, win_if_complete
from shared.ids import EmployeeId
from shared.vocabulary import How
from tests.support.money import roubles
from tests.unit.activities.builders import (
    ANNA,
    BORIS,
    NOW,
    SETTINGS,
    a_free,
    a_line,
    after,
    documents,
    in_work,
    invoiced,
    later,
    paid,
    refunded,
    shipped,
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
        (False, "payment", "won"),
        (False, "half invoice", "part_paid"),
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
        (True, "payment signed invoice", "documents_signed"),
        (True, "invoice payment signed", "documents_signed"),
        (True, "invoice payment signed shipment", "won"),
        (True, "payment signed shipment", "won"),
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
    activity = in_work(products=(a_line(str(sum(parts))),))
    for count, part in enumerate(parts, 1):
        assert activity.status == "in_work"
        events = paid(activity, str(part))
        activity = after(events)
        assert ("activity.won" in types(events)) == (count == len(parts))
    assert (activity.paid, activity.to_pay) == (activity.agreed, roubles(0))


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


def test_a_win_ends_the_deadline_and_keeps_the_promised_step() -> None:
    activity = in_work(next_step="позвонить", next_step_due_at=later(days=1))
    activity = after(paid(after(invoiced(activity))))
    assert (
        activity.won_at,
        activity.reset_due_at,
        activity.next_step,
        activity.next_step_due_at,
    ) == (NOW, None, "позвонить", later(days=1))


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
        ("payment", ("0", "1000", True, False)),
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


def test_a_kopeck_makes_a_stage_and_no_win() -> None:
    assert after(invoiced(in_work(), "0.01")).stage == "invoiced"
    assert after(paid(in_work(), "0.01")).stage == "part_paid"
    billed = after(paid(after(invoiced(in_work(), "0.01")), "0.01"))
    assert (billed.stage, billed.status) == ("part_paid", "in_work")
    assert (billed.to_invoice, billed.to_pay) == (roubles("999.99"), roubles("999.99"))


@pytest.mark.parametrize("delivered", [False, True])
def test_a_free_order_is_won_by_its_delivery(delivered: bool) -> None:
    order = in_work(products=(a_line(0, delivered=delivered),))
    assert (order.covered, order.stage, order.to_pay) == (True, "in_work", roubles(0))
    events = shipped(order)
    if delivered:
        assert after(events).stage == "shipped"
        events = documents(after(events), "signed")
    assert types(events)[-1] == "activity.won"


def test_money_that_comes_while_it_is_free_wins_for_who_was_last_responsible() -> None:
    freed = releasing.take_away(in_work()).after
    assert (freed.responsible_id, freed.last_responsible_id) == (None, ANNA)
    paid_freed = replace(freed, trade=after(paid(in_work())).trade)
    assert after(win_if_complete(paid_freed, False, NOW)).responsible_id == ANNA


def test_nobody_is_responsible_for_a_win_that_nobody_worked_and_its_reversal_is_free() -> None:
    paid_free = replace(a_free(), trade=after(paid(in_work())).trade)
    won_alone = after(win_if_complete(paid_free, False, NOW))
    assert (won_alone.status, won_alone.responsible_id) == ("won", None)
    reversed_win = reverse_win(won_alone, SETTINGS, NOW).after
    assert (reversed_win.status, reversed_win.reset_due_at) == ("free", None)


def test_what_came_while_it_was_lost_wins_when_it_is_reopened() -> None:
    lost = replace(
        closing.lose(in_work(), closing.Loss("молчат"), NOW).after,
        trade=after(paid(in_work())).trade,
    )
    assert win_if_complete(lost, False, NOW) == []
    events = closing.reopen(lost, True, SETTINGS, True, NOW)
    assert types(events) == ["activity.reopened", "activity.won"]
    assert after(events).sale == "repeat"


@pytest.mark.parametrize(
    ("how", "responsible", "kept"),
    [
        ("handed_over", BORIS, False),
        ("handed_over", ANNA, True),
        ("assigned", BORIS, True),
    ],
)
def test_shares_kept_for_whom_the_win_paid_end_with_it(
    how: How, responsible: EmployeeId, kept: bool
) -> None:
    shares = ((ANNA, Decimal(1)),)
    activity = replace(won(), how=how, responsible_id=responsible, shares=shares)
    assert reverse_win(activity, SETTINGS, NOW).after.shares == (shares if kept else ())


def test_a_reversed_win_goes_on_with_the_pause_of_its_invoices() -> None:
    pausing = replace(SETTINGS, options=replace(SETTINGS.options, pause_for_invoices=True))
    activity = replace(won(), reset_paused_until=later(days=30))
    back = reverse_win(activity, pausing, NOW).after
    assert back.reset_due_at == pausing.reset_due_at(NOW, later(days=30))
    assert back.reset_due_at != pausing.reset_due_at(NOW)


def test_an_order_of_nothing_is_won_by_its_shipment_alone() -> None:
    order = in_work(products=(a_line(0),))
    assert win_if_complete(order, False, NOW) == []
    assert types(shipped(order))[-1] == "activity.won"
