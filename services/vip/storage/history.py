"""What became of each VIP: appended with every change of its holder or kind, never changed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from services.vip.domain.vip import DomainEvent
from services.vip.storage.tables import vip, vip_change
from shared.db import BulkRows, Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.ids import EmployeeId, VipId

_h = vip_change.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_new = BulkRows("new", {column.name: column.type for column in _h if column.name != "tenant_id"})
_APPEND = compiled(
    insert(vip_change)
    .from_select(
        ["tenant_id", *(column.name for column in _new.c)],
        select(_tenant_id, *_new.c).select_from(_new.table),
    )
    .on_conflict_do_nothing()
)
_before = bindparam("before", type_=BigInteger)
_PAGE = compiled(
    select(vip_change)
    .where(
        _h.tenant_id == _tenant_id,
        _h.vip_id == bindparam("vip_id", type_=Uuid),
        or_(_before.is_(None), _h.version < _before),
    )
    .order_by(_h.version.desc())
    .limit(bindparam("limit", type_=BigInteger))
)
_OF_COMPANY = compiled(
    select(
        _h.vip_id, _h.version, _h.at, _h.what, _h.employee_id, _h.room_id, _h.kind, vip.c.client_id
    )
    .join(vip, and_(vip.c.tenant_id == _h.tenant_id, vip.c.id == _h.vip_id))
    .where(
        _h.tenant_id == _tenant_id,
        vip.c.company_id == bindparam("company_id", type_=Uuid),
        vip.c.head_id.is_(None),
        _h.what != literal("reset_warned", Text),
        _h.at < bindparam("until", type_=Moment),
    )
)
_FORGET = compiled(
    update(vip_change)
    .where(
        _h.tenant_id == _tenant_id,
        _h.vip_id
        == any_(
            func.array(
                select(vip.c.id)
                .where(
                    vip.c.tenant_id == _tenant_id,
                    vip.c.client_id == bindparam("client_id", type_=Uuid),
                )
                .scalar_subquery()
            )
        ),
        _h.reason.is_not(None),
    )
    .values(reason=None)
)


async def append(
    tx: Tx, events: Sequence[DomainEvent], by: EmployeeId | None, reason: str | None
) -> None:
    """Appends those of `events` that are more than progress; `by` did it, null for a rule."""
    changes = [event for event in events if event.type != "vip.progressed"]
    if not changes:
        return
    at = await tx.read_clock()
    rows = [
        {
            "vip_id": event.after.id,
            "version": event.after.version,
            "at": at,
            "what": event.type.removeprefix("vip."),
            "by": by,
            "employee_id": event.holder,
            "room_id": event.after.room_id,
            "kind": event.after.kind,
            "why": event.details.get("why"),
            "reason": reason,
        }
        for event in changes
    ]
    await tx.rows(_APPEND, **_new.of(rows))


async def page(tx: Tx, vip_id: VipId, before: int | None, limit: int) -> list[Row]:
    """Up to `limit` changes of versions before one, the newest first."""
    return await tx.rows(_PAGE, vip_id=vip_id, before=before, limit=limit)


async def of_company(tx: Tx, company_id: UUID, until: datetime) -> list[Row]:
    """Every change before a moment of a company's VIPs that have a place of their own, with the
    client, in no order.
    """
    return await tx.rows(_OF_COMPANY, company_id=company_id, until=until)


async def forget(tx: Tx, client_id: UUID) -> None:
    """Erases what was written about a client in free text."""
    await tx.rows(_FORGET, client_id=client_id)
