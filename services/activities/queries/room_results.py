"""What a room has achieved in a month, by seller: won and lost activities, and money that came."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, literal_column, or_, select, union_all

from services.activities.queries.examining import IS_UNTOUCHED
from services.activities.storage import directory
from services.activities.storage.directory import ROOM, TENANT
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.directory import employee
from services.activities.storage.tables.money import payment
from shared.clock import following_period, period_of, start_of_period
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.ids import lowest_id

_a, _e, _p = activity.c, employee.c, payment.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_room_id = bindparam("room_id", type_=Uuid)
_begin, _end = bindparam("begin", type_=Moment), bindparam("end", type_=Moment)

_SELLERS = compiled(
    select(_e.id, _e.name, _e.active)
    .where(
        _e.tenant_id == _tenant_id,
        or_(
            _e.active & (_room_id == func.any(_e.room_ids)),
            _e.id == func.any(bindparam("also", type_=_e.room_ids.type)),
        ),
    )
    .order_by(_e.name, _e.id)
)
# A win is progress, so what was won in the month has progress of the month or later.
_CLOSED = compiled(
    union_all(
        select(
            literal_column("'won'").label("what"), _a.responsible_id, func.count().label("count")
        )
        .where(
            _a.tenant_id == _tenant_id,
            _a.room_id == _room_id,
            _a.status == "won",
            _a.stage == "won",
            _a.progress_at >= _begin,
            _a.won_at >= _begin,
            _a.won_at < _end,
        )
        .group_by(_a.responsible_id),
        select(literal_column("'lost'"), _a.responsible_id, func.count())
        .where(
            _a.tenant_id == _tenant_id,
            _a.room_id == _room_id,
            _a.status == "lost",
            _a.lost_at >= _begin,
            _a.lost_at < _end,
        )
        .group_by(_a.responsible_id),
    )
)
_LATE = compiled(
    select(_a.responsible_id, func.count().label("count"))
    .where(
        _a.tenant_id == _tenant_id,
        _a.room_id == _room_id,
        _a.invoice_overdue_at <= bindparam("now", type_=Moment),
    )
    .group_by(_a.responsible_id)
)
_UNTOUCHED = compiled(
    select(_a.responsible_id, func.count().label("count"))
    .where(_a.tenant_id == _tenant_id, _a.room_id == _room_id, IS_UNTOUCHED)
    .group_by(_a.responsible_id)
)
# Money is recorded when it came or later, at most a day before by another zone's calendar; refunds
# stand beside payments, with a minus.
_RECEIVED = compiled(
    select(
        _a.responsible_id,
        _p.currency,
        func.sum(_p.amount).label("amount"),
        (-func.sum(_p.amount).filter(_p.state == "refunded")).label("refunded"),
    )
    .select_from(payment.join(activity, (_a.tenant_id == _p.tenant_id) & (_a.id == _p.activity_id)))
    .where(
        _p.tenant_id == _tenant_id,
        _p.room_id == _room_id,
        or_(_p.state == "confirmed", _p.state == "refunded"),
        _p.id >= bindparam("recorded_from", type_=Uuid),
        _p.paid_at >= _begin,
        _p.paid_at < _end,
    )
    .group_by(_a.responsible_id, _p.currency)
    .order_by(_p.currency)
)


async def results_of_room(tx: Tx, room_id: UUID, period: str | None) -> dict[str, Any]:
    """The room's results of `period` (`2026-11`; the running one where None), a month in the
    tenant's time zone: won and lost by the moment of it, confirmed receipts and refunds by the
    moment at which money came or went back, with whoever is responsible now. Late invoices and
    what is untouched are those of now, whatever the period.

    Raises `NotFound`.
    """
    await directory.get(tx, ROOM, room_id)
    now = await tx.read_clock()
    time_zone = (await directory.get(tx, TENANT, tx.tenant_id))["time_zone"]
    period = period or period_of(now, time_zone)
    begin = start_of_period(period, time_zone)
    values = {
        "room_id": room_id,
        "begin": begin,
        "end": start_of_period(following_period(period), time_zone),
        "recorded_from": lowest_id(begin - timedelta(days=1)),
    }
    closed = await tx.rows(_CLOSED, **values)
    received = await tx.rows(_RECEIVED, **values)
    results: dict[UUID | None, dict[str, Any]] = {}
    for row in closed:
        _of(results, row["responsible_id"])[row["what"]] = row["count"]
    for row in received:
        of_seller = _of(results, row["responsible_id"])
        of_seller["receipts"].append(_money(row["amount"], row["currency"]))
        if row["refunded"]:
            of_seller["refunds"].append(_money(row["refunded"], row["currency"]))
    for row in await tx.rows(_LATE, room_id=room_id, now=now):
        _of(results, row["responsible_id"])["late_invoices"] = row["count"]
    for row in await tx.rows(_UNTOUCHED, room_id=room_id):
        _of(results, row["responsible_id"])["untouched"] = row["count"]
    also = [employee_id for employee_id in results if employee_id]
    sellers = await tx.rows(_SELLERS, room_id=room_id, also=also)
    return {
        "room_id": str(room_id),
        "period": period,
        "sellers": [
            {
                "employee_id": str(row["id"]),
                "name": row["name"],
                "active": row["active"],
                **_of(results, row["id"]),
            }
            for row in sellers
        ],
        "nobody": _of(results, None),
    }


def _of(results: dict[UUID | None, dict[str, Any]], employee_id: UUID | None) -> dict[str, Any]:
    nothing: dict[str, Any] = {"won": 0, "lost": 0, "receipts": [], "refunds": []}
    nothing |= {"late_invoices": 0, "untouched": 0}
    return results.setdefault(employee_id, nothing)


def _money(amount: Decimal, currency: str) -> dict[str, str]:
    return {"amount": f"{amount:.2f}", "currency": currency}
