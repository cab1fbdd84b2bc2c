"""`/exports/…`: every list as a file, with its filters and for its readers."""

from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from services.gateway.api.dependencies import AnyCaller
from services.gateway.api.exports.files import MEDIA_TYPES
from services.gateway.api.exports.lists import EXPORTS
from services.gateway.api.exports.making import export_list
from services.gateway.api.exports.pages import ListReader
from services.gateway.api.exports.queries import (
    ActivitiesExport,
    BankLinesExport,
    ClientsExport,
    DirectoryExport,
    ExportQuery,
    LargeLostExport,
    LossReasonsExport,
    OverdueInvoicesExport,
    PaymentsExport,
    RenewalsExport,
    RoomExport,
    StatementsExport,
    VipsExport,
)
from services.gateway.edge.context import context_of
from shared.context import language
from shared.tenancy import Caller

_FILE: dict[str, Any] = {
    "response_class": StreamingResponse,
    "responses": {
        200: {
            "content": {
                kind.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
                for kind in MEDIA_TYPES.values()
            }
        }
    },
}
router = APIRouter(prefix="/exports", tags=["reads"])


async def _file(request: Request, caller: Caller, name: str, query: ExportQuery) -> Response:
    sent = parse_qsl(request.url.query, keep_blank_values=True)
    filters = [pair for pair in sent if pair[0] != "format"]
    reader = ListReader(request.app.state.public_api, caller, context_of(request.scope).headers)
    return await export_list(
        reader, caller.tenant_id, EXPORTS[name], filters, query.format, language.get()
    )


@router.get("/activities", **_FILE)
async def export_activities(
    request: Request, caller: AnyCaller, query: Annotated[ActivitiesExport, Query()]
) -> Response:
    """Activities of the caller's rooms, the newest first, by the filters of `GET /activities`."""
    return await _file(request, caller, "activities", query)


@router.get("/pool", **_FILE)
async def export_pool(
    request: Request, caller: AnyCaller, query: Annotated[RoomExport, Query()]
) -> Response:
    """Free activities of the caller's rooms, the oldest first."""
    return await _file(request, caller, "pool", query)


@router.get("/overdue-invoices", **_FILE)
async def export_overdue_invoices(
    request: Request, caller: AnyCaller, query: Annotated[OverdueInvoicesExport, Query()]
) -> Response:
    """Overdue invoices, a row each, with what is left to pay of their orders."""
    return await _file(request, caller, "overdue-invoices", query)


@router.get("/clients", **_FILE)
async def export_clients(
    request: Request, caller: AnyCaller, query: Annotated[ClientsExport, Query()]
) -> Response:
    """Clients that the caller sees, by the filters of `GET /clients`."""
    return await _file(request, caller, "clients", query)


@router.get("/vip", **_FILE)
async def export_vips(
    request: Request, caller: AnyCaller, query: Annotated[VipsExport, Query()]
) -> Response:
    """VIPs of the caller's rooms."""
    return await _file(request, caller, "vip", query)


@router.get("/payments", **_FILE)
async def export_payments(
    request: Request, caller: AnyCaller, query: Annotated[PaymentsExport, Query()]
) -> Response:
    """Payments of a state, as `GET /payments` lists them."""
    return await _file(request, caller, "payments", query)


@router.get("/renewals", **_FILE)
async def export_renewals(
    request: Request, caller: AnyCaller, query: Annotated[RenewalsExport, Query()]
) -> Response:
    """Renewals, as `GET /renewals` lists them."""
    return await _file(request, caller, "renewals", query)


@router.get("/employees", **_FILE)
async def export_employees(
    request: Request, caller: AnyCaller, query: Annotated[ExportQuery, Query()]
) -> Response:
    """Employees whom the caller sees."""
    return await _file(request, caller, "employees", query)


@router.get("/products", **_FILE)
async def export_products(
    request: Request, caller: AnyCaller, query: Annotated[DirectoryExport, Query()]
) -> Response:
    """What the tenant's companies sell."""
    return await _file(request, caller, "products", query)


@router.get("/sources", **_FILE)
async def export_sources(
    request: Request, caller: AnyCaller, query: Annotated[DirectoryExport, Query()]
) -> Response:
    """Acquisition sources."""
    return await _file(request, caller, "sources", query)


@router.get("/companies", **_FILE)
async def export_companies(
    request: Request, caller: AnyCaller, query: Annotated[DirectoryExport, Query()]
) -> Response:
    """The tenant's companies."""
    return await _file(request, caller, "companies", query)


@router.get("/rooms", **_FILE)
async def export_rooms(
    request: Request, caller: AnyCaller, query: Annotated[DirectoryExport, Query()]
) -> Response:
    """The tenant's rooms."""
    return await _file(request, caller, "rooms", query)


@router.get("/loss-reasons", **_FILE)
async def export_loss_reasons(
    request: Request, caller: AnyCaller, query: Annotated[LossReasonsExport, Query()]
) -> Response:
    """Why activities are lost."""
    return await _file(request, caller, "loss-reasons", query)


@router.get("/large-lost", **_FILE)
async def export_large_lost(
    request: Request, caller: AnyCaller, query: Annotated[LargeLostExport, Query()]
) -> Response:
    """Large clients that the caller's rooms have lost, to return to."""
    return await _file(request, caller, "large-lost", query)


@router.get("/bank-lines", **_FILE)
async def export_bank_lines(
    request: Request, caller: AnyCaller, query: Annotated[BankLinesExport, Query()]
) -> Response:
    """Lines of bank statements in a state, by default those that nobody has matched."""
    return await _file(request, caller, "bank-lines", query)


@router.get("/statements", **_FILE)
async def export_statements(
    request: Request, caller: AnyCaller, query: Annotated[StatementsExport, Query()]
) -> Response:
    """The statements of a company's month by employee, with what payroll answered last."""
    return await _file(request, caller, "statements", query)
