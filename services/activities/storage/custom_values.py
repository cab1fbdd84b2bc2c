"""What companies keep of clients in fields of their own: the values, and by which keys they are
found.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    LargeBinary,
    Uuid,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.domain.custom_fields import Value, plain
from services.activities.storage.tables.custom_fields import (
    custom_field,
    custom_value,
    custom_value_change,
    custom_value_set,
)
from shared.db import BulkRows, Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.folding import folded
from shared.ids import CompanyId, CustomFieldId
from shared.money import Money

LOWEST, HIGHEST = b"", b"\xff" * 4
"""Keys below and above all others."""
_LONGEST_KEY = 512
_OFFSET = 10**19
"""Makes every number positive, so that digits of one length are in the order of the numbers."""

_v, _s = custom_value.c, custom_value_set.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_client_id = bindparam("client_id", type_=Uuid)
_company_id = bindparam("company_id", type_=Uuid)
_of_client = and_(_v.tenant_id == _tenant_id, _v.client_id == _client_id)
_FIND_SET = compiled(
    select(custom_value_set).where(
        _s.tenant_id == _tenant_id, _s.client_id == _client_id, _s.company_id == _company_id
    )
)
_SETS = compiled(
    select(custom_value_set)
    .where(_s.tenant_id == _tenant_id, _s.client_id == _client_id)
    .order_by(_s.company_id)
)
_VALUES = compiled(
    select(_v.field_id, _v.version, _v.value, _v.key, custom_field.c.company_id)
    .join_from(
        custom_value,
        custom_field,
        and_(custom_field.c.tenant_id == _v.tenant_id, custom_field.c.id == _v.field_id),
    )
    .where(_of_client)
)
_new_set = upsert(custom_value_set).values(
    tenant_id=_tenant_id,
    client_id=_client_id,
    company_id=_company_id,
    version=literal(1),
    changed_at=bindparam("now", type_=Moment),
)
_NEXT_VERSION = compiled(
    _new_set.on_conflict_do_update(
        index_elements=["tenant_id", "client_id", "company_id"],
        set_={"version": _s.version + 1, "changed_at": _new_set.excluded.changed_at},
    ).returning(_s.version)
)
_values = BulkRows("custom", {"field_id": Uuid(), "value": JSONB(), "key": LargeBinary()})
_new_values = upsert(custom_value).from_select(
    ["tenant_id", "client_id", "version", "field_id", "value", "key"],
    select(_tenant_id, _client_id, bindparam("version", type_=BigInteger), *_values.c),
)
_WRITE = compiled(
    _new_values.on_conflict_do_update(
        index_elements=["tenant_id", "client_id", "field_id"],
        set_={name: _new_values.excluded[name] for name in ("version", "value", "key")},
    )
)
_REMOVE = compiled(
    delete(custom_value).where(
        _of_client, _v.field_id == func.any(bindparam("field_ids", type_=ARRAY(Uuid)))
    )
)
_RECORD = compiled(
    insert(custom_value_change).values(
        tenant_id=_tenant_id,
        **{
            column.name: bindparam(column.name, type_=column.type)
            for column in custom_value_change.c
            if column.name != "tenant_id"
        },
    )
)


def key_of(value: Value) -> bytes:
    """The key of a value: equal for what is asked as the same, and in the order of numbers, money
    and days. Text is folded, so that no spelling hides it.
    """
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if isinstance(value, Money):
        return _ordered(value.amount)
    if isinstance(value, Decimal):
        return _ordered(value)
    if isinstance(value, date):
        return value.isoformat().encode()
    key = folded(value).encode()
    return key if len(key) <= _LONGEST_KEY else sha256(key).digest()


def _ordered(number: Decimal) -> bytes:
    return b"%020d" % (int(number.scaleb(4)) + _OFFSET)


@dataclass(frozen=True, slots=True)
class Kept:
    """A value of a client as it is stored; None where it was removed."""

    company_id: CompanyId
    version: int
    value: Any
    key: bytes | None


async def version_of(tx: Tx, client_id: UUID, company_id: UUID) -> int:
    """The version of what the company keeps of the client, 0 where that is nothing yet."""
    row = await tx.row(_FIND_SET, client_id=client_id, company_id=company_id)
    return row["version"] if row else 0


async def sets_of(tx: Tx, client_id: UUID) -> list[Row]:
    """The sets of a client, of whatever company."""
    return await tx.rows(_SETS, client_id=client_id)


async def values_of(tx: Tx, client_id: UUID) -> dict[CustomFieldId, Kept]:
    """Everything that companies keep of a client, by field; what was removed too."""
    rows = await tx.rows(_VALUES, client_id=client_id)
    return {
        row["field_id"]: Kept(row["company_id"], row["version"], row["value"], row["key"])
        for row in rows
    }


async def write(
    tx: Tx, client_id: UUID, company_id: UUID, values: Mapping[CustomFieldId, Value | None]
) -> int:
    """Writes values of a locked client, None to remove one; the version of their set."""
    stored = (
        (id_, None, None) if value is None else (id_, plain(value), key_of(value))
        for id_, value in values.items()
    )
    return await write_stored(tx, client_id, company_id, stored)


async def write_stored(
    tx: Tx,
    client_id: UUID,
    company_id: UUID,
    stored: Iterable[tuple[UUID, Any, bytes | None]],
) -> int:
    """As `write`, of values with their keys as they are stored."""
    row = await tx.row(_NEXT_VERSION, client_id=client_id, company_id=company_id, now=tx.now)
    assert row
    version: int = row["version"]
    rows = [dict(zip(("field_id", "value", "key"), each, strict=True)) for each in stored]
    await tx.rows(_WRITE, client_id=client_id, version=version, **_values.of(rows))
    return version


async def remove(tx: Tx, client_id: UUID, field_ids: Iterable[UUID]) -> None:
    """Deletes what a locked client has in these fields: it is another's now."""
    await tx.rows(_REMOVE, client_id=client_id, field_ids=list(field_ids))


async def record(
    tx: Tx,
    client_id: UUID,
    company_id: UUID,
    version: int,
    changes: Mapping[str, Any],
    merged_client_id: UUID | None = None,
) -> None:
    """Writes into the history who changed what."""
    await tx.rows(
        _RECORD,
        client_id=client_id,
        company_id=company_id,
        version=version,
        at=tx.now,
        who=tx.caller.employee_id if tx.caller else None,
        changes=dict(changes),
        merged_client_id=merged_client_id,
    )
