"""Bodies that change the directory: tenants, companies, rooms, employees, products, sources."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from services.activities.api.requests import Body, Change, Flag, Ids
from shared.clock import TimeZone
from shared.contacts import Inn
from shared.money import Amount, Money
from shared.rules import rule_broken
from shared.text import Email, Line, Name
from shared.vocabulary import PaymentConfirmation, Role, SourceKind, VatCategory

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Term = Annotated[int, Field(ge=1, le=600, strict=True)]

Roles = Annotated[
    list[Role], Field(min_length=1, max_length=5), AfterValidator(lambda roles: sorted(set(roles)))
]


def _begins_with_a_letter_or_digit(number: str) -> str:
    if not number[:1].isalnum():
        raise rule_broken("personnel_number")
    return number


Personnel = Annotated[
    str,
    Field(min_length=1, max_length=40, pattern=r"^[0-9A-Za-zА-Яа-яЁё/_-]+$"),
    AfterValidator(_begins_with_a_letter_or_digit),
]


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
    vat: VatCategory = "standard"


class ProductChange(Change):
    name: Line = ""
    category: Line = ""
    price: Price | None = None
    delivered: Flag = False
    term_months: Term | None = None
    active: Flag = True
    vat: VatCategory = "standard"

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
