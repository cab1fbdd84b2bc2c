"""Statements on the browsers that push messages go to."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Text, Uuid, any_, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from services.gateway.storage.notification_tables import PUSH_SUBSCRIPTION
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row

MOST = 10
"""Browsers of one person: a further one takes the place of the oldest."""
_p = PUSH_SUBSCRIPTION.c
_tenant = bindparam("tenant_id", type_=Uuid)
_employee = bindparam("employee_id", type_=Uuid)
_new = insert(PUSH_SUBSCRIPTION).values(
    tenant_id=_tenant,
    id=bindparam("id", type_=Uuid),
    employee_id=_employee,
    endpoint=bindparam("endpoint", type_=Text),
    p256dh=bindparam("p256dh", type_=Text),
    auth=bindparam("auth", type_=Text),
    created_at=bindparam("at", type_=Moment),
)
_PUT = compiled(
    _new.on_conflict_do_update(
        index_elements=["tenant_id", "id"],
        set_={name: _new.excluded[name] for name in ("p256dh", "auth")},
    ).returning(PUSH_SUBSCRIPTION)
)
_of_person = select(PUSH_SUBSCRIPTION).where(_p.tenant_id == _tenant, _p.employee_id == _employee)
_LIST = compiled(_of_person.order_by(_p.created_at, _p.id))
_kept = (
    select(_p.id)
    .where(_p.tenant_id == _tenant, _p.employee_id == _employee)
    .order_by(_p.created_at.desc(), _p.id.desc())
    .limit(bindparam("limit", type_=BigInteger))
)
_DELETE_OLDEST = compiled(
    delete(PUSH_SUBSCRIPTION).where(
        _p.tenant_id == _tenant, _p.employee_id == _employee, _p.id.not_in(_kept)
    )
)
_OF_ALL = compiled(
    select(PUSH_SUBSCRIPTION)
    .where(_p.tenant_id == _tenant, _p.employee_id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(_p.employee_id, _p.created_at)
)
_REMOVE = compiled(
    delete(PUSH_SUBSCRIPTION)
    .where(_p.tenant_id == _tenant, _p.employee_id == _employee, _p.id == bindparam("of_id"))
    .returning(_p.id)
)


async def put(tx: Tx, id_: UUID, employee_id: UUID, endpoint: str, p256dh: str, auth: str) -> Row:
    """Adds a person's browser, or renews its keys; of more than `MOST` the oldest go."""
    at = await tx.read_clock()
    row = await tx.row(
        _PUT, id=id_, employee_id=employee_id, endpoint=endpoint, p256dh=p256dh, auth=auth, at=at
    )
    assert row is not None
    await tx.rows(_DELETE_OLDEST, employee_id=employee_id, limit=MOST)
    return row


async def of_person(tx: Tx, employee_id: UUID) -> list[Row]:
    """A person's browsers, the oldest first."""
    return await tx.rows(_LIST, employee_id=employee_id)


async def of_people(tx: Tx, people: Collection[UUID]) -> dict[UUID, list[Any]]:
    """The browsers of people, by person."""
    browsers: dict[UUID, list[Any]] = {}
    for row in await tx.rows(_OF_ALL, ids=list(people)):
        browsers.setdefault(row["employee_id"], []).append(row)
    return browsers


async def remove(tx: Tx, employee_id: UUID, id_: UUID) -> bool:
    """Removes a person's browser; False where it is not theirs."""
    return await tx.row(_REMOVE, employee_id=employee_id, of_id=id_) is not None
