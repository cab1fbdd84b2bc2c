"""An activity's fields stand in several places; here they are compared.

A new field of the domain's `Activity` belongs in a column of the table (with a migration) and,
where others should see it, in the event's `ActivityState` and the API's `ActivityView`. The
mapping, the state and the view take fields over by name, so that nothing else has to change.
"""

from dataclasses import fields, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from services.activities.domain.activity import Activity
from services.activities.domain.split_proposal import SplitProposal
from services.activities.domain.trade import Document, Shipment, Trade
from services.activities.events import TEXT_FIELDS, state_of, text_of
from services.activities.queries.activity_view import view_of
from services.activities.storage.changed_columns import (
    ALL,
    ALWAYS_THERE,
    changed_columns,
    first_columns,
)
from services.activities.storage.mapping import activity_of, new_values_of
from services.activities.storage.tables.activities import activity as table
from shared.activity_view import ActivityView
from shared.derived import derived
from shared.events.activities import ActivityState
from shared.ids import LossReasonId, SourceId, new_id
from tests.unit.activities.builders import (
    ANNA,
    BORIS,
    NOW,
    a_free,
    after,
    in_work,
    invoiced,
    later,
    paid,
    refunded,
    won,
)

FIELDS = {field.name for field in fields(Activity)}
DERIVED = {name for name, value in vars(Activity).items() if isinstance(value, derived)}
COLUMNS = {column.name for column in table.c}
STATE = set(ActivityState.model_fields)
VIEW = set(ActivityView.model_fields)

OF_THE_ENVELOPE = {"id", "version"}
KEPT_INSIDE = {
    "currency",
    "first_taken_at",
    "last_responsible_id",
    "released_at_by_seller",
    "reset_paused_until",
    "reset_warned_at",
    "trade",
    "untouched_at",
    "untouched_told_at",
}
"""Not published by themselves: amounts have the currency, the detail shows the trade."""


def test_every_field_has_a_column() -> None:
    assert FIELDS <= COLUMNS


def test_every_other_column_is_derived_or_the_tenants() -> None:
    assert COLUMNS - FIELDS - {"tenant_id"} <= DERIVED


def test_every_field_is_published_in_the_state_or_as_text_unless_kept_inside() -> None:
    assert (STATE & FIELDS) | set(TEXT_FIELDS) == FIELDS - KEPT_INSIDE - OF_THE_ENVELOPE


def test_the_state_has_only_fields_derived_values_the_checklist_and_returns() -> None:
    assert {"checklist", "returned"} == STATE - FIELDS - DERIVED


def test_every_field_of_the_state_is_shown_but_two_deadlines_and_what_pay_needs() -> None:
    shown_elsewhere = {"client_id", "next_step_due_at", "invoice_due_on"}
    assert shown_elsewhere | {"won_on", "returned", "vip"} == STATE - VIEW


def test_the_view_shows_nothing_but_the_state_the_text_and_the_client() -> None:
    assert {"client", *OF_THE_ENVELOPE, *TEXT_FIELDS} == VIEW - STATE


def everything() -> Activity:
    """An activity in which no field is empty."""
    activity = after(refunded(after(paid(after(invoiced(in_work(), due_on=NOW.date())), 2)), 1))
    trade = Trade(
        activity.trade.invoices,
        activity.trade.payments,
        activity.trade.refunds,
        (Shipment(new_id(), NOW.date()),),
        (Document("signed", NOW.date(), "1"),),
    )
    values = {field.name: getattr(activity, field.name) for field in fields(Activity)}
    return Activity(
        **{
            **values,
            "trade": trade,
            "shares": ((ANNA, Decimal("0.3")), (BORIS, Decimal("0.7"))),
            "split_proposal": SplitProposal(new_id(), ANNA, NOW, ((ANNA, Decimal(1)),), (BORIS,)),
            "last_responsible_id": BORIS,
            "first_taken_at": NOW,
            "first_source_id": SourceId(new_id()),
            "released_at_by_seller": MappingProxyType({BORIS: later(days=-1)}),
            "reset_paused_until": later(days=1),
            "reset_warned_at": later(days=13),
            "untouched_at": later(hours=1),
            "untouched_told_at": later(hours=1),
            "next_step": "позвонить",
            "next_step_due_at": later(days=1),
            "won_at": later(days=2),
            "won_on": later(days=1).date(),
            "vip": True,
            "note": "заметка",
            "lost_reason": "причина",
            "lost_reason_id": LossReasonId(new_id()),
            "lost_at": later(days=3),
        }
    )


def test_the_activity_of_these_tests_has_every_field() -> None:
    activity = everything()
    assert all(getattr(activity, name) not in (None, (), {}) for name in FIELDS)


def row_of(activity: Activity, columns: tuple[str, ...] = ALL) -> dict[str, Any]:
    values = new_values_of(activity, columns)
    return {name.removeprefix("new_"): value for name, value in values.items()}


@pytest.mark.parametrize("activity", [everything(), a_free(), won()])
def test_a_row_holds_the_whole_activity(activity: Activity) -> None:
    row = row_of(activity)
    assert set(row) == COLUMNS - {"tenant_id"}
    assert activity_of(row) == activity


@pytest.mark.parametrize("name", sorted(FIELDS - set(ALWAYS_THERE)))
def test_what_changed_is_written(name: str) -> None:
    stored = replace(a_free(), **{name: getattr(everything(), name)})
    for before, after_it in ((stored, everything()), (everything(), stored)):
        moved = replace(after_it, **{each: getattr(before, each) for each in ALWAYS_THERE})
        written = row_of(moved, changed_columns(before, moved))
        assert row_of(before) | written == row_of(moved)
    only = replace(everything(), **{name: getattr(a_free(), name)})
    before = replace(everything(), **{each: getattr(only, each) for each in FIELDS - {name}})
    assert row_of(before) | row_of(only, changed_columns(before, only)) == row_of(only)


def test_an_order_that_stays_is_not_written_again() -> None:
    stored = won()
    after_it = replace(stored, next_step="позвонить", version=stored.version + 1)
    assert {"products", "trade", "shares", "note"}.isdisjoint(changed_columns(stored, after_it))


@pytest.mark.parametrize("activity", [everything(), a_free(), in_work(note="заметка"), won()])
def test_a_new_row_lacks_only_what_is_empty(activity: Activity) -> None:
    left_out = set(ALL) - set(first_columns(activity))
    assert all(getattr(activity, name) is None for name in left_out)
    assert set(ALL) == COLUMNS - {"tenant_id"}


@pytest.mark.parametrize("activity", [everything(), a_free(), won()])
def test_the_view_of_an_activity_fits_its_model(activity: Activity) -> None:
    client = {
        "id": str(activity.client_id),
        "name": "Ромашка",
        "large": False,
        "do_not_call": False,
    }
    view = view_of(activity, client, NOW)
    assert set(view) == VIEW
    assert ActivityView.model_validate(view).id == activity.id


def test_the_published_state_and_text_say_what_the_activity_is() -> None:
    activity = everything()
    state = state_of(activity)
    composed = {"products", "shares", "due_invoices", "vip", "split_proposal"}
    for name in STATE & (FIELDS | DERIVED) - composed:
        assert getattr(state, name) == getattr(activity, name), name
    assert text_of(activity) == {name: getattr(activity, name) for name in TEXT_FIELDS}


def test_whether_the_client_is_a_vip_is_published_of_wins_alone() -> None:
    assert state_of(everything()).vip is None
    assert state_of(replace(won(), vip=True)).vip is True


def test_a_changed_activity_derives_what_it_would_anew() -> None:
    whole = everything()
    for name in sorted(FIELDS):
        for before, after_it in ((whole, a_free()), (a_free(), whole), (won(), in_work())):
            for each in DERIVED:
                getattr(before, each)
            changes = {name: getattr(after_it, name)}
            changed = before.changed(**changes)
            assert changed == replace(before, **changes)
            anew = replace(before, **changes)
            assert {each: getattr(changed, each) for each in DERIVED} == {
                each: getattr(anew, each) for each in DERIVED
            }, name


def test_an_activity_has_no_change_that_is_no_field() -> None:
    with pytest.raises(TypeError, match="stag"):
        a_free().changed(stag="new")
