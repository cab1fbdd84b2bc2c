"""Why an activity's rules refuse, in the words of the API."""

from shared.errors import Refusal, Wait


class AlreadyTaken(Refusal):
    """Someone was first. Carries who, and since when."""

    code, title = "already_taken", "Already taken"


class NotFree(Refusal):
    """The activity is closed, so it is nobody's to take."""

    code, title = "not_free", "Not free"


class TooSoon(Wait):
    """The cooldown still runs; carries the seconds left."""

    code, title = "too_soon", "Too soon"


class VipOfAnother(Refusal):
    """The client is held by another seller."""

    code, title = "vip_of_another", "Very important client of another seller"


class NotInWork(Refusal):
    """Only an activity in work can go on."""

    code, title = "not_in_work", "Not in work"


class AlreadyWon(Refusal):
    """The activity is won; only money and documents may still change it."""

    code, title = "already_won", "Already won"


class NotLost(Refusal):
    """Only what is closed can be reopened."""

    code, title = "not_closed", "Not closed"


class HasMoney(Refusal):
    """Money was received: refund it before the activity is lost."""

    code, title = "has_money", "Money was received"


class RefundExceedsPaid(Refusal):
    """More than was received can't go back."""

    code, title = "refund_exceeds_paid", "More than was paid"


class DuplicatePayment(Refusal):
    """The sender's id belongs to another payment or refund."""

    code, title = "duplicate_payment", "Another payment has this id"


class InvoiceNotValid(Refusal):
    """The invoice does not count any more."""

    code, title = "invoice_cancelled", "Invoice cancelled"


class DuplicateClient(Refusal):
    """A client with the same INN, phone or e-mail is registered.

    Says only what the caller may know.
    """

    code, title = "duplicate_client", "Client is registered"
