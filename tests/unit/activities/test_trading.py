"""From invoice to signed documents, in either order of trade, and the win that follows by itself."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain import trading
from services.activities.domain.activity import Activity, DomainEvent, Invoice, Payment
from services.activities.domain.refusals import (
    AlreadyWon,
    DuplicatePayment,
    InvoiceNotValid,
    NotInWork,
)
from shared.errors import Invalid, NotFound
from shared.ids import new_id
from shared.money import LARGEST, Money
from shared.vocabulary import InteractionKind
from tests.unit.activities.deals import (
    NOW,
    NUMBERS,
    a_free,
    after,
    documents,
    in_work,
    invoiced,
    later,
    paid,
    rub,
    shipped,
    types,
    won,
)

Move = Callable[[Activity], list[DomainEvent]]
MOVES: dict[str, Move] = {
    "invoice": invoiced,
    "half": lambda activity: paid(activity, 500),
    "payment": paid,
    "shipment": shipped,
    "sent": lambda activity: documents(activity, "sent"),
    "signed": lambda activity: documents(activity, "signed"),
    "returned": lambda activity: documents(activity, "returned"),
}


def walk(activity: Activity, moves: str) -> tuple[Activity, list[str]]:
    told: list[str] = []
    for name in moves.split():
        events = MOVES[name](activity)
        activity = after(events)
        told += types(events)
    return activity, told


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
def test_the_board_shows_the_furthest_step_prepaid_or_postpaid(
    delivered: bool, moves: str, stage: str
) -> None:
    activity, told = walk(in_work(delivered=delivered), moves)
    assert activity.stage == stage
    assert told.count("activity.won") == (stage == "won"), "won once"
    assert activity.version == 1 + len(told)


def test_a_free_activity_is_new_on_the_board_and_a_lost_one_lost() -> None:
    assert (a_free().stage, a_free(status="lost").stage) == ("new", "lost")


@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=8))
def test_partial_payments_win_with_the_kopeck_that_covers_and_not_before(
    kopecks: list[int],
) -> None:
    parts = [Decimal(part) / 100 for part in kopecks]
    activity = after(invoiced(in_work(), str(sum(parts))))
    for number, part in enumerate(parts, 1):
        assert activity.status == "in_work"
        events = paid(activity, str(part))
        activity = after(events)
        assert ("activity.won" in types(events)) == (number == len(parts))
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
def test_the_sale_is_settled_by_what_was_won_before_at_the_moment_of_the_win(
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
        rub(1500),
        "won",
    )


@pytest.mark.parametrize("kind", ["call", "meeting", "message", "letter"])
def test_an_interaction_is_progress_and_settles_the_promised_step(kind: InteractionKind) -> None:
    activity = in_work(next_step="позвонить", next_step_due_at=NOW)
    now = later(days=3)
    (fact,) = trading.record_interaction(activity, kind, "поговорили", None, NUMBERS, now)
    assert (fact.after.progress_at, fact.after.reset_due_at) == (now, now + timedelta(days=14))
    assert (fact.after.next_step, fact.after.next_step_due_at) == (None, None)
    assert (fact.details, fact.note) == ({"kind": kind, "has_note": True}, "поговорили")


def test_a_mere_note_moves_no_deadline_and_settles_nothing() -> None:
    activity = in_work(next_step="позвонить", next_step_due_at=later(days=1))
    (fact,) = trading.record_interaction(activity, "note", "мысль", None, NUMBERS, later(days=3))
    assert (fact.after.progress_at, fact.after.reset_due_at) == (
        activity.progress_at,
        activity.reset_due_at,
    )
    assert fact.after.next_step == "позвонить"
    (promised,) = trading.record_interaction(
        activity, "note", None, ("счёт", later(days=5)), NUMBERS, later(days=3)
    )
    assert (promised.after.next_step, promised.after.next_step_due_at) == ("счёт", later(days=5))


@pytest.mark.parametrize("move", ["invoice", "half", "shipment", "sent"])
def test_every_milestone_is_progress(move: str) -> None:
    activity = in_work(progress_at=later(days=-5), reset_due_at=later(days=9))
    assert after(MOVES[move](activity)).reset_due_at == later(days=14)


@pytest.mark.parametrize("move", list(MOVES))
@pytest.mark.parametrize("status", ["free", "lost"])
def test_nothing_is_traded_unless_someone_works_it(status: str, move: str) -> None:
    with pytest.raises(NotInWork):
        MOVES[move](a_free(status=status))


def test_a_won_activity_takes_no_new_invoices_and_none_is_cancelled() -> None:
    with pytest.raises(AlreadyWon):
        invoiced(won())
    with pytest.raises(AlreadyWon):
        trading.cancel_invoice(won(), new_id(), "ошибка", False, NOW)


def test_cancelling_the_unpaid_invoice_wins_with_the_paid_one() -> None:
    activity = after(paid(after(invoiced(after(invoiced(in_work(), 1000)), 300)), 1000))
    assert activity.stage == "part_paid"
    events = trading.cancel_invoice(activity, activity.trade.invoices[1].id, "не нужно", False, NOW)
    assert types(events) == ["invoice.cancelled", "activity.won"]


def test_with_every_invoice_cancelled_nothing_is_covered() -> None:
    activity = after(invoiced(in_work()))
    activity = after(
        trading.cancel_invoice(activity, activity.trade.invoices[0].id, "ошибка", False, NOW)
    )
    assert (activity.stage, activity.invoiced, activity.covered) == ("in_work", rub(0), False)
    with pytest.raises(InvoiceNotValid):
        trading.cancel_invoice(activity, activity.trade.invoices[0].id, "ещё раз", False, NOW)
    with pytest.raises(InvoiceNotValid):
        paid(activity, invoice_id=activity.trade.invoices[0].id)


def test_an_invoice_that_is_not_its_own_is_not_found() -> None:
    with pytest.raises(NotFound) as refused:
        paid(in_work(), invoice_id=new_id())
    assert refused.value.extra["errors"][0]["field"] == "invoice_id"


def test_a_payment_repeated_under_the_senders_id_happens_once_and_another_amount_is_refused() -> (
    None
):
    activity = after(paid(in_work(), 100, external_id="bank-7"))
    assert paid(activity, 100, external_id="bank-7") == []
    with pytest.raises(DuplicatePayment):
        paid(activity, 101, external_id="bank-7")
    assert types(paid(activity, 100)) == ["payment.received"], "without an id it is another payment"
    assert paid(after([*paid(won(), 5, external_id="late")]), 5, external_id="late") == [], (
        "also when it was won meanwhile"
    )


@pytest.mark.parametrize(
    ("ahead", "allowed"),
    [(timedelta(0), True), (timedelta(days=1), True), (timedelta(days=1, seconds=1), False)],
)
def test_money_has_come_when_it_is_recorded(ahead: timedelta, allowed: bool) -> None:
    if allowed:
        assert types(paid(in_work(), paid_at=NOW + ahead)) == ["payment.received"]
    else:
        with pytest.raises(Invalid):
            paid(in_work(), paid_at=NOW + ahead)


def test_only_the_companys_currency_is_traded() -> None:
    dollars = Money(amount="10.00", currency="USD")
    with pytest.raises(Invalid):
        trading.issue_invoice(
            in_work(), Invoice(new_id(), dollars, None, None, NOW), NUMBERS, False, NOW
        )
    with pytest.raises(Invalid):
        trading.receive(in_work(), Payment(new_id(), dollars, None, NOW, None), NUMBERS, False, NOW)


def test_amounts_never_add_up_to_more_than_can_be_told() -> None:
    with pytest.raises(Invalid):
        invoiced(after(invoiced(in_work(), str(LARGEST))), "0.01")
    with pytest.raises(Invalid):
        paid(after(paid(in_work(), str(LARGEST))), "0.01")
