"""Commands that change the directory: tenants, companies, rooms, employees, products, sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.ids import CompanyId, EmployeeId
from shared.money import Money
from shared.vocabulary import PaymentConfirmation, Role, SourceKind, VatCategory


@dataclass(frozen=True, slots=True)
class CreateTenant:
    name: str
    time_zone: str
    currency: str
    admin_name: str
    admin_email: str


@dataclass(frozen=True, slots=True)
class CreateCompany:
    """Time zone and currency are the tenant's where they are None."""

    name: str
    inn: str | None
    time_zone: str | None
    currency: str | None
    payment_confirmation: PaymentConfirmation


@dataclass(frozen=True, slots=True)
class CreateRoom:
    name: str
    company_ids: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class CreateEmployee:
    """`employee_id` is that of the employee's account, None to have one made."""

    employee_id: EmployeeId | None
    name: str
    email: str
    roles: Sequence[Role]
    room_ids: Sequence[UUID]
    headed_room_ids: Sequence[UUID] | None
    personnel_number: str | None
    active: bool


@dataclass(frozen=True, slots=True)
class CreateProduct:
    company_id: CompanyId
    name: str
    category: str
    price: Money
    delivered: bool
    term_months: int | None
    active: bool
    vat: VatCategory


@dataclass(frozen=True, slots=True)
class CreateSource:
    name: str
    channel: str
    campaign: str | None
    kind: SourceKind


@dataclass(frozen=True, slots=True)
class CreateLossReason:
    company_id: CompanyId
    name: str
    counts: bool
    active: bool
