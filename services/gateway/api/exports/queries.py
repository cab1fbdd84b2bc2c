"""Parameters of exports: those of the list, but for the page; the list itself judges them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.gateway.api.exports.files import FileFormat
from services.gateway.api.queries import Query
from shared.clock import Moment, Period
from shared.text import Query as Words
from shared.vocabulary import BankLineKind, BankLineState, PaymentState, Stage, Status

Custom = Annotated[
    list[str] | None,
    Field(description="What a field of one company holds, as in the list; may be repeated."),
]


class ExportQuery(Query):
    """A list as a file."""

    format: Annotated[
        FileFormat,
        Field(description="`csv` of any length, or `xlsx` of up to 100,000 rows."),
    ] = "csv"


class RoomExport(ExportQuery):
    """Of the caller's rooms, or of one of them."""

    room_id: UUID | None = None
    company_id: UUID | None = None


class OverdueInvoicesExport(RoomExport):
    """Overdue invoices of somebody, or of a client."""

    responsible_id: UUID | None = None
    client_id: UUID | None = None
    source_id: UUID | None = None
    product_id: UUID | None = None


class ActivitiesExport(OverdueInvoicesExport):
    """Activities by the filters of their list."""

    status: Status | None = None
    stage: Stage | None = None
    q: Words | None = None
    large: bool | None = None
    overdue: bool | None = None
    overdue_invoice: bool | None = None
    untouched: bool | None = None
    without_next_step: bool | None = None
    created_from: Moment | None = None
    created_before: Moment | None = None
    progress_before: Moment | None = None
    custom: Custom = None


class ClientsExport(ExportQuery):
    """Clients by the filters of their list."""

    q: Words | None = None
    custom: Custom = None


class VipsExport(RoomExport):
    """VIPs of somebody."""

    employee_id: UUID | None = None


class PaymentsExport(RoomExport):
    """Payments of a state."""

    state: PaymentState = "claimed"


class RenewalsExport(RoomExport):
    """Renewals of somebody, or of one contract."""

    responsible_id: UUID | None = None
    contract_id: UUID | None = None


class DirectoryExport(ExportQuery):
    """Things of the directory."""

    archived: Annotated[
        bool, Field(description="Whether those that take no new activities are there too.")
    ] = False


class LossReasonsExport(ExportQuery):
    """The reasons of a company, or of all."""

    company_id: UUID | None = None


class LargeLostExport(RoomExport):
    """Large clients that were lost, to return to."""

    lost_before: Moment | None = None


class BankLinesExport(ExportQuery):
    """Lines of bank statements in a state."""

    state: BankLineState = "unmatched"
    kind: BankLineKind | None = None
    company_id: UUID | None = None


class StatementsExport(ExportQuery):
    """The statements of a company's month, or that of one employee."""

    company_id: UUID
    period: Period
    employee_id: UUID | None = None
