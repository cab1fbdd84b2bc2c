"""Shipments and closing documents."""

import pytest

from services.activities.domain import delivery
from services.activities.domain.refusals import DocumentNotSent
from services.activities.domain.trade import Document, Shipment
from shared.ids import new_id
from shared.vocabulary import DocumentState
from tests.unit.activities.builders import (
    SETTINGS,
    TODAY,
    a_free,
    a_line,
    after,
    documents,
    in_work,
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
    signed_service = after(documents(won(), "signed"))
    assert types(documents(signed_service, "returned")) == ["documents.returned"]
    again = documents(after(documents(won(delivered=True), "returned")), "signed")
    assert types(again) == ["documents.signed", "activity.won"]


Papers = tuple[tuple[DocumentState, str | None], ...]


@pytest.mark.parametrize(
    ("papers", "signed"),
    [
        ((), False),
        ((("sent", "АКТ-1"),), False),
        ((("sent", "АКТ-1"), ("signed", "АКТ-1")), True),
        ((("sent", "АКТ-1"), ("sent", "УПД-2"), ("signed", "АКТ-1")), False),
        ((("sent", "АКТ-1"), ("sent", "УПД-2"), ("signed", "АКТ-1"), ("signed", "УПД-2")), True),
        ((("signed", "АКТ-1"), ("sent", "АКТ-сверки")), False),
        ((("signed", "АКТ-1"), ("sent", "АКТ-1")), True),
        ((("signed", None), ("sent", None)), True),
        ((("signed", None), ("sent", "1")), False),
        ((("signed", "1"), ("returned", "1"), ("sent", "1")), False),
        ((("signed", "1"), ("returned", "1"), ("signed", "1")), True),
        ((("signed", "1"), ("signed", "2"), ("returned", "2")), False),
    ],
)
def test_documents_are_signed_when_every_number_is(papers: Papers, signed: bool) -> None:
    activity = in_work(delivered=True)
    for state, number in papers:
        activity = after(documents(activity, state, number))
    assert activity.documents_signed is signed


def test_one_signed_of_two_sent_does_not_win() -> None:
    activity = after(shipped(after(paid(in_work(delivered=True)))))
    for state, number in (("sent", "АКТ-1"), ("sent", "УПД-2"), ("signed", "АКТ-1")):
        activity = after(documents(activity, state, number))  # type: ignore[arg-type]
    assert activity.status == "in_work"
    assert after(documents(activity, "signed", "УПД-2")).status == "won"


def test_a_paper_sent_after_the_win_concerns_itself_alone() -> None:
    activity = after(documents(won(delivered=True), "sent"))
    assert (activity.status, activity.documents_signed) == ("won", True), "a copy"
    activity = after(documents(activity, "sent", "АКТ-сверки"))
    assert (activity.status, activity.documents_signed) == ("won", False)
    assert types(documents(activity, "returned", "АКТ-сверки")) == ["documents.returned"]
    signed = after(documents(activity, "signed", "АКТ-сверки"))
    reversed_win = after(documents(signed, "returned", "АКТ-сверки"))
    assert reversed_win.status == "in_work", "a return takes a signature back"


def test_what_was_never_sent_cannot_be_returned() -> None:
    activity = after(documents(in_work(), "sent", "1"))
    for number in (None, "2"):
        with pytest.raises(DocumentNotSent):
            documents(activity, "returned", number)


@pytest.mark.parametrize("status", ["free", "lost"])
def test_shipments_and_documents_are_recorded_whatever_became_of_it(status: str) -> None:
    activity = a_free(status=status)
    assert types(shipped(activity)) == ["shipment.recorded"]
    assert types(documents(activity, "signed")) == ["documents.signed"]


def test_a_shipment_publishes_its_day_and_keeps_the_note() -> None:
    shipment = Shipment(new_id(), TODAY)
    activity = after(shipped(in_work()))
    (event,) = delivery.record_shipment(
        activity, shipment, "до двери", SETTINGS, False, later(days=1)
    )
    assert (event.type, event.note) == ("shipment.recorded", "до двери")
    assert event.details == {"shipment_id": shipment.id, "shipped_on": TODAY}
    assert event.after.trade.shipments == (*activity.trade.shipments, shipment)
    assert event.after.progress_at == later(days=1)


@pytest.mark.parametrize("state", ["sent", "signed", "returned"])
def test_documents_publish_their_state_and_day(state: DocumentState) -> None:
    activity = after(documents(in_work(delivered=True), "sent"))
    (event,) = documents(activity, state)
    assert (event.type, event.details) == (
        f"documents.{state}",
        {"on": TODAY, "number": None},
    )
    assert [document.state for document in event.after.trade.documents] == ["sent", state]


@pytest.mark.parametrize(("won_before", "sale"), [(False, "first"), (True, "repeat")])
def test_signed_documents_win_a_first_or_repeat_sale(won_before: bool, sale: str) -> None:
    activity = after(shipped(after(paid(in_work(delivered=True)))))
    signed = Document("signed", TODAY, None)
    events = delivery.record_document(activity, signed, SETTINGS, won_before, later(days=1))
    assert (after(events).sale, after(events).won_at) == (sale, later(days=1))


def test_a_win_reversed_by_returned_documents_has_the_usual_time_from_now() -> None:
    returned = Document("returned", TODAY, None)
    events = delivery.record_document(won(delivered=True), returned, SETTINGS, False, later(days=3))
    assert (after(events).progress_at, after(events).reset_due_at) == (
        later(days=3),
        later(days=17),
    )


@pytest.mark.parametrize("won_before", [False, True])
def test_a_shipment_that_completes_a_sale_wins_it_at_its_moment(won_before: bool) -> None:
    activity = in_work(products=(a_line(0),))
    moment = later(days=2)
    shipment = Shipment(new_id(), TODAY)
    events = delivery.record_shipment(activity, shipment, None, SETTINGS, won_before, moment)
    assert types(events)[-1] == "activity.won"
    assert (after(events).won_at, after(events).sale) == (
        moment,
        "repeat" if won_before else "first",
    )
