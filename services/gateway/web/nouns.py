"""What an admin sets up: each noun of the directory, its fields, and the body that a form makes.

A field stands here once; lists, forms and bodies follow.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from services.gateway.web import forms

Json = dict[str, Any]
Kind = Literal["text", "email", "number", "money", "flag", "one", "many"]
Choices = Literal[
    "companies", "rooms", "time_zones", "roles", "source_kinds", "vat", "confirmation", "scopes"
]


def _(message: str) -> str:
    """Marks a message for the catalogue; templates translate it."""
    return message


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form; `choices` are what one chooses from. One `once` is not changed later."""

    name: str
    label: str
    kind: Kind = "text"
    choices: Choices | None = None
    required: bool = False
    once: bool = False
    hint: str = ""

    def value(self, form: forms.Form, values: Callable[[str], list[str]], currency: str) -> Any:
        """What the API takes of what was posted; None where nothing was."""
        typed = form.get(self.name, "")
        match self.kind:
            case "many":
                return values(self.name)
            case "flag":
                return self.name in form
            case "number":
                return forms.number(typed) if typed else None
            case "money":
                return forms.money(form, self.name, currency) if typed else None
        return typed or None


@dataclass(frozen=True, slots=True)
class Noun:
    """One list of the directory; `shown` are the fields in its columns besides the name."""

    path: str
    title: str
    add: str
    empty: str
    fields: Sequence[Field]
    shown: Sequence[str]
    ended: Literal["archived", "active"] | None = "archived"

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)

    def body(
        self,
        form: forms.Form,
        values: Callable[[str], list[str]],
        currency: str,
        *,
        is_new: bool,
    ) -> Json:
        """The body of a new one, or of a change: there an emptied field is null."""
        body: Json = {}
        for field in self.fields:
            if field.once and not is_new:
                continue
            value = field.value(form, values, currency)
            if value is not None or not is_new:
                body[field.name] = value
        return body


_NAME = Field("name", _("Called"), required=True)
COMPANIES = Noun(
    "companies",
    _("Companies"),
    _("Add a company"),
    _("Whose products do you sell? Add the first company."),
    (
        _NAME,
        Field("inn", _("INN")),
        Field("time_zone", _("Time zone"), "one", "time_zones", hint=_("Its days are counted so.")),
        Field("currency", _("Currency"), once=True),
        Field("payment_confirmation", _("Payments are confirmed"), "one", "confirmation"),
    ),
    ("inn", "time_zone"),
)
ROOMS = Noun(
    "rooms",
    _("Rooms"),
    _("Add a room"),
    _("Sellers work in rooms. Add one and say for which companies it sells."),
    (_NAME, Field("company_ids", _("Sells for"), "many", "companies", required=True)),
    ("company_ids",),
)
EMPLOYEES = Noun(
    "employees",
    _("Employees"),
    _("Invite an employee"),
    _("Nobody works here yet. Invite the first seller."),
    (
        Field("name", _("Family name and name"), required=True),
        Field("email", _("E-mail"), "email", required=True),
        Field("roles", _("Roles"), "many", "roles", required=True),
        Field("room_ids", _("Rooms"), "many", "rooms"),
        Field("headed_room_ids", _("Heads the rooms"), "many", "rooms"),
        Field("personnel_number", _("Personnel number"), hint=_("Payroll knows people by it.")),
    ),
    ("roles", "room_ids", "personnel_number"),
    "active",
)
PRODUCTS = Noun(
    "products",
    _("Products"),
    _("Add a product"),
    _("What does the company sell? Without a product no activity can be added."),
    (
        Field("company_id", _("Company"), "one", "companies", required=True, once=True),
        _NAME,
        Field("category", _("Category"), required=True, hint=_("Plans pay by it.")),
        Field("price", _("Price"), "money"),
        Field("delivered", _("Is delivered: a shipment and signed documents win it"), "flag"),
        Field("term_months", _("Term, months"), "number", hint=_("With a term it is renewed.")),
        Field("vat", _("VAT"), "one", "vat"),
    ),
    ("company_id", "category", "price"),
    "active",
)
SOURCES = Noun(
    "sources",
    _("Sources"),
    _("Add a source"),
    _("Where do requests come from? Every activity names its source."),
    (
        _NAME,
        Field("channel", _("Channel"), required=True),
        Field("campaign", _("Campaign")),
        Field("kind", _("Kind of source"), "one", "source_kinds", required=True),
    ),
    ("channel", "kind"),
)
KEYS = Noun(
    "api-keys",
    _("API keys"),
    _("Make a key"),
    _("A site, telephony, payroll or BI enters by a key of its own."),
    (
        _NAME,
        Field("scopes", _("Opens"), "many", "scopes", required=True),
        Field("room_ids", _("Rooms"), "many", "rooms"),
        Field("expires_in_days", _("Days until it expires"), "number"),
    ),
    ("scopes", "expires_at", "last_used_at"),
    None,
)
NOUNS = {noun.path: noun for noun in (COMPANIES, ROOMS, PRODUCTS, SOURCES, EMPLOYEES, KEYS)}
"""In the order in which a new tenant is set up."""
WORDS = {
    "seller": _("seller"),
    "head": _("head"),
    "marketer": _("marketer"),
    "accountant": _("accountant"),
    "admin": _("admin"),
    "cold": _("cold call"),
    "inbound": _("inbound request"),
    "renewal": _("renewal of a sale"),
    "standard": _("standard rate"),
    "reduced": _("reduced rate"),
    "zero": _("zero rate"),
    "exempt": _("without VAT"),
    "required": _("by an accountant"),
    "none": _("as entered"),
    "scope:inbound": _("requests, forms and calls"),
    "scope:payments": _("incoming payments"),
    "scope:payroll": _("payroll"),
    "scope:bi": _("BI: everything to read"),
    "scope:audit": _("the journal"),
}
CODES: dict[str, tuple[str, ...]] = {
    "roles": ("seller", "head", "marketer", "accountant", "admin"),
    "source_kinds": ("inbound", "cold", "renewal"),
    "vat": ("standard", "reduced", "zero", "exempt"),
    "confirmation": ("required", "none"),
    "scopes": ("inbound", "payments", "payroll", "bi", "audit"),
}
