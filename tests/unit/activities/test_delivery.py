"""Shipments and closing documents."""

from tests.unit.activities.builders import (
    after,
    documents,
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
