"""Bodies of requests: every field bounded, unknown fields refused."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from services.activities.domain.identity import InnRule, broken_inn_rule
from shared.clock import Day, Moment, TimeZone
from shared.contacts import Inn, Kpp, Phone
from shared.money import Amount, Money, PositiveMoney, is_plain_decimal
from shared.paper_numbers import PaperNumber
from shared.rules import rule_broken
from shared.text import Email, Line, Name, Text
from shared.vocabulary import (
    ClientKind,
    DocumentState,
    InteractionKind,
    PaymentConfirmation,
    Role,
    RoomSetting,
    SourceKind,
    StepEnd,
)


class Body(BaseModel):
    """A body that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid")


class Change(Body):
    """A partial change: fields left out stay; null is only for fields that may be empty."""

    def changes(self) -> dict[str, object]:
        """The fields that were sent, with their new values."""
        return {name: getattr(self, name) for name in self.model_fields_set}


def _unique(items: list[UUID]) -> list[UUID]:
    return sorted(set(items))


Ids = Annotated[list[UUID], Field(max_length=200), AfterValidator(_unique)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Days = Annotated[int, Field(ge=0, le=3650, strict=True)]
Cooldown = Annotated[int, Field(ge=0, le=30 * 86400, strict=True)]
Places = Annotated[int, Field(ge=0, le=10_000, strict=True)]
Term = Annotated[int, Field(ge=1, le=600, strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Roles = Annotated[
    list[Role], Field(min_length=1, max_length=5), AfterValidator(lambda roles: sorted(set(roles)))
]
Personnel = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[0-9A-Za-zА-Яа-яЁё/_-]+$")]


class Price(Money):
    """The price of a product: never below zero."""

    amount: Annotated[Amount, Field(ge=0)]


class FirstAdmin(Body):
    name: Line
    email: Email


class NewTenant(Body):
    name: Name
    time_zone: TimeZone = "Europe/Moscow"
    currency: Currency = "RUB"
    admin: FirstAdmin


class NewTenantAdmin(Body):
    """The employee who is to be an admin of a tenant that has none."""

    employee_id: UUID


class NewCompany(Body):
    name: Name
    inn: Inn | None = None
    time_zone: TimeZone | None = None
    currency: Currency | None = None
    payment_confirmation: PaymentConfirmation = "required"


class CompanyChange(Change):
    name: Name = ""
    inn: Inn | None = None
    time_zone: TimeZone = ""
    payment_confirmation: PaymentConfirmation = "required"
    archived: Flag = False


class NewRoom(Body):
    name: Line
    company_ids: Ids


class RoomChange(Change):
    name: Line = ""
    company_ids: Ids = []
    archived: Flag = False


class NewEmployee(Body):
    """`employee_id` and the account come from the gateway, which alone sees the password.

    `headed_room_ids` are those of `room_ids` in which the employee is head; null: all of them.
    """

    employee_id: UUID | None = None
    name: Line
    email: Email
    roles: Roles
    room_ids: Ids = []
    headed_room_ids: Ids | None = None
    personnel_number: Personnel | None = None
    active: Flag = True


class EmployeeChange(Change):
    """As `NewEmployee`; who leaves a room heads it no more."""

    name: Line = ""
    email: Email = ""
    roles: Roles = []
    room_ids: Ids = []
    headed_room_ids: Ids | None = None
    personnel_number: Personnel | None = None
    active: Flag = True


class NewProduct(Body):
    company_id: UUID
    name: Line
    category: Line
    price: Price
    delivered: Flag = False
    term_months: Term | None = None
    active: Flag = True


class ProductChange(Change):
    name: Line = ""
    category: Line = ""
    price: Price | None = None
    delivered: Flag = False
    term_months: Term | None = None
    active: Flag = True

    @model_validator(mode="after")
    def _priced(self) -> Self:
        if "price" in self.model_fields_set and self.price is None:
            raise rule_broken("not_null", field="price")
        return self


class NewSource(Body):
    name: Line
    channel: Line
    campaign: Line | None = None
    kind: SourceKind


class SourceChange(Change):
    name: Line = ""
    channel: Line = ""
    campaign: Line | None = None
    kind: SourceKind = "cold"
    archived: Flag = False


class RoomSettingsBody(Body):
    """The room settings; 0 days or seconds switch a rule off, 0 places allow nobody."""

    activity_reset_days: Days
    retake_cooldown_seconds: Cooldown
    vip_in_development_limit: Places
    vip_by_receipts_limit: Places
    vip_reset_days: Days
    renewal_horizon_days: Days


class RoomDefaultsBody(RoomSettingsBody):
    """What rooms begin with that are to sell for the company, and the numbers that heads may change
    in their own rooms.
    """

    heads_may_change: Annotated[
        list[RoomSetting], Field(max_length=6), AfterValidator(lambda names: sorted(set(names)))
    ] = []


def _in_order(days: list[date]) -> tuple[date, ...]:
    return tuple(sorted(set(days)))


CalendarDays = Annotated[list[Day], Field(max_length=366), AfterValidator(_in_order)]


class RoomOptionsChange(Change):
    """The options of a room that change; the others stay."""

    warn_before_hours: Annotated[int, Field(ge=0, le=720, strict=True)] = 0
    work_limit: Annotated[int, Field(ge=1, le=10_000, strict=True)] | None = None
    first_touch_minutes: Annotated[int, Field(ge=0, le=43_200, strict=True)] = 0
    escalate_after_minutes: Annotated[int, Field(ge=0, le=43_200, strict=True)] = 0
    working_days: Annotated[bool, Field(strict=True)] = False
    days_off: CalendarDays = []
    extra_working_days: CalendarDays = []


class RoomSettingsChange(Change):
    """Some of the room settings; those left out stay."""

    activity_reset_days: Days = 0
    retake_cooldown_seconds: Cooldown = 0
    vip_in_development_limit: Places = 0
    vip_by_receipts_limit: Places = 0
    vip_reset_days: Days = 0
    renewal_horizon_days: Days = 0


class RoomSettingsPlan(Body):
    """Numbers that are to hold from the beginning of a company's day on."""

    effective_from: Day
    numbers: RoomSettingsChange


_INN_RULES: Mapping[InnRule, Callable[[], PydanticCustomError]] = {
    "inn_of_organization": lambda: rule_broken("inn_of_organization", field="inn"),
    "inn_of_person": lambda: rule_broken("inn_of_person", field="inn"),
    "with_inn": lambda: rule_broken("with_inn", field="kpp"),
}


def _distinct(items: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(items))


Phones = Annotated[list[Phone], Field(max_length=20), AfterValidator(_distinct)]
Emails = Annotated[list[Email], Field(max_length=20), AfterValidator(_distinct)]


class NewClient(Body):
    name: Name
    kind: ClientKind
    inn: Inn | None = None
    kpp: Kpp | None = None
    phones: Phones = []
    emails: Emails = []
    large: Flag = False

    @model_validator(mode="after")
    def _inn_of_its_kind(self) -> Self:
        if rule := broken_inn_rule(self.kind, self.inn, self.kpp):
            raise _INN_RULES[rule]()
        return self


class ClientChange(Change):
    """Contacts are set as whole lists, which drop what a colleague has added unless `If-Match` is
    sent; or some are added and others removed.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "ООО Ромашка",
                    "add_phones": ["+74951234568"],
                    "remove_emails": ["staryi@example.com"],
                }
            ]
        },
    )

    name: Name = ""
    inn: Inn | None = None
    kpp: Kpp | None = None
    phones: Phones = []
    emails: Emails = []
    add_phones: Phones = []
    remove_phones: Phones = []
    add_emails: Emails = []
    remove_emails: Emails = []
    large: Flag = False

    @model_validator(mode="after")
    def _whole_or_in_part(self) -> Self:
        for name in ("phones", "emails"):
            parts = {f"add_{name}", f"remove_{name}"} & self.model_fields_set
            if parts and name in self.model_fields_set:
                raise rule_broken("not_together", field=name, others=sorted(parts))
            both = set(getattr(self, f"add_{name}")) & set(getattr(self, f"remove_{name}"))
            if both:
                raise rule_broken("not_together", field=f"add_{name}", others=[f"remove_{name}"])
        return self


class RequestedProductBody(Body):
    product_id: UUID
    quantity: Annotated[int, Field(ge=1, le=100_000, strict=True)] = 1
    price: Price | None = None


class NewActivity(Body):
    """An activity to be registered, for a known client or a new one."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "company_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a01",
                    "room_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a02",
                    "client": {
                        "name": "ООО Ромашка",
                        "kind": "organization",
                        "inn": "7707083893",
                        "phones": ["+74951234567"],
                    },
                    "source_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a03",
                    "products": [
                        {"product_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a04", "quantity": 2}
                    ],
                    "note": "Просил перезвонить",
                    "take": True,
                }
            ]
        },
    )

    company_id: UUID
    room_id: UUID
    client_id: UUID | None = None
    client: NewClient | None = None
    source_id: UUID
    products: Annotated[list[RequestedProductBody], Field(min_length=1, max_length=50)]
    note: Text | None = None
    take: Flag = False

    @model_validator(mode="after")
    def _one_client(self) -> Self:
        if (self.client_id is None) == (self.client is None):
            raise rule_broken("exactly_one", field="client_id", fields=["client_id", "client"])
        return self


class NewOrder(Body):
    """The whole order: lines left out are no longer agreed. Without a price a line keeps the one
    agreed before; a new line has the product's.
    """

    products: Annotated[list[RequestedProductBody], Field(min_length=1, max_length=50)]


class Reason(Body):
    reason: Line


class RenewalNote(Body):
    """A note for a renewal, null for none."""

    note: Text | None


class Assignment(Body):
    employee_id: UUID | None


class RoomMove(Reason):
    """Where an activity is to be worked from now on, and by whom; without `employee_id` by who
    works it, if they sell there, else by nobody.
    """

    room_id: UUID
    employee_id: UUID | None = None


class NewNextStep(Body):
    what: Line
    due_at: Moment


class NewInteraction(Body):
    kind: InteractionKind
    note: Text | None = None
    next_step: NewNextStep | None = None
    step: StepEnd | None = Field(
        None,
        description=(
            "What became of the step that was promised: without it `kept`, or `moved` where a"
            " mere note promises another. `moved` needs `next_step`, `dropped` a `note` that says"
            " why."
        ),
    )

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if self.step == "moved" and self.next_step is None:
            raise rule_broken("required_with", field="next_step", other="step")
        if self.step == "dropped" and not self.note:
            raise rule_broken("required_with", field="note", other="step")
        return self


class NewInvoice(Body):
    amount: PositiveMoney
    number: PaperNumber | None = None
    due_on: Day | None = None


class NewShipment(Body):
    shipped_on: Day | None = None
    note: Text | None = None


class NewDocument(Body):
    state: DocumentState
    number: PaperNumber | None = None
    on: Day | None = None


def _share(value: Any) -> Any:
    if isinstance(value, str) and not is_plain_decimal(value, places=4):
        raise rule_broken("share")
    return value


class NewShare(Body):
    employee_id: UUID
    share: Annotated[
        Decimal,
        Field(gt=0, le=1, decimal_places=4, allow_inf_nan=False),
        BeforeValidator(_share, json_schema_input_type=float | str),
    ]


class NewSplit(Body):
    shares: Annotated[list[NewShare], Field(min_length=1, max_length=10)]
