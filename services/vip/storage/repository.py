"""Loading and saving VIPs and their places.

Locks are taken in one order: a seller's places, then VIPs by id. Whoever makes a seller hold more
locks the places first.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Uuid, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from services.vip.domain.vip import DomainEvent, Vip
from services.vip.storage.tables import place, vip
from shared.db import BulkRows, Tx, compiled, writing
from shared.db.tables import Moment
from shared.errors import NotFound
from shared.ids import ClientId, CompanyId, EmployeeId, RoomId, VipId, new_id

Pair = tuple[CompanyId, ClientId]

GIVE_WAY = "200ms"
_v, _p = vip.c, place.c


def _uuid(name: str) -> Any:
    return bindparam(name, type_=Uuid)


def _locked(found: Select[Any]) -> Select[Any]:
    """The rows once they are locked, with the clock read above the locks: who waited must not
    decide by the time before.
    """
    return select(func.clock_timestamp().label("now"), found.subquery("found"))


_mine = select(vip).where(_v.tenant_id == _uuid("tenant_id"))
_pair = _mine.where(_v.company_id == _uuid("company_id"), _v.client_id == _uuid("client_id"))
_held = _mine.where(
    _v.responsible_id == _uuid("seller_id"),
    _v.company_id == _uuid("company_id"),
    _v.room_id == _uuid("room_id"),
).order_by(_v.id)
_due = _mine.where(_v.reset_due_at <= bindparam("moment", type_=Moment))
_place = {
    "tenant_id": _uuid("tenant_id"),
    "company_id": _uuid("company_id"),
    "room_id": _uuid("room_id"),
    "seller_id": _uuid("seller_id"),
}

SEE = compiled(_mine.where(_v.id == _uuid("vip_id")))
# Facts come in batches that lock many VIPs in the order of the facts, and may be taken in again;
# people wait for their claims. So whoever is about to lock for a fact gives way: it waits a moment
# only, and then the batch starts again.
SEE_PAIR_FOR_FACT = compiled(
    select(
        func.set_config("lock_timeout", GIVE_WAY, True).label("patience"), _pair.subquery("found")
    )
)
_pairs = BulkRows("pair", {"company_id": Uuid(), "client_id": Uuid()})
SEE_HELD_PAIRS = compiled(
    select(_v.company_id, _v.client_id)
    .join(
        _pairs.table, (_v.company_id == _pairs.c.company_id) & (_v.client_id == _pairs.c.client_id)
    )
    .where(_v.tenant_id == _uuid("tenant_id"), _v.responsible_id.is_not(None))
)
SEE_HELD = compiled(_held)
LOCK = compiled(_locked(_mine.where(_v.id == _uuid("vip_id")).with_for_update()))
LOCK_PAIR = compiled(_locked(_pair.with_for_update()))
LOCK_HELD = compiled(_locked(_held.with_for_update()))
LOCK_ROOM = compiled(
    _locked(
        _mine.where(
            _v.room_id == _uuid("room_id"),
            _v.company_id == _uuid("company_id"),
            _v.responsible_id.is_not(None),
        )
        .order_by(_v.id)
        .with_for_update()
    )
)
LOCK_OWN_DUE = compiled(
    _held.where(_v.reset_due_at <= bindparam("moment", type_=Moment)).with_for_update(
        skip_locked=True
    )
)
LOCK_DUE = compiled(
    _due.order_by(_v.reset_due_at, _v.id)
    .limit(bindparam("batch"))
    .with_for_update(skip_locked=True)
)
LOCK_PLACES = compiled(
    _locked(
        select(place)
        .where(*(_p[name] == value for name, value in _place.items()))
        .with_for_update()
    )
)
ENTER_PLACES = compiled(insert(place).values(_place).on_conflict_do_nothing())

_entered = ("tenant_id", "id", "version", "company_id", "room_id", "client_id", "currency")
ENTER_PAIR = compiled(
    insert(vip)
    .values({name: bindparam(name, type_=_v[name].type) for name in _entered})
    .on_conflict_do_nothing()
)
_changing = (
    "id",
    "version",
    "room_id",
    "responsible_id",
    "kind",
    "since",
    "progress_at",
    "reset_due_at",
)
_new = BulkRows("new", {name: _v[name].type for name in _changing})
SAVE = writing(
    update(vip)
    .values({name: _new.c[name] for name in _changing if name != "id"})
    .where(_v.tenant_id == _uuid("tenant_id"), _v.id == _new.c.id)
)


async def see(tx: Tx, vip_id: VipId) -> Vip:
    """The VIP as it is at this moment, not locked. Raises `NotFound`."""
    row = await tx.row(SEE, vip_id=vip_id)
    if row is None:
        raise NotFound("VIP")
    return vip_of(row)


async def see_pair_for_fact(tx: Tx, company_id: CompanyId, client_id: ClientId) -> Vip | None:
    """The client's VIP for the company as it is at this moment, not locked; from now on this
    transaction gives way to commands.
    """
    row = await tx.row(SEE_PAIR_FOR_FACT, company_id=company_id, client_id=client_id)
    return vip_of(row) if row else None


async def held_pairs(tx: Tx, pairs: Collection[Pair]) -> set[Pair]:
    """Those of `pairs` whose client somebody holds for the company at this moment, not locked."""
    named = _pairs.of(
        {"company_id": company_id, "client_id": client_id} for company_id, client_id in pairs
    )
    rows = await tx.rows(SEE_HELD_PAIRS, **named) if pairs else []
    return {(row["company_id"], row["client_id"]) for row in rows}


async def lock(tx: Tx, vip_id: VipId) -> Vip:
    """The VIP, locked until the transaction ends. Raises `NotFound`."""
    row = await tx.row(LOCK, vip_id=vip_id)
    if row is None:
        raise NotFound("VIP")
    tx.at(row["now"])
    return vip_of(row)


async def lock_pair(
    tx: Tx, company_id: CompanyId, client_id: ClientId, room_id: RoomId, currency: str
) -> Vip:
    """The client's VIP for the company, locked; entered as nobody's where there was none."""
    row = await tx.row(LOCK_PAIR, company_id=company_id, client_id=client_id)
    if row is None:
        fresh = {"id": new_id(), "version": 0, "room_id": room_id, "currency": currency}
        await tx.rows(ENTER_PAIR, company_id=company_id, client_id=client_id, **fresh)
        row = await tx.row(LOCK_PAIR, company_id=company_id, client_id=client_id)
    assert row is not None
    tx.at(row["now"])
    return vip_of(row)


async def lock_places(tx: Tx, company_id: CompanyId, room_id: RoomId, seller: EmployeeId) -> None:
    """Makes this transaction the only one that may let `seller` hold more, in this room for this
    company.
    """
    ids = {"company_id": company_id, "room_id": room_id, "seller_id": seller}
    row = await tx.row(LOCK_PLACES, **ids)
    if row is None:
        await tx.rows(ENTER_PLACES, **ids)
        row = await tx.row(LOCK_PLACES, **ids)
    assert row is not None
    tx.at(row["now"])


async def held_by(
    tx: Tx, company_id: CompanyId, room_id: RoomId, seller: EmployeeId, lock: bool = False
) -> list[Vip]:
    """What `seller` holds in the room for the company; exact under `lock_places`, for nobody can
    add to it meanwhile.
    """
    rows = await tx.rows(
        LOCK_HELD if lock else SEE_HELD, company_id=company_id, room_id=room_id, seller_id=seller
    )
    return [vip_of(row) for row in rows]


async def lock_own_due(
    tx: Tx, company_id: CompanyId, room_id: RoomId, seller: EmployeeId
) -> list[Vip]:
    """Those of `seller`'s VIPs there whose deadline has passed; ones that somebody else is about to
    free are left to them.
    """
    rows = await tx.rows(
        LOCK_OWN_DUE, company_id=company_id, room_id=room_id, seller_id=seller, moment=tx.now
    )
    return [vip_of(row) for row in rows]


async def lock_due(tx: Tx, moment: datetime, batch: int) -> list[Vip]:
    """Up to `batch` VIPs of the tenant whose deadline has passed by `moment` and that nobody works
    on.
    """
    return [vip_of(row) for row in await tx.rows(LOCK_DUE, moment=moment, batch=batch)]


async def lock_room(tx: Tx, room_id: RoomId, company_id: CompanyId) -> list[Vip]:
    """Every held VIP of the room and company, locked."""
    return [vip_of(row) for row in await tx.rows(LOCK_ROOM, room_id=room_id, company_id=company_id)]


async def save(tx: Tx, events: Sequence[DomainEvent]) -> None:
    """Writes the VIPs, each locked and each once, as they are after what happened."""
    await tx.save(SAVE, **_new.of(_row_of(each.after) for each in events))


def vip_of(row: Mapping[str, Any]) -> Vip:
    """The VIP in a row."""
    return Vip(
        id=row["id"],
        version=row["version"],
        company_id=row["company_id"],
        room_id=row["room_id"],
        client_id=row["client_id"],
        currency=row["currency"],
        responsible=row["responsible_id"],
        kind=row["kind"],
        since=row["since"],
        progress_at=row["progress_at"],
        reset_due_at=row["reset_due_at"],
    )


def _row_of(one: Vip) -> dict[str, Any]:
    return {
        name: getattr(one, "responsible" if name == "responsible_id" else name)
        for name in _changing
    }
