"""Refusals of an activity's rules, in the words of the API."""

from shared.errors import Refusal, Wait


class AlreadyTaken(Refusal):
    """Someone was first. Carries who, and since when."""

    code = "already_taken"


class AbsenceOverlaps(Refusal):
    """Somebody is absent on one of the days already; carries that absence."""

    code = "absence_overlaps"


class AbsenceIsCancelled(Refusal):
    """The absence was cancelled, so nothing of it changes."""

    code = "absence_is_cancelled"


class NotFree(Refusal):
    """The activity is closed, so nobody can take it."""

    code = "not_free"


class TooSoon(Wait):
    """The cooldown still runs; carries the seconds left."""

    code = "too_soon"


class WorkLimitReached(Refusal):
    """The seller has as many activities in work as the room allows one."""

    code = "work_limit_reached"


class NotInWork(Refusal):
    """Only an activity in work can go on."""

    code = "not_in_work"


class AlreadyWon(Refusal):
    """The activity is won; only money and documents may still change it."""

    code = "already_won"


class SplitNotProposed(Refusal):
    """No such split of the pay is proposed, or not any more."""

    code = "split_not_proposed"


class NoNextStep(Refusal):
    """No next step is promised, so none can end."""

    code = "no_next_step"


class NotClosed(Refusal):
    """Only a closed activity can be reopened."""

    code = "not_closed"


class NotComplete(Refusal):
    """What was agreed is not paid in full, or not fulfilled."""

    code = "not_complete"


class HasMoney(Refusal):
    """Money was received: refund it before the activity is lost."""

    code = "has_money"


class ExceedsAgreed(Refusal):
    """An invoice of more than is left of the order; carries what is left."""

    code = "exceeds_agreed"


class RefundExceedsPaid(Refusal):
    """A refund of more than was received; carries what is left."""

    code = "refund_exceeds_paid"


class DuplicatePayment(Refusal):
    """The sender's id belongs to another payment or refund of the tenant.

    Carries its activity, if the caller sees that.
    """

    code = "duplicate_payment"


class PaymentIsStruck(Refusal):
    """The payment was struck out, so it can't be confirmed."""

    code = "payment_struck"


class PaymentAlreadyMatched(Refusal):
    """The payment from outside was decided on; carries its state."""

    code = "payment_already_matched"


class PaymentNotMatched(Refusal):
    """The payment from outside is booked to nothing that could be undone; carries its state."""

    code = "payment_not_matched"


class RefundStays(Refusal):
    """A refund could not be undone in releases before; clients may know the code."""

    code = "refund_stays"


class PaymentIsMatched(Refusal):
    """The payment came from outside: its match is undone instead. Carries the one from outside."""

    code = "payment_matched"


class AlreadyRefunded(Refusal):
    """Part of the payment went back, so it must have come; carries what is left of it."""

    code = "already_refunded"


class InvoiceAlreadyCancelled(Refusal):
    """The invoice does not count any more."""

    code = "invoice_cancelled"


class DocumentNotSent(Refusal):
    """Only a document that was sent or signed can be returned."""

    code = "document_not_sent"


class DuplicateInvoiceNumber(Refusal):
    """The company has an invoice of that number in the year of its issue; carries the number."""

    code = "duplicate_invoice_number"


class DoNotCall(Refusal):
    """The client, or its phone, is not to be called, so no cold call begins an activity."""

    code = "do_not_call"


class DifferentOrganizations(Refusal):
    """The two have different INNs, so they are not one client."""

    code = "different_organizations"


class ClientAlreadyMerged(Refusal):
    """The client is part of another. Carries which one."""

    code = "client_merged"


class MessageClosed(Refusal):
    """Somebody has named an activity for the message, or dismissed it."""

    code = "message_closed"


class DuplicateSiteForm(Refusal):
    """There is a setting for the very key and form; carries it."""

    code = "duplicate_site_form"


class DuplicateOurNumber(Refusal):
    """The number is entered already; carries the entry."""

    code = "duplicate_our_number"


class DuplicateLossReason(Refusal):
    """The company's list has a reason of that name."""

    code = "duplicate_loss_reason"


class DuplicateTelephonyAccount(Refusal):
    """The tenant has an account of telephony with that key."""

    code = "duplicate_telephony_account"


class DuplicateCustomField(Refusal):
    """The company's clients have a field of that name, which may be archived."""

    code = "duplicate_custom_field"


class LastAdmin(Refusal):
    """Nobody else could change the directory: the tenant's last admin stays one."""

    code = "last_admin"


class HasAdmin(Refusal):
    """The tenant has an admin, who names others."""

    code = "has_admin"


class DuplicateClient(Refusal):
    """A client with the same INN, phone or e-mail is registered.

    Tells only what the caller may know.
    """

    code = "duplicate_client"


class DuplicatePerson(Refusal):
    """The client has a contact person of that name with a common contact, or without any. Carries
    the person's id.
    """

    code = "duplicate_person"


class AlreadyDismissed(Refusal):
    """The employee was dismissed before: what they held has been handed over."""

    code = "already_dismissed"


class RenewalNotScheduled(Refusal):
    """The renewal became an activity, or is withdrawn. Carries which, and the activity."""

    code = "renewal_not_scheduled"


class RenewalNotWithdrawn(Refusal):
    """Only a withdrawn renewal can be restored. Carries what it is, and the activity."""

    code = "renewal_not_withdrawn"


class ContractNotWon(Refusal):
    """What the renewal continues is no longer won."""

    code = "contract_not_won"


class BeyondHorizon(Refusal):
    """The renewal is due later than the room looks ahead. Carries when."""

    code = "beyond_horizon"


class DuplicateCompany(Refusal):
    """A company with the same INN is there. Carries its id, and whether it is archived."""

    code = "duplicate_company"


class DuplicatePersonnelNumber(Refusal):
    """Another employee of the tenant has the personnel number. Carries the id, and whether they
    still work.
    """

    code = "duplicate_personnel_number"


class DuplicateAccount(Refusal):
    """Another company of the tenant has the bank account. Carries its number."""

    code = "duplicate_account"


class RequisitesMissing(Refusal):
    """A paper can't be printed: its company lacks requisites. Carries their names (`missing`)."""

    code = "requisites_missing"


class DuplicateSource(Refusal):
    """A source with the same name, channel and campaign is there. Carries its id, and whether it is
    archived.
    """

    code = "duplicate_source"


class CostIsRemoved(Refusal):
    """The cost of a source was removed, so nothing of it changes."""

    code = "cost_is_removed"


class ImportNotRead(Refusal):
    """The file is still being read, or cannot be read. Carries which."""

    code = "import_not_read"


class ImportBusy(Refusal):
    """A check or a run of the import is under way."""

    code = "import_busy"


class ImportHasRun(Refusal):
    """A run of the import has begun, so what it made is told by it."""

    code = "import_has_run"


class ImportExpired(Refusal):
    """What was uploaded is no longer kept."""

    code = "import_expired"


class ImportedBefore(Refusal):
    """A row with this key was imported with other values, which are changed by hand since."""

    code = "imported_before"
