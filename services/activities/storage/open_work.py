"""Where the work with a client of a company is now: by an open activity, or by who holds it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)

from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.directory import employee, room
from services.activities.storage.tables.vips import vip_holder
from shared.db import Tx, compiled
from shared.ids import ActivityId, EmployeeId, RoomId

_a, _v, _e, _r = activity.c, vip_holder.c, employee.c, room.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_company_id = bindparam("company_id", type_=Uuid)
_client_id = bindparam("client_id", type_=Uuid)
_room_id = bindparam("room_id", type_=Uuid)
_in_work, _in_room = _a.status == "in_work", _a.room_id == _room_id
# What somebody works goes on with them, wherever they do; what waits in the pool of another room is
# that room's.
_FIND_OPEN = compiled(
    select(_a.id)
    .where(
        _a.tenant_id == _tenant_id,
        _a.client_id == _client_id,
        _a.company_id == _company_id,
        or_(_in_work, and_(_a.status == "free", _in_room)),
    )
    .order_by(_in_work.desc(), _in_room.desc(), _a.id.desc())
    .limit(literal_column("1"))
)
# What waits, and what those work who may have lost the client.
_FOLLOWERS = compiled(
    select(_a.id)
    .where(
        _a.tenant_id == _tenant_id,
        _a.client_id == _client_id,
        _a.company_id == _company_id,
        or_(
            _a.status == "free",
            and_(_in_work, _a.responsible_id == any_(bindparam("formers", type_=ARRAY(Uuid)))),
        ),
        _a.id > bindparam("after", type_=Uuid),
    )
    .order_by(_a.id)
    .limit(bindparam("limit", type_=BigInteger))
)
_FIND_ROOM_OF_VIP = compiled(
    select(_r.id)
    .select_from(
        vip_holder.join(
            employee, and_(_e.tenant_id == _v.tenant_id, _e.id == _v.responsible_id)
        ).join(room, and_(_r.tenant_id == _v.tenant_id, _r.id == func.any(_e.room_ids)))
    )
    .where(
        _v.tenant_id == _tenant_id,
        _v.company_id == _company_id,
        _v.client_id == _client_id,
        or_(_v.reset_due_at.is_(None), _v.reset_due_at > func.clock_timestamp()),
        _e.active,
        _company_id == func.any(_r.company_ids),
        _r.archived.is_(False),
    )
    .order_by((_r.id == _room_id).desc(), (_r.id == _v.room_id).desc(), _r.id)
    .limit(literal_column("1"))
)


async def find_open(tx: Tx, company_id: UUID, client_id: UUID, room_id: UUID) -> ActivityId | None:
    """The company's activity with the client that is in work, in any room, else one in the pool of
    this room; not locked.
    """
    row = await tx.row(_FIND_OPEN, company_id=company_id, client_id=client_id, room_id=room_id)
    return ActivityId(row["id"]) if row else None


async def find_followers(
    tx: Tx,
    company_id: UUID,
    client_id: UUID,
    formers: Sequence[EmployeeId],
    after: UUID,
    limit: int,
) -> list[ActivityId]:
    """Up to `limit` of the client's activities for the company, with ids past `after`, that wait in
    a pool or that one of `formers` works; not locked.
    """
    rows = await tx.rows(
        _FOLLOWERS,
        company_id=company_id,
        client_id=client_id,
        formers=list(formers),
        after=after,
        limit=limit,
    )
    return [ActivityId(row["id"]) for row in rows]


async def find_room_of_vip(
    tx: Tx, company_id: UUID, client_id: UUID, room_id: UUID
) -> RoomId | None:
    """A room in which who holds the client for the company works: this one if it may be, else that
    from which it is held; None where nobody holds it.
    """
    values = {"company_id": company_id, "client_id": client_id, "room_id": room_id}
    row = await tx.row(_FIND_ROOM_OF_VIP, **values)
    return RoomId(row["id"]) if row else None
