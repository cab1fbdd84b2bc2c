"""Statements on the audit, to which the application adds and which it can neither change nor
delete.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Integer,
    Interval,
    Text,
    Uuid,
    any_,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.elements import ColumnElement

from services.gateway.storage.tables import AUDIT_ENTRY
from shared.db import Tx, compiled
from shared.db.transaction import Row

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ADD = compiled(
    insert(AUDIT_ENTRY)
    .values({column.name: bindparam(column.name, type_=column.type) for column in AUDIT_ENTRY.c})
    .on_conflict_do_nothing()
)


def _filter(name: str, kind: Any, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition, where the parameter `name` is given."""
    return or_(bindparam(name, type_=kind).is_(None), condition)


_PAGE = compiled(
    select(AUDIT_ENTRY)
    .where(
        AUDIT_ENTRY.c.tenant_id == bindparam("tenant_id"),
        _filter("before", Uuid, AUDIT_ENTRY.c.id < bindparam("before", type_=Uuid)),
        _filter("since", Uuid, AUDIT_ENTRY.c.id >= bindparam("since", type_=Uuid)),
        _filter("until", Uuid, AUDIT_ENTRY.c.id < bindparam("until", type_=Uuid)),
        _filter("actor_id", Uuid, AUDIT_ENTRY.c.actor_id == bindparam("actor_id", type_=Uuid)),
        _filter(
            "target_id", Uuid, bindparam("target_id", type_=Uuid) == any_(AUDIT_ENTRY.c.target_ids)
        ),
        _filter("operation", Text, AUDIT_ENTRY.c.operation == bindparam("operation", type_=Text)),
        _filter("outcome", Text, AUDIT_ENTRY.c.outcome == bindparam("outcome", type_=Text)),
    )
    .order_by(AUDIT_ENTRY.c.id.desc())
    .limit(bindparam("limit", type_=Integer))
)
_pruned = (
    delete(AUDIT_ENTRY)
    .where(AUDIT_ENTRY.c.at < func.statement_timestamp() - bindparam("kept", type_=Interval))
    .returning(literal_column("1").label("pruned"))
    .cte("pruned")
)
PRUNE = compiled(select(func.count().label("pruned")).select_from(_pruned))
"""Deletes what is older than `kept`, of all tenants; under the worker's role."""


async def add(tx: Tx, entries: Sequence[Mapping[str, Any]]) -> None:
    """Adds entries of the transaction's tenant, in one trip; those that are there already stay."""
    await tx.each(_ADD, entries)


async def page(tx: Tx, filters: Mapping[str, Any], before: UUID | None, limit: int) -> list[Row]:
    """The newest entries before the entry `before`, those that match `filters`."""
    return await tx.rows(
        _PAGE,
        before=before,
        limit=limit,
        since=_first_id(filters.get("since")),
        until=_first_id(filters.get("until")),
        **{name: filters.get(name) for name in ("actor_id", "target_id", "operation", "outcome")},
    )


def _first_id(moment: datetime | None) -> UUID | None:
    """The lowest id that an entry of that moment can have: ids begin with their millisecond."""
    if moment is None:
        return None
    milliseconds = (moment - _EPOCH) // timedelta(milliseconds=1)
    return UUID(int=min(max(milliseconds, 0), 2**48 - 1) << 80)


def moment_of(id_: UUID) -> datetime:
    """The millisecond, UTC, in which an entry's id was made."""
    return _EPOCH + timedelta(milliseconds=id_.int >> 80)
