"""How statements show payments, and when their lines may be booked, taken back or put aside."""

from collections.abc import Callable

import pytest

from services.activities.domain.bank_line import (
    line_state,
    require_touched,
    require_unbooked,
    require_waiting,
)
from services.activities.domain.bank_refusals import (
    BankLineIsBooked,
    BankLineIsIgnored,
    BankLineIsUntouched,
)
from shared.vocabulary import BankLineState, InboundPaymentState, MatchCertainty


@pytest.mark.parametrize(
    ("state", "certainty", "shown"),
    [
        ("unmatched", "sure", "sure"),
        ("unmatched", "suggested", "suggested"),
        ("unmatched", "none", "unmatched"),
        ("unmatched", None, "unmatched"),
        ("booked", "sure", "booked"),
        ("set_aside", "sure", "ignored"),
        ("duplicate", None, "ignored"),
    ],
)
def test_a_line_shows_what_became_of_its_payment(
    state: InboundPaymentState, certainty: MatchCertainty | None, shown: BankLineState
) -> None:
    assert line_state(state, certainty) == shown


@pytest.mark.parametrize(
    ("require", "state", "refusal"),
    [
        (require_waiting, "booked", BankLineIsBooked),
        (require_waiting, "set_aside", BankLineIsIgnored),
        (require_waiting, "duplicate", BankLineIsIgnored),
        (require_unbooked, "booked", BankLineIsBooked),
        (require_touched, "unmatched", BankLineIsUntouched),
    ],
)
def test_what_was_done_with_a_line_forbids_the_rest(
    require: Callable[[InboundPaymentState], None],
    state: InboundPaymentState,
    refusal: type[Exception],
) -> None:
    with pytest.raises(refusal):
        require(state)


@pytest.mark.parametrize(
    ("require", "states"),
    [
        (require_waiting, ["unmatched"]),
        (require_unbooked, ["unmatched", "set_aside", "duplicate"]),
        (require_touched, ["booked", "set_aside", "duplicate"]),
    ],
)
def test_other_lines_are_booked_put_aside_and_undone(
    require: Callable[[InboundPaymentState], None], states: list[InboundPaymentState]
) -> None:
    for state in states:
        require(state)
