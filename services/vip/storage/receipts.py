"""Money on clients' activities: stored as it came, added up by who was responsible for it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, any_, bindparam, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from services.vip.domain.receipts import Receipt, returned
from services.vip.domain.room_settings import WINDOW
from services.vip.domain.vip import RankedVip, Vip
from services.vip.storage.tables import receipt
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.events.activities import ActivityClientMerged
from shared.ids import EmployeeId, VipId
from shared.money import MoneySum

_r = receipt.c
_ZERO = Decimal("0.00")
_tenant_id, _company_id = (bindparam(name, type_=Uuid) for name in ("tenant_id", "company_id"))
_of_client = and_(
    _r.tenant_id == _tenant_id,
    _r.company_id == _company_id,
    _r.client_id == bindparam("client_id", type_=Uuid),
)
_of_deal = and_(_of_client, _r.activity_id == bindparam("activity_id", type_=Uuid))

_refund = receipt.alias("refund")
_new = insert(receipt).values(
    {
        column.name: bindparam(column.name, type_=column.type)
        for column in receipt.c
        if column.name != "returned"
    }
)
# A refund whose payment was not kept gains it; all else stays as it came first.
STORE = compiled(
    _new.on_conflict_do_update(
        index_elements=["tenant_id", "company_id", "client_id", "id"],
        set_={"payment_id": _new.excluded.payment_id},
        where=and_(_r.payment_id.is_(None), _new.excluded.payment_id.is_not(None)),
    ).returning(
        _r.id,
        (
            (_r.amount < 0)
            | exists(
                select(_refund.c.id).where(
                    *(
                        _refund.c[name] == bindparam(name, type_=Uuid)
                        for name in ("tenant_id", "company_id", "client_id", "activity_id")
                    ),
                    _refund.c.amount < 0,
                )
            )
        ).label("has_refunds"),
    )
)
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
        _r.received_at > bindparam("since", type_=Moment),
        _r.amount > 0,
    )
    .group_by(_r.client_id, _r.seller_id)
)


class _Deal(NamedTuple):
    company_id: UUID
    client_id: UUID
    activity_id: UUID


async def store(tx: Tx, receipts: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Stores money in this order, the same money once; the ids of what was not here yet.

    What refunds of the same activities leave of their payments follows, in whatever order both
    come.
    """
    rows = {row["id"]: row for row in await tx.rows_of_each(STORE, receipts)}
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
    back = returned(
        Receipt(row["id"], row["amount"], row["received_at"], row["payment_id"]) for row in rows
    )
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


async def ranked(tx: Tx, vips: Iterable[Vip]) -> dict[VipId, RankedVip]:
    """Held VIPs of one company with what came in for their holders during the window until now.

    Read after the VIPs were locked.
    """
    return await ranked_for(tx, [(vip, vip.responsible) for vip in vips])


async def ranked_for(
    tx: Tx, vips: Collection[tuple[Vip, EmployeeId | None]]
) -> dict[VipId, RankedVip]:
    """As `ranked`, each for the seller beside it; nothing for nobody."""
    sums = await _sums(tx, [vip for vip, _ in vips]) if vips else {}
    return {
        vip.id: RankedVip(vip, _receipts(sums.get((vip.client_id, seller), _ZERO), vip))
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


async def _sums(tx: Tx, vips: Sequence[Vip]) -> Mapping[tuple[UUID, UUID | None], Decimal]:
    """The window's money of each client, by who was responsible, for the company and in the
    currency of the first of `vips`.
    """
    first = vips[0]
    rows = await tx.rows(
        SUMS,
        company_id=first.company_id,
        client_ids=[vip.client_id for vip in vips],
        currency=first.currency,
        since=await tx.read_clock() - WINDOW,
    )
    # What came while nobody was responsible is nobody's.
    return {(row["client_id"], row["seller_id"]): row["total"] for row in rows if row["seller_id"]}
