"""What codes of the API are called on screens, and by which symbol they are found."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.gateway.domain.screens import Screen
from services.gateway.web.undoing import Done
from shared.vocabulary import VatMode


@dataclass(frozen=True, slots=True)
class Entry:
    """A kind of entry; `title` is a message of the catalogue, `group` a filter: talk or money."""

    title: str
    icon: str
    tone: str = ""
    group: str = ""


def _(message: str) -> str:
    """Marks a message for the catalogue; templates translate it."""
    return message


ENTRIES = {
    "activity.registered": Entry(_("Registered"), "inbox"),
    "activity.taken": Entry(_("Taken"), "hand-grab"),
    "activity.released": Entry(_("Given back to the pool"), "inbox"),
    "activity.reset": Entry(_("Reset to the pool: no progress"), "hourglass", "warn"),
    "activity.reset_warned": Entry(_("Warned of the reset"), "hourglass", "warn"),
    "activity.untouched": Entry(_("Nobody has touched it"), "clock", "warn"),
    "activity.deadline_moved": Entry(_("The reset moved"), "hourglass"),
    "activity.client_merged": Entry(_("The client was merged"), "users"),
    "activity.source_corrected": Entry(_("The source was corrected"), "speakerphone"),
    "activity.lost": Entry(_("Lost"), "x", "warn"),
    "activity.reopened": Entry(_("Opened again"), "refresh"),
    "activity.split": Entry(_("Pay shared"), "scale"),
    "activity.split_proposed": Entry(_("Sharing the pay was proposed"), "scale"),
    "activity.split_accepted": Entry(_("Agreed to share the pay"), "scale", "good"),
    "activity.split_declined": Entry(_("Sharing the pay was declined"), "scale", "warn"),
    "activity.handed_over": Entry(_("Handed over"), "users"),
    "activity.moved": Entry(_("Moved to another room"), "building"),
    "activity.won": Entry(_("Won"), "trophy", "good"),
    "activity.win_reversed": Entry(_("No longer won"), "alert-circle", "warn"),
    "activity.paid_after_loss": Entry(_("Money came after the loss"), "cash", "warn", "money"),
    "interaction.recorded": Entry(_("Talk"), "phone", "", "talk"),
    "order.changed": Entry(_("The order changed"), "file-text"),
    "invoice.issued": Entry(_("Invoice"), "file-invoice", "", "money"),
    "invoice.cancelled": Entry(_("Invoice cancelled"), "file-invoice", "warn", "money"),
    "payment.claimed": Entry(_("Payment entered, to be confirmed"), "cash", "", "money"),
    "payment.received": Entry(_("Payment"), "cash", "good", "money"),
    "payment.struck": Entry(_("Payment struck out"), "cash", "warn", "money"),
    "payment.refunded": Entry(_("Refund"), "cash", "warn", "money"),
    "shipment.recorded": Entry(_("Shipped"), "truck-delivery", "good"),
    "documents.sent": Entry(_("Documents sent"), "writing-sign"),
    "documents.signed": Entry(_("Documents signed"), "writing-sign", "good"),
    "documents.returned": Entry(_("Documents returned"), "writing-sign", "warn"),
}
INTERACTIONS = {
    "call": Entry(_("Call"), "phone"),
    "meeting": Entry(_("Meeting"), "users"),
    "letter": Entry(_("Letter"), "mail"),
    "message": Entry(_("Message"), "message"),
    "note": Entry(_("Note"), "file-text"),
}
STAGES = {
    "new": Entry(_("New"), "p0"),
    "in_work": Entry(_("In work"), "p1"),
    "invoiced": Entry(_("Invoiced"), "p2"),
    "part_paid": Entry(_("Part paid"), "p3"),
    "paid": Entry(_("Paid"), "p4"),
    "shipped": Entry(_("Shipped"), "p5"),
    "documents_signed": Entry(_("Signed"), "p6"),
    "won": Entry(_("Won"), "won"),
    "lost": Entry(_("Lost"), "p0"),
}
"""The stages of the board with their pie instead of a symbol."""
HOW = {
    "taken": _("taken from the pool"),
    "assigned": _("assigned"),
    "vip_routed": _("as the holder of the VIP"),
    "registered": _("registered"),
    "reopened": _("opened again"),
    "handed_over": _("handed over"),
    "renewed": _("renewal"),
}
WHY = {
    "released": _("given back"),
    "taken_away": _("taken away"),
    "reset": _("reset"),
    "reassigned": _("assigned to another"),
    "vip_moved": _("the VIP moved"),
    "lost": _("lost"),
    "won": _("won"),
}
DOCUMENTS = {"sent": _("Sent"), "signed": _("Signed"), "returned": _("Returned")}
PAYMENTS = {
    "claimed": _("to be confirmed"),
    "confirmed": _("confirmed"),
    "struck": _("struck out"),
}
REQUISITES = {
    "legal_name": _("Full name"),
    "inn": _("INN"),
    "kpp": _("KPP"),
    "address": _("Legal address"),
    "director_name": _("Director"),
    "accountant_name": _("Chief accountant"),
    "accounts": _("Bank account"),
    "vat": _("VAT"),
}
VAT_MODES: Mapping[VatMode, str] = {
    "general": _("general: 22 %, 10 %, 0 %"),
    "reduced_5": _("reduced: 5 %"),
    "reduced_7": _("reduced: 7 %"),
    "none": _("does not pay it"),
}
UNDOABLE: Mapping[Done, str] = {
    "lost": _("The activity is lost."),
    "assigned": _("Assigned to another."),
    "taken_away": _("Taken away."),
    "set_aside": _("The payment is put aside."),
    "view_removed": _("The view is removed."),
}
"""What can be undone at once, once it is done."""
SCREENS: Mapping[Screen, str] = {
    "board": _("My activities"),
    "clients": _("Clients"),
    "pool": _("Pool"),
    "renewals": _("Renewals"),
    "room": _("Room"),
    "sources": _("Sources"),
    "vip": _("VIP"),
}
"""The screens whose filters can be kept as views."""
