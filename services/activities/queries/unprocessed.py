"""Messages that wait for a person: seen by admins, and by the heads of the rooms that they came
to.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid, bindparam, or_, select

from services.activities.storage.tables.inbound import inbound_message
from shared.db import Tx, compiled
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.paging import cursor_of, page, read_cursor
from shared.tenancy import Caller

FIRST_ID = UUID(int=0)
_m = inbound_message.c
_rooms = bindparam("rooms", type_=ARRAY(Uuid))
_of_tenant = _m.tenant_id == bindparam("tenant_id", type_=Uuid)
_seen = or_(_rooms.is_(None), _m.room_ids.op("&&")(_rooms))
_COLUMNS = (
    "id",
    "channel",
    "state",
    "reason",
    "external_id",
    "key_id",
    "room_ids",
    "activity_id",
    "received_at",
    "expires_at",
    "closed_at",
    "closed_by",
    "closing_reason",
)
_PAGE = compiled(
    select(*(_m[name] for name in _COLUMNS))
    .where(_of_tenant, _m.state == "unprocessed", _seen, _m.id > bindparam("after", type_=Uuid))
    .order_by(_m.id)
    .limit(bindparam("limit", type_=BigInteger))
)
_WAITED = ("unprocessed", "resolved", "dismissed")
_FIND = compiled(
    select(inbound_message).where(
        _of_tenant,
        _m.id == bindparam("id", type_=Uuid),
        or_(*(_m.state == state for state in _WAITED)),
        _seen,
    )
)


def rooms_of(caller: Caller) -> list[UUID] | None:
    """The rooms whose messages the caller may read: those that they head, None for all."""
    return None if caller.has_any({"admin"}) else sorted(caller.headed_rooms)


async def list_unprocessed(
    tx: Tx, caller: Caller, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of what waits, the oldest first; without bodies."""
    last = read_cursor(cursor, UUID)
    after = last[0] if last else FIRST_ID
    rows = await tx.rows(_PAGE, rooms=rooms_of(caller), after=after, limit=limit + 1)
    next_cursor = cursor_of(rows[limit - 1]["id"]) if len(rows) > limit else None
    return page([dict(row) for row in rows], limit, next_cursor)


async def get_unprocessed(tx: Tx, message_id: UUID, caller: Caller) -> dict[str, Any]:
    """One message with its body, as it was sent. Raises `NotFound`."""
    row = await tx.row(_FIND, id=message_id, rooms=rooms_of(caller))
    if row is None:
        raise NotFound("message")
    return view_of_row(row)


def view_of_row(row: Row) -> dict[str, Any]:
    """A message with its body as text."""
    body = row["body"]
    view = {name: row[name] for name in _COLUMNS}
    return {
        **view,
        "content_type": row["content_type"],
        "body": None if body is None else _readable(body),
    }


def _readable(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("cp1251", "replace")
