"""Renewals: when the next sale of what was won with a term is due, and what becomes of it."""

from calendar import monthrange
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain import renewal_terms, renewals
from services.activities.domain.activity import Activity
from services.activities.domain.refusals import (
    AlreadyTaken,
    BeyondHorizon,
    ContractNotWon,
    RenewalNotScheduled,
    RenewalNotWithdrawn,
)
from services.activities.domain.registering import OfferedProduct
from services.activities.domain.renewals import Renewal, RenewalEvent, Taker, Term, add_months
from services.activities.domain.trade import OrderLine, Refund
from shared.ids import ActivityId, ProductId, RoomId, new_id
from shared.vocabulary import RenewalStatus
from tests.support.money import roubles
from tests.unit.activities.builders import ANNA, NOW, a_line, won

MOSCOW = "Europe/Moscow"
TODAY = NOW.date()
DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2090, 12, 31))


def a_line_for(months: int | None, price: int = 1000) -> OrderLine:
    return replace(a_line(price), term_months=months)


def a_contract(*terms: int | None, won_on: datetime = NOW) -> Activity:
    sold = won()
    payments = tuple(
        replace(payment, paid_at=won_on, paid_on=None) for payment in sold.trade.payments
    )
    return replace(
        sold,
        products=tuple(a_line_for(months) for months in terms),
        won_at=won_on,
        trade=replace(sold.trade, payments=payments),
    )


def scheduled(contract: Activity, renewed: Renewal | None = None) -> list[Renewal]:
    events = renewal_terms.follow_win(contract, [], renewed, MOSCOW)
    assert {event.type for event in events} <= {"renewal.scheduled"}
    return [event.after for event in events]


def a_renewal(**changes: object) -> Renewal:
    (renewal,) = scheduled(a_contract(12))
    return replace(renewal, **changes)  # type: ignore[arg-type]


def the(events: list[RenewalEvent]) -> RenewalEvent:
    (event,) = events
    return event


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-01-31", 2, "2026-03-31"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-12-15", 1, "2027-01-15"),
    ],
)
def test_a_term_ends_on_the_same_day_or_the_last_of_its_month(
    day: str, months: int, later: str
) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(later)


@given(DAYS, st.integers(min_value=1, max_value=600))
def test_months_later_is_in_that_month_and_never_past_the_day(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == min(day.day, monthrange(later.year, later.month)[1])


@given(DAYS, st.integers(1, 36), st.integers(1, 30))
def test_terms_in_a_row_never_drift_from_the_first_day(day: date, months: int, count: int) -> None:
    due = [Term(months, number, day).due_on for number in range(1, count + 1)]
    assert due == sorted(set(due))
    assert all(later.day == day.day or (later + timedelta(1)).day == 1 for later in due)


def test_each_term_has_one_renewal_with_its_lines() -> None:
    contract = a_contract(12, None, 1, 12)
    monthly, yearly = scheduled(contract)
    assert (monthly.term_months, monthly.due_on) == (1, add_months(TODAY, 1))
    assert (yearly.term_months, yearly.due_on) == (12, add_months(TODAY, 12))
    assert yearly.products == (contract.products[0], contract.products[3])
    assert yearly.due_at == datetime(2027, 11, 22, 21, tzinfo=UTC), "the day begins in Moscow"
    assert (yearly.amount, yearly.version) == (roubles(2000), 1)


def test_nothing_with_a_term_schedules_nothing() -> None:
    assert scheduled(a_contract(None, None)) == []


def test_the_day_of_the_win_is_the_companys() -> None:
    (renewal,) = scheduled(a_contract(1, won_on=datetime(2026, 1, 30, 21, 30, tzinfo=UTC)))
    assert (renewal.counted_from, renewal.due_on) == (date(2026, 1, 31), date(2026, 2, 28))


def test_the_term_counts_from_the_last_payment_and_not_from_its_entry() -> None:
    contract = a_contract(1, won_on=NOW - timedelta(days=10))
    (renewal,) = scheduled(replace(contract, won_at=NOW))
    assert renewal.counted_from == TODAY - timedelta(days=10)


def test_a_renewal_of_a_renewal_counts_from_the_first_day() -> None:
    (first,) = scheduled(a_contract(1, won_on=datetime(2026, 1, 31, 9, tzinfo=UTC)))
    assert first.due_on == date(2026, 2, 28)
    (second,) = scheduled(a_contract(1, won_on=datetime(2026, 2, 25, 9, tzinfo=UTC)), first)
    assert (second.due_on, second.number) == (date(2026, 3, 31), 2)
    (late,) = scheduled(a_contract(1, won_on=datetime(2026, 3, 10, 9, tzinfo=UTC)), first)
    assert late.due_on == date(2026, 3, 31), "paid late within the new term"
    (anew,) = scheduled(a_contract(1, won_on=datetime(2026, 5, 10, 9, tzinfo=UTC)), first)
    assert (anew.due_on, anew.number) == (date(2026, 6, 10), 1), "the term is over: counted anew"
    (other,) = scheduled(a_contract(6, won_on=datetime(2026, 2, 25, 9, tzinfo=UTC)), first)
    assert other.due_on == date(2026, 8, 28), "another term goes on where the last one ended"


def test_a_reversed_win_withdraws_and_a_new_win_schedules_the_same_again() -> None:
    contract = a_contract(12)
    (first,) = scheduled(contract)
    withdrawn = the(renewal_terms.follow_reversal([first]))
    assert withdrawn.type == "renewal.withdrawn"
    assert (withdrawn.after.status, withdrawn.after.withdrawal) == ("withdrawn", "win_reversed")
    again = the(renewal_terms.follow_win(contract, [withdrawn.after], None, MOSCOW))
    assert (again.type, again.after.id, again.after.version) == ("renewal.scheduled", first.id, 3)
    assert again.after == replace(first, version=3)


def a_refund(product_id: ProductId, amount: int) -> Refund:
    return Refund(new_id(), roubles(amount), None, NOW, None, product_id)


def test_products_that_came_back_are_not_renewed() -> None:
    contract = a_contract(12, 12, 1)
    monthly, yearly = scheduled(contract)
    kept, returned, other = contract.products
    refunds = (a_refund(returned.product_id, 1000), a_refund(other.product_id, 999))
    contract = replace(contract, trade=replace(contract.trade, refunds=refunds))
    reduced = the(renewal_terms.follow_refund(contract, [monthly, yearly]))
    assert (reduced.type, reduced.after.products) == ("renewal.scheduled", (kept,))
    whole = (*refunds, a_refund(other.product_id, 1))
    contract = replace(contract, trade=replace(contract.trade, refunds=whole))
    gone = the(renewal_terms.follow_refund(contract, [monthly, reduced.after]))
    assert (gone.after.id, gone.after.withdrawal) == (monthly.id, "refunded")
    assert [each.products for each in scheduled(contract)] == [(kept,)]


@pytest.mark.parametrize("status", ["taken", "opened"])
def test_what_became_an_activity_is_neither_withdrawn_nor_scheduled_again(
    status: RenewalStatus,
) -> None:
    contract = a_contract(12)
    became = replace(scheduled(contract)[0], status=status)
    assert renewal_terms.follow_reversal([became]) == []
    assert renewal_terms.follow_win(contract, [became], None, MOSCOW) == []


def test_a_new_win_does_not_undo_what_somebody_said() -> None:
    contract = a_contract(12)
    withdrawn = renewals.withdraw(scheduled(contract)[0], ANNA, "закрываются").after
    assert renewal_terms.follow_win(contract, [withdrawn], None, MOSCOW) == []


def test_renewals_move_with_their_contract() -> None:
    renewal, room = a_renewal(), RoomId(new_id())
    moved = the(renewal_terms.follow_move([renewal], room))
    assert (moved.type, moved.after.room_id) == ("renewal.moved", room)
    assert renewal_terms.follow_move([moved.after], room) == []


@pytest.mark.parametrize(("horizon", "takeable"), [(0, False), (364, False), (365, True)])
def test_a_renewal_is_taken_ahead_within_the_horizon(horizon: int, takeable: bool) -> None:
    renewal, until = a_renewal(), renewals.visible_until(NOW, MOSCOW, horizon)
    if takeable:
        renewals.require_takeable(renewal, until)
    else:
        with pytest.raises(BeyondHorizon) as refused:
            renewals.require_takeable(renewal, until)
        assert refused.value.extra == {"due_on": renewal.due_on}


def test_what_is_no_longer_scheduled_is_refused_with_what_became_of_it() -> None:
    renewal, activity_id = a_renewal(), ActivityId(new_id())
    taken = renewals.become_activity(renewal, activity_id, "taken").after
    with pytest.raises(AlreadyTaken) as refused:
        renewals.require_takeable(taken, date.max, Taker(ANNA, NOW))
    assert refused.value.extra == {
        "responsible_id": ANNA,
        "taken_at": NOW,
        "activity_id": activity_id,
    }
    opened = renewals.become_activity(renewal, activity_id, "opened").after
    for rule in (
        lambda: renewals.require_takeable(opened, date.max),
        lambda: renewals.withdraw(opened, ANNA, "нет"),
        lambda: renewals.prepare(opened, "заметка"),
    ):
        with pytest.raises(RenewalNotScheduled) as not_scheduled:
            rule()
        assert not_scheduled.value.extra == {
            "renewal_status": "opened",
            "activity_id": activity_id,
        }


def test_a_withdrawn_renewal_is_restored_while_its_contract_is_won() -> None:
    renewal = a_renewal(note="предложить два года")
    withdrawn = renewals.withdraw(renewal, ANNA, "закрываются").after
    assert (withdrawn.withdrawn_by, withdrawn.withdrawn_reason) == (ANNA, "закрываются")
    restored = renewals.restore(withdrawn, True)
    assert (restored.type, restored.after) == ("renewal.restored", replace(renewal, version=3))
    with pytest.raises(ContractNotWon):
        renewals.restore(withdrawn, False)
    with pytest.raises(RenewalNotWithdrawn) as refused:
        renewals.restore(renewal, True)
    assert refused.value.extra == {"renewal_status": "scheduled", "activity_id": None}


def test_the_same_note_is_no_event() -> None:
    renewal = a_renewal()
    event = the(renewals.prepare(renewal, "позвонить"))
    assert (event.type, event.after.note) == ("renewal.prepared", "позвонить")
    assert renewals.prepare(event.after, "позвонить") == []


def test_lines_follow_the_directory_and_drop_what_is_no_longer_sold() -> None:
    sold, gone, unknown = (a_line_for(12) for _ in range(3))
    offered = {
        line.product_id: OfferedProduct(
            id=line.product_id,
            company_id=a_renewal().company_id,
            category="подписка",
            price=roubles(1500),
            delivered=True,
            term_months=6,
            active=line is sold,
        )
        for line in (sold, gone)
    }
    lines, dropped = renewals.followed_lines((sold, gone, unknown), offered)
    assert lines == (
        replace(sold, category="подписка", price=roubles(1500), delivered=True, term_months=6),
    )
    assert dropped == [gone.product_id, unknown.product_id]
    assert renewals.followed_lines((gone,), offered) == ((gone,), [gone.product_id])


def test_a_renewals_term_is_counted_from_where_the_contract_counts() -> None:
    renewal = a_renewal(term_months=3, number=2, counted_from=date(2026, 8, 31))
    assert renewal.term == Term(3, 2, date(2026, 8, 31))
    assert renewal.term.due_on == date(2027, 2, 28)


def test_whoever_comes_first_does_not_keep_a_scheduled_renewal_from_being_taken() -> None:
    renewal = a_renewal()
    renewals.require_takeable(renewal, renewal.due_on, Taker(ANNA, NOW))


def test_what_becomes_of_a_renewal_is_published_by_its_name() -> None:
    activity_id = ActivityId(new_id())
    assert renewals.become_activity(a_renewal(), activity_id, "opened").type == "renewal.opened"
    withdrawn = renewals.withdraw(a_renewal(), ANNA, "закрылись")
    assert withdrawn.type == "renewal.withdrawn"
    taken = renewals.become_activity(a_renewal(), activity_id, "taken").after
    with pytest.raises(RenewalNotWithdrawn) as refused:
        renewals.restore(taken, True)
    assert refused.value.extra == {"renewal_status": "taken", "activity_id": activity_id}


def test_a_term_that_has_ended_by_the_win_is_counted_from_the_win() -> None:
    (first,) = scheduled(a_contract(1, won_on=datetime(2026, 1, 31, 9, tzinfo=UTC)))
    (second,) = scheduled(a_contract(1, won_on=datetime(2026, 3, 30, 9, tzinfo=UTC)), first)
    assert (second.number, second.counted_from) == (2, date(2026, 1, 31))
    (anew,) = scheduled(a_contract(1, won_on=datetime(2026, 3, 31, 9, tzinfo=UTC)), first)
    assert (anew.number, anew.counted_from) == (1, date(2026, 3, 31))


def test_a_win_after_a_reversal_schedules_the_same_renewal_again() -> None:
    contract = a_contract(12)
    (before,) = scheduled(contract)
    (withdrawn,) = renewal_terms.follow_reversal([before])
    (again,) = renewal_terms.follow_win(contract, [withdrawn.after], None, MOSCOW)
    assert (again.after.id, again.after.version) == (before.id, before.version + 2)
