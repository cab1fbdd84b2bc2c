"""The blind check before registering: whether somebody works a client or holds it, and no more."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, bindparam, func, or_, select

from services.activities.domain.identity import Identity
from services.activities.queries.room_settings import require_company_in_room
from services.activities.storage import clients
from services.activities.storage.clients import VISIBLE
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.clients import client
from services.activities.storage.tables.directory import employee
from services.activities.storage.tables.vips import vip_holder
from shared.db import Tx, compiled
from shared.ids import CompanyId, RoomId
from shared.tenancy import Caller

_a, _c, _e, _v = activity.c, client.c, employee.c, vip_holder.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_company_id = bindparam("company_id", type_=Uuid)
_clock = func.clock_timestamp()
_in_work = (
    select(_a.id)
    .where(
        _a.tenant_id == _tenant_id,
        _a.client_id == _c.id,
        _a.company_id == _company_id,
        _a.status == "in_work",
        or_(_a.reset_due_at.is_(None), _a.reset_due_at > _clock),
    )
    .exists()
)
# Who works nowhere any more holds nothing.
_holders = vip_holder.join(
    employee,
    and_(
        _e.tenant_id == _v.tenant_id,
        _e.id == _v.responsible_id,
        _e.active,
        func.cardinality(_e.room_ids) > 0,
    ),
)
_is_held = (
    _v.tenant_id == _tenant_id,
    _v.client_id == _c.id,
    _v.company_id == _company_id,
    or_(_v.reset_due_at.is_(None), _v.reset_due_at > _clock),
)
_LOOK = compiled(
    select(
        _c.id,
        VISIBLE.label("visible"),
        _in_work.label("in_work"),
        select(_v.vip_id).select_from(_holders).where(*_is_held).exists().label("held"),
        select(_v.reset_due_at)
        .select_from(_holders)
        .where(*_is_held)
        .scalar_subquery()
        .label("protected_until"),
    )
    .where(_c.tenant_id == _tenant_id, _c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(_c.id)
)


@dataclass(frozen=True, slots=True)
class ClientQuestion:
    """Whether a client with these `identities` may be registered in the room for the company."""

    room_id: RoomId
    company_id: CompanyId
    identities: list[Identity]


async def check_client(tx: Tx, question: ClientQuestion, caller: Caller) -> dict[str, Any]:
    """Free, in work or a VIP: the strongest of the clients that have one of the identities.

    The same two statements run whatever there is, so that the time taken tells nothing. Raises
    `NotFound`, `NotSoldInRoom`.
    """
    caller.require_room(question.room_id, field="room_id")
    await require_company_in_room(tx, question.room_id, question.company_id)
    owners = await clients.owners_of(tx, question.identities)
    rows = await tx.rows(
        _LOOK, ids=sorted(owners), company_id=question.company_id, rooms=caller.rooms()
    )
    return _answer(rows, {id_ for id_, owner in owners.items() if owner.is_met_by(caller)})


def _answer(rows: list[Any], met: set[UUID]) -> dict[str, Any]:
    """Names a client only by what its room knows of it."""
    held = [row for row in rows if row["held"]]
    worked = [row for row in rows if row["in_work"]]
    visible: list[UUID] = [
        row["id"] for row in held or worked or rows if row["visible"] and row["id"] in met
    ]
    ends = [row["protected_until"] for row in held]
    return {
        "status": "vip" if held else "in_work" if worked else "free",
        "protected_until": max(ends) if ends and None not in ends else None,
        "client_id": visible[0] if visible else None,
    }
