"""Refusals of the rules of bank statements, in the words of the API."""

from shared.errors import Refusal


class BankLineIsBooked(Refusal):
    """The line of a bank statement is booked: its payments are to be taken back first."""

    code = "bank_line_booked"


class BankLineIsIgnored(Refusal):
    """The line was put aside as no payment of a client: that is to be undone first."""

    code = "bank_line_ignored"


class BankLineIsUntouched(Refusal):
    """Nothing was done with the line that could be undone."""

    code = "bank_line_untouched"


class BankLineNotIncoming(Refusal):
    """No money of a client came by the line."""

    code = "bank_line_not_incoming"


class NothingProposed(Refusal):
    """Matching proposes no invoice for the line, so one must be named."""

    code = "nothing_proposed"


class InvoiceHasMoney(Refusal):
    """The invoice no longer lacks as much as the line brings."""

    code = "invoice_has_money"


class StatementIsBeingRead(Refusal):
    """The bank statement is not read to its end yet. Carries the job that reads it."""

    code = "statement_being_read"
