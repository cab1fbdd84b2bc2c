"""Shipments and closing documents."""

import pytest

from services.activities.domain import delivery
from services.activities.domain.activity import Document, Shipment
from shared.ids import new_id
from shared.vocabulary import DocumentState
from tests.unit.activities.builders import (
    NOW,
    SETTINGS,
    after,
    documents,
    in_work,
    invoiced,
    later,
    paid,
    shipped,
    types,
    won,
)


def test_returned_documents_reverse_only_the_win_of_a_delivery() -> None:
    assert types(documents(won(delivered=True), "returned")) == [
        "documents.returned",
        "activity.win_reversed",
    ]
    assert types(documents(won(delivered=True), "sent")) == ["documents.sent"]
    assert types(documents(won(), "returned")) == ["documents.returned"]
    again = documents(after(documents(won(delivered=True), "returned")), "signed")
    assert types(again) == ["documents.signed", "activity.won"]


def test_a_shipment_publishes_its_day_and_keeps_the_note() -> None:
    shipment = Shipment(new_id(), NOW.date())
    activity = after(shipped(in_work()))
    (event,) = delivery.record_shipment(activity, shipment, "до двери", SETTINGS, later(days=1))
    assert (event.type, event.note) == ("shipment.recorded", "до двери")
    assert event.details == {"shipment_id": shipment.id, "shipped_on": NOW.date()}
    assert event.after.trade.shipments == (*activity.trade.shipments, shipment)
    assert event.after.progress_at == later(days=1)


@pytest.mark.parametrize("state", ["sent", "signed", "returned"])
def test_documents_publish_their_state_and_day(state: DocumentState) -> None:
    activity = after(documents(in_work(delivered=True), "sent"))
    (event,) = documents(activity, state)
    assert (event.type, event.details) == (f"documents.{state}", {"on": NOW.date()})
    assert [document.state for document in event.after.trade.documents] == ["sent", state]


@pytest.mark.parametrize(("won_before", "sale"), [(False, "first"), (True, "repeat")])
def test_signed_documents_win_a_first_or_repeat_sale(won_before: bool, sale: str) -> None:
    activity = after(paid(after(invoiced(in_work(delivered=True)))))
    signed = Document("signed", NOW.date(), None)
    events = delivery.record_document(activity, signed, SETTINGS, won_before, later(days=1))
    assert (after(events).sale, after(events).won_at) == (sale, later(days=1))


def test_a_win_reversed_by_returned_documents_has_the_usual_time_from_now() -> None:
    returned = Document("returned", NOW.date(), None)
    events = delivery.record_document(won(delivered=True), returned, SETTINGS, False, later(days=3))
    assert (after(events).progress_at, after(events).reset_due_at) == (
        later(days=3),
        later(days=17),
    )
