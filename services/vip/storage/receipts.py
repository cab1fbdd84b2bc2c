"""Money on clients' activities: remembered by date, added up over the window."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, case, func, select
from sqlalchemy.dialects.postgresql import insert

from services.vip.domain.room_settings import WINDOW
from services.vip.domain.vip import Ranked, Vip
from services.vip.storage.tables import receipt
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.ids import EmployeeId, VipId
from shared.money import Money

_r = receipt.c
_NOTHING = Decimal("0.00")


def _uuid(name: str) -> Any:
    return bindparam(name, type_=Uuid)


_columns = (
    "tenant_id",
    "company_id",
    "client_id",
    "id",
    "activity_id",
    "seller_id",
    "amount",
    "currency",
)
_returned = select(_r.received_at).where(
    _r.tenant_id == _uuid("tenant_id"),
    _r.company_id == _uuid("company_id"),
    _r.client_id == _uuid("client_id"),
    _r.id == _uuid("payment_id"),
)
KEEP_RECEIPT = compiled(
    insert(receipt)
    .values(
        {
            **{name: bindparam(name, type_=_r[name].type) for name in _columns},
            "received_at": func.coalesce(
                _returned.scalar_subquery(), bindparam("received_at", type_=Moment)
            ),
        }
    )
    .on_conflict_do_nothing()
)
_window = (
    _r.tenant_id == _uuid("tenant_id"),
    _r.company_id == _uuid("company_id"),
    _r.client_id == any_(bindparam("client_ids", type_=ARRAY(Uuid))),
    _r.currency == bindparam("currency", type_=_r.currency.type),
    _r.received_at > bindparam("since", type_=Moment),
)
SUMS = compiled(
    select(
        _r.client_id,
        func.sum(_r.amount).label("all"),
        func.sum(case((_r.seller_id == _uuid("seller_id"), _r.amount), else_=_NOTHING)).label(
            "own"
        ),
    )
    .where(*_window)
    .group_by(_r.client_id)
)


async def keep(tx: Tx, **values: Any) -> None:
    """Remembers money; the same money once.

    A refund of a known `payment_id` takes that payment's date.
    """
    await tx.rows(KEEP_RECEIPT, **values)


async def keep_all(tx: Tx, money: Sequence[Mapping[str, Any]]) -> None:
    """What `keep` does, of many in this order."""
    await tx.each(KEEP_RECEIPT, money)


async def ranked(tx: Tx, vips: Iterable[Vip]) -> dict[VipId, Ranked]:
    """VIPs of one company with the receipts of the window until now, never less than nothing.

    Read after the VIPs were locked.
    """
    found = {one.client_id: one for one in vips}
    sums = await _sums(tx, next(iter(found.values())), list(found)) if found else {}
    return {one.id: Ranked(one, _money(sums, one)) for one in found.values()}


def _money(sums: Mapping[UUID, tuple[Decimal, Decimal]], one: Vip) -> Money:
    received, _ = sums.get(one.client_id, (_NOTHING, _NOTHING))
    return Money.of(amount=max(_NOTHING, received), currency=one.currency)


async def has_sold(tx: Tx, seller: EmployeeId, one: Vip) -> bool:
    """Whether money came in on activities that `seller` was responsible for, of this client and
    company, in the window.
    """
    return (await _sums(tx, one, [one.client_id], seller)).get(one.client_id, (_NOTHING, _NOTHING))[
        1
    ] > 0


async def _sums(
    tx: Tx, one: Vip, client_ids: Sequence[UUID], seller: EmployeeId | None = None
) -> Mapping[UUID, tuple[Decimal, Decimal]]:
    since = await tx.read_clock() - WINDOW
    rows = await tx.rows(
        SUMS,
        company_id=one.company_id,
        client_ids=client_ids,
        currency=one.currency,
        since=since,
        seller_id=seller,
    )
    return {row["client_id"]: (row["all"], row["own"]) for row in rows}
