"""Statements on people's chats with the bot of the installation."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid, any_, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from services.gateway.storage.notification_tables import MESSENGER_LINK
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row

_m = MESSENGER_LINK.c
_tenant = bindparam("tenant_id", type_=Uuid)
_employee = bindparam("employee_id", type_=Uuid)
_new = insert(MESSENGER_LINK).values(
    tenant_id=_tenant,
    employee_id=_employee,
    chat_id=bindparam("chat_id", type_=BigInteger),
    linked_at=bindparam("at", type_=Moment),
)
_PUT = compiled(
    _new.on_conflict_do_update(
        index_elements=["tenant_id", "employee_id"],
        set_={name: _new.excluded[name] for name in ("chat_id", "linked_at")},
    )
)
_OF_ALL = compiled(
    select(MESSENGER_LINK).where(
        _m.tenant_id == _tenant, _m.employee_id == any_(bindparam("ids", type_=ARRAY(Uuid)))
    )
)
_REMOVE = compiled(
    delete(MESSENGER_LINK)
    .where(_m.tenant_id == _tenant, _m.employee_id == _employee)
    .returning(_m.employee_id)
)


async def put(tx: Tx, employee_id: UUID, chat_id: int) -> None:
    """Makes this the person's only chat."""
    at = await tx.read_clock()
    await tx.rows(_PUT, employee_id=employee_id, chat_id=chat_id, at=at)


async def of_people(tx: Tx, people: Collection[UUID]) -> dict[UUID, Row]:
    """The chats of people, by person."""
    rows = await tx.rows(_OF_ALL, ids=list(people))
    return {row["employee_id"]: row for row in rows}


async def remove(tx: Tx, employee_id: UUID) -> bool:
    """Removes a person's chat; False where there is none."""
    return await tx.row(_REMOVE, employee_id=employee_id) is not None
