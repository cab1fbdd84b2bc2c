"""The extensions of our people, one row a person."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, literal, select
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.storage.tables.calls import employee_extensions
from shared.db import Tx, compiled
from shared.db.tables import Moment

_x = employee_extensions.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_employee_id = bindparam("employee_id", type_=Uuid)
_FIND = compiled(
    select(_x.version, _x.extensions, _x.changed_at).where(
        _x.tenant_id == _tenant_id, _x.employee_id == _employee_id
    )
)
_new = upsert(employee_extensions).values(
    tenant_id=_tenant_id,
    employee_id=_employee_id,
    version=literal(1),
    changed_at=bindparam("now", type_=Moment),
    extensions=bindparam("extensions", type_=ARRAY(Text)),
)
_SET = compiled(
    _new.on_conflict_do_update(
        index_elements=["tenant_id", "employee_id"],
        set_={
            "version": _x.version + 1,
            "changed_at": _new.excluded.changed_at,
            "extensions": _new.excluded.extensions,
        },
    ).returning(_x.version, _x.extensions, _x.changed_at)
)


class Extensions(NamedTuple):
    """Version 0: nobody has set any."""

    version: int = 0
    extensions: Sequence[str] = ()
    changed_at: datetime | None = None


async def find(tx: Tx, employee_id: UUID) -> Extensions:
    """An employee's extensions."""
    row = await tx.row(_FIND, employee_id=employee_id)
    return Extensions(**row) if row else Extensions()


async def save(tx: Tx, employee_id: UUID, extensions: Sequence[str]) -> Extensions:
    """Sets the extensions of an employee, whose row is locked, one version later."""
    row = await tx.row(
        _SET, employee_id=employee_id, extensions=list(extensions), now=await tx.read_clock()
    )
    assert row
    return Extensions(**row)
