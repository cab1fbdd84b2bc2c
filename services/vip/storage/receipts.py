"""Money on clients' activities: stored by date, added up over the window."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, case, func, select, update
from sqlalchemy.dialects.postgresql import insert

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

_payment_received_at = (
    select(_r.received_at)
    .where(
        _r.tenant_id == _tenant_id,
        _r.company_id == _company_id,
        _r.client_id == bindparam("client_id", type_=Uuid),
        _r.id == bindparam("payment_id", type_=Uuid),
    )
    .scalar_subquery()
)
STORE = compiled(
    insert(receipt)
    .values(
        {
            column.name: bindparam(column.name, type_=column.type)
            for column in receipt.c
            if column.name != "received_at"
        }
        | {
            "received_at": func.coalesce(
                _payment_received_at, bindparam("received_at", type_=Moment)
            )
        }
    )
    .on_conflict_do_nothing()
    .returning(_r.id)
)
MOVE = compiled(
    update(receipt)
    .where(
        _r.tenant_id == _tenant_id,
        _r.company_id == _company_id,
        _r.client_id == bindparam("client_id", type_=Uuid),
        _r.activity_id == bindparam("activity_id", type_=Uuid),
    )
    .values(client_id=bindparam("into_id", type_=Uuid))
)
SUMS = compiled(
    select(
        _r.client_id,
        func.sum(_r.amount).label("total"),
        func.sum(
            case((_r.seller_id == bindparam("seller_id", type_=Uuid), _r.amount), else_=_ZERO)
        ).label("sellers"),
    )
    .where(
        _r.tenant_id == _tenant_id,
        _r.company_id == _company_id,
        _r.client_id == any_(bindparam("client_ids", type_=ARRAY(Uuid))),
        _r.currency == bindparam("currency", type_=_r.currency.type),
        _r.received_at > bindparam("since", type_=Moment),
    )
    .group_by(_r.client_id)
)


async def store(tx: Tx, receipts: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Stores money in this order, the same money once; the ids of what was not here yet.

    A refund with a known `payment_id` takes that payment's date.
    """
    return {row["id"] for row in await tx.rows_of_each(STORE, receipts)}


async def ranked(tx: Tx, vips: Iterable[Vip]) -> dict[VipId, RankedVip]:
    """VIPs of one company with the receipts of the window until now, never below zero.

    Read after the VIPs were locked.
    """
    by_client = {vip.client_id: vip for vip in vips}
    sums = await _sums(tx, next(iter(by_client.values())), list(by_client)) if by_client else {}
    return {vip.id: RankedVip(vip, _receipts(sums, vip)) for vip in by_client.values()}


async def has_sold(tx: Tx, seller: EmployeeId, vip: Vip) -> bool:
    """Whether money came in during the window on activities that `seller` was responsible for, of
    this client and company.
    """
    sums = await _sums(tx, vip, [vip.client_id], seller)
    return vip.client_id in sums and sums[vip.client_id][1] > 0


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


def _receipts(sums: Mapping[UUID, tuple[Decimal, Decimal]], vip: Vip) -> MoneySum:
    total, _ = sums.get(vip.client_id, (_ZERO, _ZERO))
    return MoneySum.build(amount=max(_ZERO, total), currency=vip.currency)


async def _sums(
    tx: Tx, vip: Vip, client_ids: Sequence[UUID], seller: EmployeeId | None = None
) -> Mapping[UUID, tuple[Decimal, Decimal]]:
    """The window's money of each client, for the company and in the currency of `vip`: all of it,
    and the `seller`'s.
    """
    rows = await tx.rows(
        SUMS,
        company_id=vip.company_id,
        client_ids=client_ids,
        currency=vip.currency,
        since=await tx.read_clock() - WINDOW,
        seller_id=seller,
    )
    return {row["client_id"]: (row["total"], row["sellers"]) for row in rows}
