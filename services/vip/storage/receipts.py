"""Money on clients' activities: stored as it came, added up by who was responsible for it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Interval,
    Uuid,
    and_,
    any_,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import Insert, insert

from services.vip.domain.receipts import Receipt, returned
from services.vip.domain.room_settings import DEFAULTS
from services.vip.domain.vip import RankedVip, Vip
from services.vip.storage import groups
from services.vip.storage.tables import client_group, receipt, room_settings
from shared.db import Statement, Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.events.activities import ActivityClientMerged
from shared.ids import EmployeeId, VipId
from shared.money import MoneySum

_r, _s, _g = receipt.c, room_settings.c, client_group.c
_ZERO = Decimal("0.00")
_tenant_id, _company_id = (bindparam(name, type_=Uuid) for name in ("tenant_id", "company_id"))
_room_id = bindparam("room_id", type_=Uuid)


def window_start(room_id: Any, company_id: Any, now: Any) -> Any:
    """The moment since which receipts count for what is held from a room, as SQL."""
    chosen = (
        select(_s.receipts_days)
        .where(_s.tenant_id == _tenant_id, _s.room_id == room_id, _s.company_id == company_id)
        .correlate_except(room_settings)
        .scalar_subquery()
    )
    days = func.coalesce(chosen, DEFAULTS.receipts_days)
    return now - func.make_interval(0, 0, 0, days, type_=Interval)


def clients_of(held: Any) -> Any:
    """The clients whose money ranks a VIP, as SQL: its own, and the members of its group."""
    members = (
        select(_g.client_id)
        .where(_g.tenant_id == _tenant_id, _g.head_client_id == held.client_id)
        .correlate_except(client_group)
        .scalar_subquery()
    )
    return func.array_append(func.array(members), held.client_id, type_=ARRAY(Uuid))


_of_client = and_(
    _r.tenant_id == _tenant_id,
    _r.company_id == _company_id,
    _r.client_id == bindparam("client_id", type_=Uuid),
)
_of_deal = and_(_of_client, _r.activity_id == bindparam("activity_id", type_=Uuid))

_refund = receipt.alias("refund")
_given = [column for column in receipt.c if column.name != "returned"]
_new = insert(receipt).from_select(
    [column.name for column in _given],
    select(*(bindparam(column.name, type_=column.type) for column in _given)),
)
_KEY = ["tenant_id", "company_id", "client_id", "id"]


def _stored(storing: Insert) -> Statement:
    """Stores, and says of what changed whether the deal has refunds."""
    stored = storing.returning(_r.id, _r.amount).cte("stored")
    has_refunds = exists(
        select(_refund.c.id).where(
            *(
                _refund.c[name] == bindparam(name, type_=Uuid)
                for name in ("tenant_id", "company_id", "client_id", "activity_id")
            ),
            _refund.c.amount < 0,
        )
    )
    return compiled(select(stored.c.id, or_(stored.c.amount < 0, has_refunds).label("has_refunds")))


# A refund whose payment was not kept gains it; all else stays as it came first.
STORE = _stored(
    _new.on_conflict_do_update(
        index_elements=_KEY,
        set_={"payment_id": _new.excluded.payment_id},
        where=and_(_r.payment_id.is_(None), _new.excluded.payment_id.is_not(None)),
    )
)
_FACTS = ("activity_id", "seller_id", "room_id", "amount", "currency", "payment_id", "received_at")
REPLACE = _stored(
    _new.on_conflict_do_update(
        index_elements=_KEY,
        set_={name: _new.excluded[name] for name in _FACTS},
        where=or_(*(_r[name].is_distinct_from(_new.excluded[name]) for name in _FACTS)),
    )
)
OF_ACTIVITIES = compiled(
    select(receipt).where(
        _r.tenant_id == _tenant_id,
        _r.company_id == any_(bindparam("company_ids", type_=ARRAY(Uuid))),
        _r.client_id == any_(bindparam("client_ids", type_=ARRAY(Uuid))),
        _r.activity_id == any_(bindparam("activity_ids", type_=ARRAY(Uuid))),
    )
)
COUNT = compiled(select(func.count().label("count")).where(_r.tenant_id == _tenant_id))
LOCK_DEAL = compiled(select(_r.id).where(_of_deal, _r.amount > 0).order_by(_r.id).with_for_update())
DEAL = compiled(
    select(_r.id, _r.amount, _r.received_at, _r.payment_id, _r.returned).where(_of_deal)
)
SET_RETURNED = compiled(
    update(receipt)
    .where(_of_client, _r.id == bindparam("receipt_id", type_=Uuid))
    .values(returned=bindparam("sum_returned", type_=_r.returned.type))
)
MOVE = compiled(update(receipt).where(_of_deal).values(client_id=bindparam("into_id", type_=Uuid)))
SUMS = compiled(
    select(_r.client_id, _r.seller_id, func.sum(_r.amount - _r.returned).label("total"))
    .where(
        _r.tenant_id == _tenant_id,
        _r.company_id == _company_id,
        _r.client_id == any_(bindparam("client_ids", type_=ARRAY(Uuid))),
        _r.currency == bindparam("currency", type_=_r.currency.type),
        _r.received_at > window_start(_room_id, _company_id, bindparam("now", type_=Moment)),
        _r.amount > 0,
    )
    .group_by(_r.client_id, _r.seller_id)
)


_Sum = tuple[VipId, UUID | None]


class _Deal(NamedTuple):
    company_id: UUID
    client_id: UUID
    activity_id: UUID


async def store(tx: Tx, receipts: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Stores money in this order, the same money once; the ids of what was not here yet.

    What refunds of the same activities leave of their payments follows, in whatever order both
    come.
    """
    return await _write(tx, STORE, receipts)


async def replace(tx: Tx, receipts: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """As `store`; money that is here otherwise becomes as given, and what went back of it as the
    rule says. The ids of what changed.
    """
    changed = await _write(tx, REPLACE, receipts)
    deals: dict[_Deal, list[Row]] = {}
    for row in await of_activities(tx, receipts):
        deal = _Deal(row["company_id"], row["client_id"], row["activity_id"])
        deals.setdefault(deal, []).append(row)
    for deal, rows in sorted(deals.items(), key=lambda item: item[0]):
        back = went_back(rows)
        wrong = {row["id"] for row in rows if back.get(row["id"], 0) != row["returned"]}
        if wrong:
            await _take_refunds(tx, deal)
            changed |= wrong
    return changed


async def of_activities(tx: Tx, receipts: Sequence[Mapping[str, Any]]) -> list[Row]:
    """What is stored of the clients and activities of `receipts`."""
    keys = {
        f"{name}s": sorted({stored[f"{name}"] for stored in receipts})
        for name in ("company_id", "client_id", "activity_id")
    }
    return await tx.rows(OF_ACTIVITIES, **keys)


async def count(tx: Tx) -> int:
    """How many receipts and refunds of the tenant are stored."""
    row = await tx.row(COUNT)
    return int(row["count"]) if row else 0


async def _write(tx: Tx, statement: Statement, receipts: Sequence[Mapping[str, Any]]) -> set[UUID]:
    rows = {row["id"]: row for row in await tx.rows_of_each(statement, receipts)}
    deals = {
        _Deal(stored["company_id"], stored["client_id"], stored["activity_id"])
        for stored in receipts
        if stored["id"] in rows and rows[stored["id"]]["has_refunds"]
    }
    for deal in sorted(deals):
        await _take_refunds(tx, deal)
    return set(rows)


async def _take_refunds(tx: Tx, deal: _Deal) -> None:
    """Writes what went back of the payments of an activity."""
    await tx.rows(LOCK_DEAL, **deal._asdict())
    rows = await tx.rows(DEAL, **deal._asdict())
    back = went_back(rows)
    await tx.each(
        SET_RETURNED,
        [
            {
                "company_id": deal.company_id,
                "client_id": deal.client_id,
                "receipt_id": row["id"],
                "sum_returned": back[row["id"]],
            }
            for row in rows
            if row["id"] in back and back[row["id"]] != row["returned"]
        ],
    )


def went_back(rows: Iterable[Row]) -> dict[UUID, Decimal]:
    """How much of each payment in the rows of an activity went back, by the rule."""
    return returned(
        Receipt(row["id"], row["amount"], row["received_at"], row["payment_id"]) for row in rows
    )


async def ranked(tx: Tx, vips: Iterable[Vip]) -> dict[VipId, RankedVip]:
    """Held VIPs of one company with what came in for their holders during the window until now.

    Read after the VIPs were locked.
    """
    return await ranked_for(tx, [(vip, vip.responsible) for vip in vips])


async def ranked_for(
    tx: Tx, vips: Collection[tuple[Vip, EmployeeId | None]]
) -> dict[VipId, RankedVip]:
    """As `ranked`, each for the seller beside it; nothing for nobody."""
    sums: dict[_Sum, Decimal] = {}
    for room_id in {vip.room_id for vip, _ in vips}:
        sums |= await _sums(tx, [vip for vip, _ in vips if vip.room_id == room_id])
    return {
        vip.id: RankedVip(vip, _receipts(sums.get((vip.id, seller), _ZERO), vip))
        for vip, seller in vips
    }


async def move(tx: Tx, merges: Iterable[ActivityClientMerged]) -> None:
    """Makes the money of activities that of the client into which theirs was merged."""
    await tx.each(
        MOVE,
        [
            {
                "company_id": merge.state.company_id,
                "client_id": merge.former_client_id,
                "into_id": merge.state.client_id,
                "activity_id": merge.activity_id,
            }
            for merge in merges
        ],
    )


def _receipts(amount: Decimal, vip: Vip) -> MoneySum:
    return MoneySum.build(amount=amount, currency=vip.currency)


async def _sums(tx: Tx, vips: Sequence[Vip]) -> dict[_Sum, Decimal]:
    """The window's money of the client of each VIP, and of its group, by who was responsible, for
    the company, in the currency and by the settings of the room of the first.
    """
    first = vips[0]
    ids = {vip.client_id: vip.id for vip in vips}
    heads = {vip.client_id for vip in vips if vip.covers}
    members = await groups.members_of(tx, heads) if heads else []
    ids |= {member: ids[head] for member, head in members}
    rows = await tx.rows(
        SUMS,
        company_id=first.company_id,
        room_id=first.room_id,
        client_ids=list(ids),
        currency=first.currency,
        now=await tx.read_clock(),
    )
    sums: dict[_Sum, Decimal] = {}
    for row in rows:
        key = ids[row["client_id"]], row["seller_id"]
        sums[key] = sums.get(key, _ZERO) + row["total"]
    # What came while nobody was responsible is nobody's.
    return {key: total for key, total in sums.items() if key[1]}
