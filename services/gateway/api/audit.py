"""`/audit`: who did what to whom from where; an admin's."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from services.gateway.api.dependencies import Admin, ApiParts, Parts
from services.gateway.api.queries import AuditFilters, AuditQuery
from services.gateway.api.responses import AuditEntryView
from services.gateway.storage import audit
from shared.db.transaction import Row
from shared.jobs.report import BYTE_ORDER_MARK, csv_rows
from shared.tenancy import Caller
from shared.web.responses import Page

router = APIRouter(prefix="/audit", tags=["accounts"])
CSV = "text/csv; charset=utf-8"
_EXPORTED = 1_000
_COLUMNS = tuple(AuditEntryView.model_fields)


@router.get("")
async def list_audit(
    caller: Admin, parts: Parts, query: Annotated[AuditQuery, Query()]
) -> Page[AuditEntryView]:
    """What was done in the tenant, refused log-ins and reads of pay among it; the newest first."""
    rows = await _page(parts, caller, query, query.cursor, query.limit + 1)
    items = [AuditEntryView(**{name: row[name] for name in _COLUMNS}) for row in rows]
    more = len(items) > query.limit
    return Page[AuditEntryView](
        items=items[: query.limit], next_cursor=str(items[query.limit - 1].id) if more else None
    )


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def export_audit(
    caller: Admin, parts: Parts, query: Annotated[AuditFilters, Query()]
) -> StreamingResponse:
    """The same as CSV with semicolons, UTF-8 with a byte order mark; its columns are the fields of
    an entry.
    """
    first = await _page(parts, caller, query, None, _EXPORTED)

    async def lines() -> AsyncIterator[bytes]:
        yield BYTE_ORDER_MARK.encode() + csv_rows([_COLUMNS])
        rows = first
        while rows:
            yield csv_rows([[_cell(row[name]) for name in _COLUMNS] for row in rows])
            rows = await _page(parts, caller, query, rows[-1]["id"], _EXPORTED)

    disposition = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return StreamingResponse(lines(), media_type=CSV, headers=disposition)


async def _page(
    parts: ApiParts, caller: Caller, filters: AuditFilters, before: UUID | None, limit: int
) -> list[Row]:
    async with parts.database.begin_for(caller.tenant_id) as tx:
        return await audit.page(tx, filters.model_dump(), before, limit)


def _cell(value: Any) -> str:
    """A value as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(str(item) for item in value)
    return orjson.dumps(value).decode() if isinstance(value, dict) else str(value)
