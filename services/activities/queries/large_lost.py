"""Large clients that were lost, to return to (domain.md, "The activity")."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid, bindparam, func, or_, select, true

from services.activities.queries.clients import LAST_ID
from services.activities.storage.clients import VISIBLE
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.clients import client
from services.activities.storage.tables.directory import loss_reason
from shared.db import Statement, Tx, compiled
from shared.db.tables import Moment
from shared.paging import cursor_of, page, read_cursor
from shared.tenancy import Caller

_a, _c, _l = activity.c, client.c, loss_reason.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_IS_OPEN = or_(_a.status == "free", _a.status == "in_work")
# Spam and tests are no reason to return.
_COUNTS = or_(
    _a.lost_reason_id.is_(None),
    _a.lost_reason_id.not_in(select(_l.id).where(_l.tenant_id == _tenant_id, _l.counts.is_(False))),
)
_SHOWN = (
    "company_id",
    "room_id",
    "responsible_id",
    "lost_at",
    "lost_reason",
    "lost_reason_id",
)


@dataclass(frozen=True, slots=True)
class LargeLostFilters:
    """Which of them: of one room, of one company, lost before a moment; None for all."""

    room_id: UUID | None = None
    company_id: UUID | None = None
    lost_before: datetime | None = None


@cache
def _page(in_rooms: bool, of_company: bool, before_moment: bool) -> Statement:
    """Looks at each large client that is seen, which are few, while what was lost is much: an open
    activity goes before the newest closed one, and is none to return to.
    """
    last = (
        select(_a.id, _a.status, *(_a[name] for name in _SHOWN))
        .where(_a.tenant_id == _tenant_id, _a.client_id == _c.id, _COUNTS)
        .order_by(_IS_OPEN.desc(), _a.id.desc())
        .limit(1)
    )
    if in_rooms:
        last = last.where(_a.room_id == func.any(bindparam("rooms", type_=ARRAY(Uuid))))
    if of_company:
        last = last.where(_a.company_id == bindparam("company_id", type_=Uuid))
    newest = last.correlate(client).lateral("newest")
    statement = (
        select(
            _c.id,
            _c.name,
            newest.c.id.label("activity_id"),
            *(newest.c[name] for name in _SHOWN),
        )
        .select_from(client.join(newest, true()))
        .where(
            _c.tenant_id == _tenant_id,
            _c.large,
            VISIBLE,
            _c.id < bindparam("before", type_=Uuid),
            newest.c.status == "lost",
        )
        .order_by(_c.id.desc())
        .limit(bindparam("limit", type_=BigInteger))
    )
    if before_moment:
        statement = statement.where(newest.c.lost_at < bindparam("lost_before", type_=Moment))
    return compiled(statement)


async def list_large_lost(
    tx: Tx, filters: LargeLostFilters, caller: Caller, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of the large clients that the caller's rooms, or one of them, have lost and do not
    work again, the newest client first.

    Raises `NotFound` for a room that is not the caller's.
    """
    rooms, last = caller.rooms(filters.room_id), read_cursor(cursor, UUID)
    statement = _page(
        rooms is not None, filters.company_id is not None, filters.lost_before is not None
    )
    rows = await tx.rows(
        statement,
        rooms=rooms,
        company_id=filters.company_id,
        lost_before=filters.lost_before,
        before=last[0] if last else LAST_ID,
        limit=limit + 1,
    )
    end = cursor_of(rows[limit - 1]["id"]) if len(rows) > limit else None
    return page([_view(row) for row in rows], limit, end)


def _view(row: Mapping[str, Any]) -> dict[str, Any]:
    summary = {"id": row["id"], "name": row["name"], "large": True}
    return {"client": summary, **{name: row[name] for name in ("activity_id", *_SHOWN)}}
