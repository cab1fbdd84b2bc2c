"""A line of a bank statement: a payment from outside as statements show it, and when it may be
booked, taken back or put aside there.
"""

from services.activities.domain.bank_refusals import (
    BankLineIsBooked,
    BankLineIsIgnored,
    BankLineIsUntouched,
)
from shared.vocabulary import BankLineState, InboundPaymentState, MatchCertainty

_WAITING: dict[MatchCertainty | None, BankLineState] = {"sure": "sure", "suggested": "suggested"}


def line_state(state: InboundPaymentState, certainty: MatchCertainty | None) -> BankLineState:
    """How statements name what became of a payment."""
    if state == "unmatched":
        return _WAITING.get(certainty, "unmatched")
    return "booked" if state == "booked" else "ignored"


def require_waiting(state: InboundPaymentState) -> None:
    """Raises `BankLineIsBooked`, `BankLineIsIgnored` unless the line may be booked."""
    require_unbooked(state)
    if state != "unmatched":
        raise BankLineIsIgnored


def require_unbooked(state: InboundPaymentState) -> None:
    """Raises `BankLineIsBooked` unless the line may be put aside."""
    if state == "booked":
        raise BankLineIsBooked


def require_touched(state: InboundPaymentState) -> None:
    """Raises `BankLineIsUntouched` where nothing was done with the line that could be undone."""
    if state == "unmatched":
        raise BankLineIsUntouched
