"""Loading and saving VIPs.

Locks are taken in one order: a seller's places, then VIPs by id. Whoever makes a seller hold more
locks the places first (`storage.places`).
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ARRAY, Select, Uuid, any_, bindparam, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from services.vip.domain.vip import DomainEvent, Vip
from services.vip.storage import groups
from services.vip.storage.mapping import CHANGING, row_of, vip_of
from services.vip.storage.tables import client_group, company, vip
from shared.db import BulkRows, Tx, compiled, writing
from shared.errors import NotFound
from shared.ids import ClientId, CompanyId, RoomId, VipId, new_id

Pair = tuple[CompanyId, ClientId]

CONSUMER_LOCK_TIMEOUT = "200ms"
_v = vip.c
_tenant_id = bindparam("tenant_id", type_=Uuid)


def locked(rows: Select[Any]) -> Select[Any]:
    """The rows once they are locked, with the clock read above the locks: who waited must not
    decide by the time before.
    """
    return select(func.clock_timestamp().label("now"), rows.subquery("locked"))


_by_id = select(vip).where(_v.tenant_id == _tenant_id, _v.id == bindparam("vip_id", type_=Uuid))
_by_ids = (
    select(vip)
    .where(_v.tenant_id == _tenant_id, _v.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(_v.id)
)
_by_pair = select(vip).where(
    _v.tenant_id == _tenant_id,
    _v.company_id == bindparam("company_id", type_=Uuid),
    _v.client_id == bindparam("client_id", type_=Uuid),
)
GET = compiled(_by_id)
FIND_PAIR = compiled(_by_pair)
# Events come in batches that lock many VIPs in the order of the events, and a batch may be applied
# again; people wait for their claims. So who is about to lock for an event gives way: it waits a
# moment only, and then the batch starts again.
# Of a member of a group the VIP that covers it: that of its head.
_pair = _by_pair.subquery("pair")
_deciding = (
    select(vip)
    .join(_pair, _v.id == func.coalesce(_pair.c.head_id, _pair.c.id))
    .where(_v.tenant_id == _tenant_id)
)
FIND_PAIR_FOR_EVENT = compiled(
    select(
        func.set_config("lock_timeout", CONSUMER_LOCK_TIMEOUT, True).label("lock_timeout"),
        _deciding.subquery("deciding"),
    )
)
# The key begins with the company, and a tenant has few of them.
_companies = select(company.c.id).where(company.c.tenant_id == _tenant_id).scalar_subquery()
HELD_OF_CLIENT = compiled(
    select(
        func.set_config("lock_timeout", CONSUMER_LOCK_TIMEOUT, True).label("lock_timeout"),
        select(vip)
        .where(
            _v.tenant_id == _tenant_id,
            _v.company_id == any_(func.array(_companies)),
            _v.client_id == bindparam("client_id", type_=Uuid),
            _v.responsible_id.is_not(None),
            _v.head_id.is_(None),
        )
        .order_by(_v.id)
        .subquery("held"),
    )
)
LOCK = compiled(locked(_by_id.with_for_update()))
LOCK_ALL = compiled(_by_ids.with_for_update())
LOCK_UNLOCKED = compiled(_by_ids.with_for_update(skip_locked=True))

_pairs = BulkRows("pair", {"company_id": Uuid(), "client_id": Uuid()})
HELD_PAIRS = compiled(
    select(_v.company_id, _v.client_id)
    .join(
        _pairs.table, (_v.company_id == _pairs.c.company_id) & (_v.client_id == _pairs.c.client_id)
    )
    .where(_v.tenant_id == _tenant_id, _v.responsible_id.is_not(None))
)
_created = {
    name: bindparam(name, type_=_v[name].type)
    for name in ("tenant_id", "id", "version", "company_id", "room_id", "client_id", "currency")
} | {
    "covers": exists(
        select(client_group.c.client_id).where(
            client_group.c.tenant_id == _tenant_id,
            client_group.c.head_client_id == bindparam("client_id", type_=Uuid),
        )
    )
}
CREATE = compiled(
    insert(vip).from_select(list(_created), select(*_created.values())).on_conflict_do_nothing()
)
_new = BulkRows("new", {name: _v[name].type for name in CHANGING})
SAVE = writing(
    update(vip)
    .values({name: _new.c[name] for name in CHANGING if name != "id"})
    .where(_v.tenant_id == _tenant_id, _v.id == _new.c.id)
)


async def get(tx: Tx, vip_id: VipId) -> Vip:
    """The VIP as it is at this moment, not locked. Raises `NotFound`."""
    row = await tx.row(GET, vip_id=vip_id)
    if row is None:
        raise NotFound("VIP")
    return vip_of(row)


async def find_pair_for_event(tx: Tx, company_id: CompanyId, client_id: ClientId) -> Vip | None:
    """The client's VIP for the company as it is at this moment, not locked; from now on this
    transaction gives way to commands.
    """
    row = await tx.row(FIND_PAIR_FOR_EVENT, company_id=company_id, client_id=client_id)
    return vip_of(row) if row else None


async def held_of_client(tx: Tx, client_id: ClientId) -> list[Vip]:
    """The client's VIPs that somebody holds, of every company, not locked; from now on this
    transaction gives way to commands.
    """
    return [vip_of(row) for row in await tx.rows(HELD_OF_CLIENT, client_id=client_id)]


async def held_pairs(tx: Tx, pairs: Collection[Pair]) -> set[Pair]:
    """Those of `pairs` whose client somebody holds for the company at this moment, not locked."""
    values = _pairs.of(
        {"company_id": company_id, "client_id": client_id} for company_id, client_id in pairs
    )
    rows = await tx.rows(HELD_PAIRS, **values) if pairs else []
    return {(row["company_id"], row["client_id"]) for row in rows}


async def lock(tx: Tx, vip_id: VipId) -> Vip:
    """The VIP, locked until the transaction ends. Raises `NotFound`."""
    row = await tx.row(LOCK, vip_id=vip_id)
    if row is None:
        raise NotFound("VIP")
    tx.at(row["now"])
    return vip_of(row)


async def lock_all(tx: Tx, ids: Sequence[VipId], skip_locked: bool = False) -> list[Vip]:
    """The VIPs of `ids`, locked; with `skip_locked` only those that nobody else works on."""
    statement = LOCK_UNLOCKED if skip_locked else LOCK_ALL
    return [vip_of(row) for row in await tx.rows(statement, ids=list(ids))]


async def find_pair(tx: Tx, company_id: CompanyId, client_id: ClientId) -> Vip | None:
    """The client's VIP for the company as it is at this moment, not locked."""
    row = await tx.row(FIND_PAIR, company_id=company_id, client_id=client_id)
    return vip_of(row) if row else None


async def find_or_create_pair(
    tx: Tx, company_id: CompanyId, client_id: ClientId, room_id: RoomId, currency: str
) -> Vip:
    """As `find_pair`; created, held by nobody, where there was none, and of a group's head with
    those of the members.
    """
    vip = await find_pair(tx, company_id, client_id)
    if vip is None:
        new = {"id": new_id(), "version": 0, "room_id": room_id, "currency": currency}
        await tx.rows(CREATE, company_id=company_id, client_id=client_id, **new)
        vip = await find_pair(tx, company_id, client_id)
    assert vip is not None
    if vip.version == 0 and vip.covers:
        members = await groups.members_of(tx, [client_id])
        await groups.link(tx, vip.id, [member for member, _ in members])
    return vip


async def save(tx: Tx, events: Sequence[DomainEvent]) -> None:
    """Writes the VIPs, each locked and each once, as they are after `events`."""
    await tx.save(SAVE, **_new.of(row_of(event.after) for event in events))
