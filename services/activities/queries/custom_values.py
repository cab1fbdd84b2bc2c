"""What companies keep of a client in fields of their own, to those who see their rooms."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam, select

from services.activities.domain.custom_fields import CustomField
from services.activities.storage import clients, custom_fields, custom_values, directory
from services.activities.storage.custom_values import Kept
from services.activities.storage.directory import COMPANY
from services.activities.storage.tables.custom_fields import custom_value_change
from shared.db import Tx, compiled
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.ids import CustomFieldId
from shared.paging import cursor_of, number, page, read_cursor
from shared.tenancy import Caller

LAST_VERSION = 2**63 - 1
_h = custom_value_change.c
_HISTORY = compiled(
    select(_h.version, _h.at, _h.who, _h.changes, _h.merged_client_id)
    .where(
        _h.tenant_id == bindparam("tenant_id", type_=Uuid),
        _h.client_id == bindparam("client_id", type_=Uuid),
        _h.company_id == bindparam("company_id", type_=Uuid),
        _h.version < bindparam("before_version", type_=BigInteger),
    )
    .order_by(_h.version.desc())
    .limit(bindparam("limit", type_=BigInteger))
)


def rooms_between(client: Row, caller: Caller) -> list[UUID] | None:
    """The rooms by which the caller sees the client; None for every room."""
    if caller.sees_every_room:
        return None
    rooms = caller.room_ids & set(client["room_ids"]) if client["room_ids"] else caller.room_ids
    return sorted(rooms)


async def require_seen(tx: Tx, client: Row, company_id: UUID, caller: Caller) -> None:
    """Raises `NotFound` unless `is_seen`."""
    if not await is_seen(tx, client, company_id, caller):
        raise NotFound("company", "company_id")


async def is_seen(tx: Tx, client: Row, company_id: UUID, caller: Caller) -> bool:
    """Whether a room by which the caller sees the client sells for the company, whose values they
    see then.
    """
    rooms = rooms_between(client, caller)
    return rooms is None or bool(await custom_fields.rooms_serving(tx, company_id, rooms))


async def get_custom_values(
    tx: Tx, client_id: UUID, company_id: UUID, caller: Caller
) -> dict[str, Any]:
    """Every field in use of the company with what it keeps of the client, null where that is
    nothing. Raises `NotFound`.
    """
    await _require_both(tx, client_id, company_id, caller)
    values = await custom_values.values_of(tx, client_id)
    fields = [each for each in await custom_fields.of_company(tx, company_id) if not each.archived]
    return {
        "client_id": client_id,
        "company_id": company_id,
        "version": await custom_values.version_of(tx, client_id, company_id),
        "values": [_view(field, values) for field in fields],
    }


async def _require_both(tx: Tx, client_id: UUID, company_id: UUID, caller: Caller) -> None:
    client = await clients.find_visible(tx, client_id, caller)
    if client is None:
        raise NotFound("client")
    await directory.get(tx, COMPANY, company_id, "company_id")
    await require_seen(tx, client, company_id, caller)


async def all_custom_values(tx: Tx, client: Row, caller: Caller) -> list[dict[str, Any]]:
    """What each company keeps of the client whose rooms the caller sees, of fields in use; only
    what there is.
    """
    sets = await custom_values.sets_of(tx, client["id"])
    values = await custom_values.values_of(tx, client["id"]) if sets else {}
    views = []
    for row in sets:
        company_id = row["company_id"]
        if not await is_seen(tx, client, company_id, caller):
            continue
        fields = await custom_fields.of_company(tx, company_id)
        shown = [_view(field, values) for field in fields if not field.archived]
        filled = [view for view in shown if view["value"] is not None]
        if filled:
            views.append({"company_id": company_id, "version": row["version"], "values": filled})
    return views


def _view(field: CustomField, values: Mapping[CustomFieldId, Kept]) -> dict[str, Any]:
    value = values[field.id].value if field.id in values else None
    choice = field.choice(value) if field.kind == "choice" and value is not None else None
    return {
        "field_id": field.id,
        "name": field.name,
        "kind": field.kind,
        "required": field.required,
        "value": value,
        "label": choice.name if choice else None,
    }


async def list_custom_value_changes(
    tx: Tx, client_id: UUID, company_id: UUID, caller: Caller, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of who changed what of it, the newest first. Raises `NotFound`."""
    await _require_both(tx, client_id, company_id, caller)
    last = read_cursor(cursor, number)
    rows = await tx.rows(
        _HISTORY,
        client_id=client_id,
        company_id=company_id,
        before_version=last[0] if last else LAST_VERSION,
        limit=limit + 1,
    )
    next_cursor = cursor_of(rows[limit - 1]["version"]) if len(rows) > limit else None
    return page([{**row, "changes": _told(row["changes"])} for row in rows], limit, next_cursor)


def _told(changes: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    nothing = {"before": None, "after": None, "not_taken": None}
    return [{"field_id": id_, **nothing, **change} for id_, change in sorted(changes.items())]
