"""Invoices that lack money pause the reset until they are overdue."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain import invoicing, payments, progress, releasing, taking
from services.activities.domain.activity import Activity, DomainEvent
from services.activities.domain.ordering import change_order
from services.activities.domain.room_options import RoomOptions
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.trade import Invoice, Payment
from shared.clock import end_of_day
from shared.ids import new_id
from shared.room_settings import NOTICE
from tests.support.money import roubles
from tests.unit.activities.builders import (
    ANNA,
    BORIS,
    NOW,
    a_free,
    a_line,
    after,
    in_work,
    later,
)

ZONE = "Europe/Moscow"
PERIOD = 10
PAUSING = RoomSettings(activity_reset_days=PERIOD, options=RoomOptions(pause_for_invoices=True))
PLAIN = RoomSettings(activity_reset_days=PERIOD)


def started(settings: RoomSettings = PAUSING) -> Activity:
    return in_work(products=(a_line(1000, delivered=True),), **settings.deadline(NOW))


def invoiced(
    activity: Activity,
    amount: int,
    due_in: int | None,
    settings: RoomSettings = PAUSING,
    now: datetime = NOW,
) -> list[DomainEvent]:
    due_on = now.date() + timedelta(days=due_in) if due_in is not None else None
    overdue_at = end_of_day(due_on, ZONE) if due_on else None
    invoice = Invoice(new_id(), roubles(amount), None, due_on, now, overdue_at=overdue_at)
    return invoicing.issue_invoice(activity, invoice, settings, now)


def paid(
    activity: Activity, amount: int, now: datetime = NOW, invoice_id: UUID | None = None
) -> list[DomainEvent]:
    payment = Payment(new_id(), roubles(amount), invoice_id, now, None, "confirmed", now.date())
    return payments.record_payment(activity, payment, PAUSING, False, now)


def end_of(day: date) -> datetime:
    return end_of_day(day, ZONE)


def test_the_time_runs_from_the_end_of_the_due_day() -> None:
    activity = after(invoiced(started(), 1000, 20))
    overdue_at = end_of((NOW + timedelta(days=20)).date())
    assert activity.reset_due_at == overdue_at + timedelta(days=PERIOD)
    assert activity.reset_warning_at == activity.reset_due_at - timedelta(hours=24)
    called = after(
        progress.record_interaction(activity, "call", None, None, PAUSING, later(days=5))
    )
    assert called.reset_due_at == activity.reset_due_at
    late = after(progress.record_interaction(activity, "call", None, None, PAUSING, later(days=25)))
    assert late.reset_due_at == later(days=25 + PERIOD)


@pytest.mark.parametrize("due_in", [None, -3])
def test_an_invoice_without_a_due_day_to_come_pauses_nothing(due_in: int | None) -> None:
    assert after(invoiced(started(), 1000, due_in)).reset_due_at == later(days=PERIOD)


def test_without_the_option_the_time_runs_on() -> None:
    activity = after(invoiced(started(PLAIN), 1000, 20, PLAIN))
    assert activity.reset_due_at == later(days=PERIOD)
    (moved,) = releasing.realign_deadline(activity, PAUSING)
    assert moved.after.reset_due_at == end_of(later(days=20).date()) + timedelta(days=PERIOD)


def test_the_last_of_several_due_days_counts_and_a_paid_one_no_more() -> None:
    activity = after(invoiced(after(invoiced(started(), 300, 30)), 700, 5))
    first = activity.trade.invoices[0]
    assert activity.reset_paused_until == first.overdue_at
    changed = after(paid(activity, 300, invoice_id=first.id))
    assert changed.reset_paused_until == activity.trade.invoices[1].overdue_at


def test_a_cancelled_invoice_gives_the_whole_time_from_then_on() -> None:
    activity = after(invoiced(started(), 1000, 20))
    now = later(days=15)
    cancelled = after(
        invoicing.cancel_invoice(activity, activity.trade.invoices[0].id, "ошибка", PAUSING, now)
    )
    assert cancelled.reset_due_at == now + timedelta(days=PERIOD)
    overdue = invoicing.cancel_invoice(
        activity, activity.trade.invoices[0].id, "ошибка", PAUSING, later(days=25)
    )
    assert after(overdue).reset_due_at == activity.reset_due_at, "the pause was over by itself"


def test_a_smaller_order_that_is_paid_ends_the_pause_then() -> None:
    activity = after(paid(after(invoiced(started(), 1000, 20)), 300))
    changed = after(
        change_order(activity, (a_line(300, delivered=True),), PAUSING, False, later(days=15))
    )
    assert changed.status == "in_work"
    assert changed.reset_due_at == later(days=15 + PERIOD)


def test_who_was_warned_of_a_deadline_that_stays_is_not_warned_again() -> None:
    activity = after(invoiced(started(PLAIN), 1000, 20, PLAIN))
    warned = replace(activity, reset_warned_at=later(days=9))
    invoice_id = activity.trade.invoices[0].id
    cancelled = after(invoicing.cancel_invoice(warned, invoice_id, "нет", PLAIN, later(days=9)))
    assert cancelled.reset_warned_at == later(days=9)


def test_the_next_responsible_has_the_pause_too() -> None:
    activity = after(invoiced(started(), 1000, 20))
    (assigned,) = taking.assign(activity, BORIS, PAUSING, later(days=1))
    assert assigned.after.reset_due_at == activity.reset_due_at


def test_the_option_that_is_switched_off_gives_a_days_notice() -> None:
    activity = after(invoiced(started(), 1000, 20))
    now = later(days=15)
    plain = PAUSING.with_options(RoomOptions(), None, now)
    (moved,) = releasing.realign_deadline(activity, plain)
    assert moved.after.reset_due_at == now + NOTICE
    assert releasing.catch_up(moved.after, plain, now) == []


def _pay(activity: Activity, now: datetime) -> list[DomainEvent]:
    return paid(activity, 100, now) if activity.trade.invoices else []


def _cancel(activity: Activity, now: datetime) -> list[DomainEvent]:
    left = [invoice for invoice in activity.trade.invoices if not invoice.cancelled]
    if not left:
        return []
    return invoicing.cancel_invoice(activity, left[0].id, "нет", PAUSING, now)


def _issue(activity: Activity, now: datetime) -> list[DomainEvent]:
    if activity.to_invoice.amount < 100:
        return []
    return invoiced(activity, 100, activity.version % 25, PAUSING, now)


def _shrink(activity: Activity, now: datetime) -> list[DomainEvent]:
    lines = (a_line(max(activity.paid.amount, 1).__str__(), delivered=True),)
    return change_order(activity, lines, PAUSING, False, now)


STEPS: dict[str, Callable[[Activity, datetime], list[DomainEvent]]] = {
    "issue": _issue,
    "cancel": _cancel,
    "pay": _pay,
    "shrink": _shrink,
}


@given(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 72)), max_size=12))
def test_nothing_is_reset_sooner_than_its_period_after_a_pause(
    steps: list[tuple[str, int]],
) -> None:
    activity, now = started(), NOW
    for step, hours in steps:
        now += timedelta(hours=hours)
        if activity.reset_due_at and activity.reset_due_at <= now:
            return
        lacking = any(
            invoice.overdue_from and invoice.overdue_from > now for invoice in activity.due_invoices
        )
        events = STEPS[step](activity, now)
        activity = events[-1].after if events else activity
        if activity.status != "in_work":
            return
        due_at = activity.reset_due_at
        assert due_at == PAUSING.reset_due_at(activity.progress_at, activity.reset_paused_until)
        assert due_at and due_at > now, "never at once"
        if lacking:
            assert due_at >= now + timedelta(days=PERIOD), "a pause ended by a command gives all"
        latest = [invoice.overdue_from for invoice in activity.due_invoices]
        assert all(moment + timedelta(days=PERIOD) <= due_at for moment in latest if moment)


def test_nobody_works_it_and_the_pause_is_kept_for_who_takes_it() -> None:
    activity = after(invoiced(started(), 1000, 20))
    free = replace(activity, status="free", responsible_id=None, reset_due_at=None)
    (taken,) = taking.assign(free, ANNA, PAUSING, later(days=1))
    assert taken.after.reset_due_at == activity.reset_due_at
    assert a_free().reset_paused_until is None
