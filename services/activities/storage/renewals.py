"""Renewals as commands lock and write them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Uuid,
    all_,
    and_,
    bindparam,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)

from services.activities.domain.activity import Activity
from services.activities.domain.renewals import Renewal, RenewalEvent, Taker
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.vip_hold import VipHold, is_in_force
from services.activities.storage.locking import locked_row
from services.activities.storage.mapping import (
    CLIENT_SUMMARY,
    SETTINGS_COLUMNS,
    client_summary,
    order_lines,
    plain,
    room_settings_of,
)
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.clients import client
from services.activities.storage.tables.directory import company, employee, membership
from services.activities.storage.tables.renewals import renewal
from services.activities.storage.tables.settings import room_settings
from services.activities.storage.tables.vips import vip_holder
from shared.db import Statement, Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.ids import EmployeeId
from shared.membership import sells_in

_r, _c, _s, _v, _m = renewal.c, client.c, room_settings.c, vip_holder.c, membership.c
_contract = activity.alias("contract")
_k = _contract.c
_former, _holder = employee.alias("former"), employee.alias("holder")
_tenant_id = bindparam("tenant_id", type_=Uuid)
_now = bindparam("now", type_=Moment)
_contract_id = bindparam("contract_id", type_=Uuid)
_FIELDS = tuple(name for name in Renewal.__dataclass_fields__ if name != "client_id")
_own = {name: bindparam(f"new_{name}", type_=_r[name].type) for name in _FIELDS}
_EMPLOYEE = ("roles", "room_ids", "active", "headed_room_ids")

_INSERT = compiled(
    insert(renewal).values(tenant_id=_tenant_id, created_at=_now, changed_at=_now, **_own)
)
_UPDATE = compiled(
    update(renewal)
    .where(
        _r.tenant_id == _tenant_id,
        _r.id == bindparam("renewal_id", type_=Uuid),
        _r.version == bindparam("new_version", type_=BigInteger) - literal(1),
    )
    .values(changed_at=_now, **{name: bind for name, bind in _own.items() if name != "id"})
)
_MOVE_DUE = compiled(
    update(renewal)
    .where(
        _r.tenant_id == _tenant_id,
        _r.company_id == bindparam("company_id", type_=Uuid),
        _r.status == "scheduled",
    )
    .values(
        due_at=func.timezone(
            select(company.c.time_zone)
            .where(
                company.c.tenant_id == _tenant_id,
                company.c.id == bindparam("company_id", type_=Uuid),
            )
            .scalar_subquery(),
            cast(_r.due_on, DateTime),
        )
    )
)
_locked_of_contract = (
    select(renewal)
    .where(_r.tenant_id == _tenant_id, _r.contract_id == _contract_id)
    .with_for_update()
    .cte("locked")
)
_LOCK_OF_CONTRACT = compiled(
    select(company.c.time_zone, *_locked_of_contract.c)
    .select_from(company.outerjoin(_locked_of_contract, true()))
    .where(company.c.tenant_id == _tenant_id, company.c.id == bindparam("company_id", type_=Uuid))
)
_BECAME = compiled(
    select(renewal).where(
        _r.tenant_id == _tenant_id, _r.activity_id == bindparam("activity_id", type_=Uuid)
    )
)
_TAKER = compiled(
    select(activity.c.responsible_id, activity.c.responsible_since).where(
        activity.c.tenant_id == _tenant_id,
        activity.c.id == bindparam("activity_id", type_=Uuid),
    )
)
_LOCK_DUE = compiled(
    select(_r.id)
    .where(
        _r.tenant_id == _tenant_id,
        _r.status == "scheduled",
        _r.due_at <= _now,
        _r.id != all_(bindparam("left_out", type_=ARRAY(Uuid))),
    )
    .order_by(_r.due_at)
    .limit(bindparam("limit", type_=BigInteger))
    .with_for_update(skip_locked=True)
)
TENANTS_WITH_DUE = compiled(
    select(_r.tenant_id)
    .distinct()
    .where(_r.status == "scheduled", _r.due_at <= _now)
    .limit(bindparam("limit", type_=BigInteger))
)


@dataclass(frozen=True, slots=True)
class LockedRenewal:
    """A renewal, locked, with what its rules need to know around it.

    `responsible_id` is the contract's; `former_sells` whether they still sell in the room.
    `vip_hold` is in force in all rooms of the company; `holder_sells` whether its holder sells in
    this one. `last_take` is that of the seller for whom it was
    locked.
    """

    renewal: Renewal
    client: Mapping[str, Any]
    room_settings: RoomSettings
    time_zone: str
    currency: str
    contract_is_won: bool
    responsible_id: EmployeeId | None
    former_sells: bool
    vip_hold: VipHold | None
    holder_sells: bool
    last_take: datetime | None

    @property
    def former_id(self) -> EmployeeId | None:
        """The contract's responsible, if they still sell in the room."""
        return self.responsible_id if self.former_sells else None


def _of_tenant(table: Any, **keys: Any) -> Any:
    return and_(
        table.c.tenant_id == _r.tenant_id, *(table.c[name] == key for name, key in keys.items())
    )


_joined = (
    renewal.join(_contract, _of_tenant(_contract, id=_r.contract_id))
    .join(client, _of_tenant(client, id=_k.client_id))
    .join(company, _of_tenant(company, id=_r.company_id))
    .outerjoin(
        room_settings, _of_tenant(room_settings, room_id=_r.room_id, company_id=_r.company_id)
    )
    .outerjoin(_former, _of_tenant(_former, id=_k.responsible_id))
    .outerjoin(
        vip_holder,
        and_(
            _of_tenant(vip_holder, company_id=_r.company_id, client_id=_k.client_id),
            or_(_v.reset_due_at.is_(None), _v.reset_due_at > func.clock_timestamp()),
        ),
    )
    .outerjoin(_holder, _of_tenant(_holder, id=_v.responsible_id))
)
_joined_for_taking = _joined.join(
    membership,
    _of_tenant(membership, room_id=_r.room_id, employee_id=bindparam("seller_id", type_=Uuid)),
)


def _locking(joined: Any, *columns: Any, of: Sequence[Any]) -> Statement:
    inner = (
        select(
            renewal,
            _k.client_id,
            _k.responsible_id,
            _k.currency,
            _k.status.label("contract_status"),
            *CLIENT_SUMMARY,
            company.c.time_zone,
            *SETTINGS_COLUMNS,
            _v.responsible_id.label("holder_id"),
            _v.reset_due_at.label("holder_until"),
            _v.room_id.label("held_from"),
            *(_former.c[name].label(f"former_{name}") for name in _EMPLOYEE),
            *(_holder.c[name].label(f"holder_{name}") for name in _EMPLOYEE),
            *columns,
        )
        .select_from(joined)
        .where(_r.tenant_id == _tenant_id, _r.id == bindparam("renewal_id", type_=Uuid))
        .with_for_update(of=of)
        .subquery("locked")
    )
    # The clock is read above the locks, as of activities.
    return compiled(select(func.clock_timestamp().label("now"), inner))


_LOCK = _locking(_joined, of=[renewal])
_LOCK_FOR_TAKING = _locking(_joined_for_taking, _m.last_take_at, of=[renewal, membership])


async def lock(tx: Tx, renewal_id: UUID) -> LockedRenewal:
    """The renewal, locked until the transaction ends. Raises `NotFound`."""
    return _locked(tx, await locked_row(tx, _LOCK, renewal_id=renewal_id))


async def lock_for_taking(tx: Tx, renewal_id: UUID, seller_id: EmployeeId) -> LockedRenewal:
    """The renewal and the seller's cooldown in its room, both locked.

    Raises `NotFound`, also where the seller does not work in the room.
    """
    values = {"renewal_id": renewal_id, "seller_id": seller_id}
    return _locked(tx, await locked_row(tx, _LOCK_FOR_TAKING, **values))


async def lock_due(tx: Tx, now: datetime, limit: int, left_out: Sequence[UUID]) -> list[UUID]:
    """Up to `limit` renewals that are due by `now`, but for those `left_out`, locked; those that
    others work on are skipped.
    """
    rows = await tx.rows(_LOCK_DUE, now=now, limit=limit, left_out=list(left_out))
    return [row["id"] for row in rows]


async def lock_of_contract(tx: Tx, contract: Activity) -> tuple[list[Renewal], str]:
    """The renewals of a contract, locked, and its company's time zone."""
    rows = await tx.rows(_LOCK_OF_CONTRACT, contract_id=contract.id, company_id=contract.company_id)
    existing = [renewal_of(row, contract.client_id) for row in rows if row["id"]]
    return existing, rows[0]["time_zone"]


async def find_renewed_by(tx: Tx, contract: Activity) -> Renewal | None:
    """The renewal that became this activity."""
    row = await tx.row(_BECAME, activity_id=contract.id)
    return renewal_of(row, contract.client_id) if row else None


async def find_taker(tx: Tx, renewal: Renewal) -> Taker | None:
    """Who has what the renewal became; None while it is no activity."""
    if renewal.activity_id is None:
        return None
    row = await tx.row(_TAKER, activity_id=renewal.activity_id)
    return Taker(row["responsible_id"], row["responsible_since"]) if row else None


async def write(tx: Tx, events: Sequence[RenewalEvent]) -> None:
    """Writes renewals that are new or locked."""
    changed = [_values(tx, event.after) for event in events]
    await tx.each(_INSERT, [values for values in changed if values["new_version"] == 1])
    await tx.each(_UPDATE, [values for values in changed if values["new_version"] > 1])


async def follow_time_zone(tx: Tx, company_id: UUID) -> None:
    """Puts the moments at which a company's renewals are due to where its days begin now."""
    await tx.rows(_MOVE_DUE, company_id=company_id)


def renewal_of(row: Row, client_id: Any) -> Renewal:
    """The renewal in a row; its client is the contract's."""
    values = {name: row[name] for name in _FIELDS}
    return Renewal(**{**values, "products": order_lines(row["products"])}, client_id=client_id)


def _values(tx: Tx, after: Renewal) -> dict[str, Any]:
    values = {f"new_{name}": getattr(after, name) for name in _FIELDS}
    return {
        **values,
        "new_products": plain(after.products),
        "renewal_id": after.id,
        "now": tx.now,
    }


def _locked(tx: Tx, row: Row | None) -> LockedRenewal:
    if row is None:
        raise NotFound("renewal")
    tx.at(row["now"])
    is_held = is_in_force(row["held_from"], row["holder_room_ids"] or (), row["holder_active"])
    return LockedRenewal(
        renewal=renewal_of(row, row["client_id"]),
        client=client_summary(row),
        room_settings=room_settings_of(row),
        time_zone=row["time_zone"],
        currency=row["currency"],
        contract_is_won=row["contract_status"] == "won",
        responsible_id=row["responsible_id"],
        former_sells=_sells(row, "former", row["room_id"]),
        vip_hold=VipHold(row["holder_id"], row["holder_until"], row["held_from"])
        if is_held
        else None,
        holder_sells=is_held and _sells(row, "holder", row["room_id"]),
        last_take=row.get("last_take_at"),
    )


def _sells(row: Row, who: str, room_id: UUID) -> bool:
    roles, room_ids, active, headed = (row[f"{who}_{name}"] for name in _EMPLOYEE)
    return roles is not None and sells_in(roles, room_ids, active, room_id, headed)
