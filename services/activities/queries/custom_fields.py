"""A company's own fields of its clients, as the API shows them."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Uuid, bindparam, select, tuple_

from services.activities.queries.directory import FIRST_ID, view_of_row
from services.activities.storage import directory
from services.activities.storage.directory import COMPANY, CUSTOM_FIELD
from services.activities.storage.tables.custom_fields import custom_field
from shared.db import Statement, Tx, compiled
from shared.errors import NotFound
from shared.paging import cursor_of, page, read_cursor

_f = custom_field.c


def _page(archived: bool) -> Statement:
    last = tuple_(bindparam("position", type_=Integer), bindparam("after", type_=Uuid))
    fields = select(custom_field).where(
        _f.tenant_id == bindparam("tenant_id", type_=Uuid),
        _f.company_id == bindparam("company_id", type_=Uuid),
        tuple_(_f.position, _f.id) > last,
    )
    if not archived:
        fields = fields.where(_f.archived.is_(False))
    return compiled(fields.order_by(_f.position, _f.id).limit(bindparam("limit", type_=BigInteger)))


_IN_USE, _ALL = _page(archived=False), _page(archived=True)


async def list_custom_fields(
    tx: Tx, company_id: UUID, archived: bool, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of the company's fields in their order. Raises `NotFound`."""
    await directory.get(tx, COMPANY, company_id)
    last = read_cursor(cursor, _position, UUID) or [-1, FIRST_ID]
    rows = await tx.rows(
        _ALL if archived else _IN_USE,
        company_id=company_id,
        position=last[0],
        after=last[1],
        limit=limit + 1,
    )
    end = rows[limit - 1] if len(rows) > limit else None
    return page(
        [view_of_row(row) for row in rows],
        limit,
        cursor_of(end["position"], end["id"]) if end else None,
    )


def _position(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value < 2**31:
        raise ValueError("a position fits four bytes")
    return value


async def get_custom_field(tx: Tx, company_id: UUID, field_id: UUID) -> dict[str, Any]:
    """One field of the company. Raises `NotFound`."""
    row = await directory.get(tx, CUSTOM_FIELD, field_id)
    if row["company_id"] != company_id:
        raise NotFound("custom_field")
    return view_of_row(row)
