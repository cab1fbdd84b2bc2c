"""Payments from outside as they are told of."""

import pytest

from services.activities.domain.inbound_payments import (
    LineKey,
    direction_of,
    first_state,
    reported_kind,
)
from shared.vocabulary import BankLineKind


def test_a_senders_id_follows_from_the_key_of_a_line() -> None:
    assert LineKey(b"\x01" * 32, 3).external_id == f"bank-{'01' * 20}-3-1"


def test_a_report_says_whether_money_came_or_went_back() -> None:
    assert reported_kind("in") == "incoming"
    assert reported_kind("out") == "refund_candidate"


@pytest.mark.parametrize(
    ("kind", "direction", "state"),
    [
        ("incoming", "in", "unmatched"),
        ("refund_candidate", "out", "unmatched"),
        ("outgoing", "out", "set_aside"),
        ("transfer", "out", "set_aside"),
        ("other", "out", "set_aside"),
    ],
)
def test_what_may_concern_a_client_waits(kind: BankLineKind, direction: str, state: str) -> None:
    assert (direction_of(kind), first_state(kind)) == (direction, state)
