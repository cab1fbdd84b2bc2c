"""Closing documents are a set: each number has a state of its own."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from shared.vocabulary import DocumentState

if TYPE_CHECKING:
    from services.activities.domain.trade import Document


def document_states(documents: Iterable["Document"]) -> dict[str | None, DocumentState]:
    """The state of each number as its records leave it; papers without a number are one document.

    A signed document stays signed until it is returned: a copy sent again takes nothing back.
    """
    states: dict[str | None, DocumentState] = {}
    for document in documents:
        if document.state != "sent" or states.get(document.number) != "signed":
            states[document.number] = document.state
    return states


def all_signed(documents: Iterable["Document"]) -> bool:
    """Whether there are documents, and every one of them is signed."""
    states = document_states(documents)
    return bool(states) and all(state == "signed" for state in states.values())


def signed_days(documents: Iterable["Document"]) -> list[date]:
    """The day on which each number was signed last, of those that are signed now."""
    documents = tuple(documents)
    states = document_states(documents)
    days = {document.number: document.on for document in documents if document.state == "signed"}
    return [day for number, day in days.items() if states[number] == "signed"]
