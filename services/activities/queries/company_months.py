"""A company's month as whoever closes it asks: its wins, and the money that has no place yet."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Uuid, bindparam, func, or_, select

from services.activities.storage import directory
from services.activities.storage.directory import COMPANY
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.inbound_payments import inbound_payment
from services.activities.storage.tables.money import payment
from shared.clock import following_period, local_day, start_of_period
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.replicas.snapshot import Snapshot

KIND = "company_month."
"""Begins the kind of the snapshot; the month follows, as `company_month.2026-11`."""

_a, _p, _i = activity.c, payment.c, inbound_payment.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_company_id = bindparam("company_id", type_=Uuid)
_begin, _end = bindparam("begin", type_=Moment), bindparam("end", type_=Moment)
_last_on = bindparam("last_on", type_=Date)

_WINS = compiled(
    select(_a.id, _a.version).where(
        _a.tenant_id == _tenant_id,
        _a.company_id == _company_id,
        _a.status == "won",
        _a.won_at >= _begin,
        _a.won_at < _end,
    )
)
_CLAIMED = compiled(
    select(_p.currency, func.count().label("count"), func.sum(_p.amount).label("amount"))
    .where(
        _p.tenant_id == _tenant_id,
        _p.company_id == _company_id,
        _p.state == "claimed",
        _p.paid_at < _end,
    )
    .group_by(_p.currency)
    .order_by(_p.currency)
)
# Of a bank's file what is a client's payment alone; null where no bank says what it is.
_UNMATCHED = compiled(
    select(_i.currency, func.count().label("count"), func.sum(_i.amount).label("amount"))
    .where(
        _i.tenant_id == _tenant_id,
        _i.company_id == _company_id,
        _i.state == "unmatched",
        _i.direction == "in",
        or_(_i.kind.is_(None), _i.kind == "incoming"),
        _i.received_on <= _last_on,
    )
    .group_by(_i.currency)
    .order_by(_i.currency)
)


async def company_month(tx: Tx, company_id: UUID, period: str) -> list[Snapshot]:
    """The month's wins with their versions, and the money up to its end that is claimed or not
    matched. To look at, not to keep: no event brings it up to date.

    Raises `NotFound`.
    """
    time_zone = (await directory.get(tx, COMPANY, company_id))["time_zone"]
    begin, end = (
        start_of_period(period, time_zone),
        start_of_period(following_period(period), time_zone),
    )
    of_company = {"company_id": company_id, "end": end}
    last_on = local_day(end - timedelta(microseconds=1), time_zone)
    as_of = await tx.read_clock()
    wins = await tx.rows(_WINS, begin=begin, **of_company)
    claimed = await tx.rows(_CLAIMED, **of_company)
    unmatched = await tx.rows(_UNMATCHED, company_id=company_id, last_on=last_on)
    data = {
        "as_of": as_of.isoformat(),
        "wins": [[str(row["id"]), row["version"]] for row in wins],
        "claimed": [_sum(row) for row in claimed],
        "unmatched": [_sum(row) for row in unmatched],
    }
    return [Snapshot(type="company_month", subject=company_id, version=1, data=data)]


def _sum(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "count": row["count"],
        "amount": f"{row['amount']:.2f}",
        "currency": row["currency"],
    }
