"""Offline conversions of the activities that advertising brought."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Numeric,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    func,
    null,
    or_,
    select,
)

from services.activities.domain.offline_conversions import (
    LONGEST_DAYS,
    Conversion,
    ConversionTarget,
    VisitorId,
    file_of,
)
from services.activities.storage.report_scope import ReportScope, ZonedCompanies, find_scope
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.inbound import activity_attribution
from services.activities.storage.tables.money import payment
from shared.db import Statement, Tx, compiled
from shared.db.tables import Moment
from shared.errors import Invalid
from shared.ids import RoomId
from shared.reports import ReportDays

_a, _t, _p = activity.c, activity_attribution.c, payment.c
_VISITORS: Mapping[VisitorId, ColumnElement[Any]] = {
    "client_id": _t.metrica_client_id,
    "user_id": _t.metrica_user_id,
    "yclid": _t.yclid,
    "purchase_id": cast(_a.id, Text),
}
_MOMENTS: Mapping[ConversionTarget, ColumnElement[Any]] = {
    "registered": _a.created_at,
    "taken": func.coalesce(_a.first_taken_at, _a.responsible_since),
    "won": _a.won_at,
}
_since, _until = bindparam("since", type_=Moment), bindparam("until", type_=Moment)
_counts = or_(_p.state == "confirmed", _p.state == "refunded")
_received = (
    select(func.sum(_p.amount))
    .where(_p.tenant_id == _a.tenant_id, _p.activity_id == _a.id, _counts)
    .scalar_subquery()
)
_paid_on = func.coalesce(
    _p.paid_on, cast(func.timezone(bindparam("time_zone", type_=Text), _p.paid_at), Date)
)
_of_scope = (
    _t.tenant_id == bindparam("tenant_id", type_=Uuid),
    _a.room_id == any_(bindparam("room_ids", type_=ARRAY(Uuid))),
    _a.company_id == any_(bindparam("company_ids", type_=ARRAY(Uuid))),
)
_joined = activity_attribution.join(
    activity, (_a.tenant_id == _t.tenant_id) & (_a.id == _t.activity_id)
)


def _statement(target: ConversionTarget, visitor_id: VisitorId) -> Statement:
    visitor = _VISITORS[visitor_id]
    if target == "paid":
        with_payments = _joined.join(
            payment, (_p.tenant_id == _a.tenant_id) & (_p.activity_id == _a.id)
        )
        return compiled(
            select(
                visitor.label("visitor"),
                _p.paid_at.label("at"),
                _p.amount.label("price"),
                _p.currency,
            )
            .select_from(with_payments)
            .where(
                *_of_scope,
                visitor.is_not(None),
                _p.state == "confirmed",
                _paid_on.between(
                    bindparam("first_on", type_=Date), bindparam("last_on", type_=Date)
                ),
            )
        )
    moment = _MOMENTS[target]
    price = _received if target == "won" else cast(null(), Numeric)
    return compiled(
        select(visitor.label("visitor"), moment.label("at"), price.label("price"), _a.currency)
        .select_from(_joined)
        .where(*_of_scope, visitor.is_not(None), moment >= _since, moment < _until)
    )


STATEMENTS: Mapping[tuple[ConversionTarget, VisitorId], Statement] = {
    (target, visitor_id): _statement(target, visitor_id)
    for target in (*_MOMENTS, "paid")
    for visitor_id in _VISITORS
}


async def export_conversions(
    tx: Tx,
    days: ReportDays,
    rooms: list[RoomId] | None,
    company_id: UUID | None,
    targets: Collection[ConversionTarget],
    visitor_id: VisitorId,
) -> str:
    """The file of the conversions of these days, each by its own moment or day of the activity's
    company: of activities whose visitor is known by that kind of id.

    Raises `Invalid` for the days, `NotFound` for a room or company that is not there.
    """
    scope = await find_scope(tx, days, rooms, company_id)
    latest = days.first_on + timedelta(days=LONGEST_DAYS - 1)
    if days.last_on > latest:
        raise Invalid("to", "not_after", max=latest.isoformat())
    conversions = []
    for companies in scope.companies:
        values = _values(scope, companies)
        for target in sorted(set(targets)):
            rows = await tx.rows(STATEMENTS[target, visitor_id], **values)
            conversions += [
                Conversion(row["visitor"], target, row["at"], row["price"], row["currency"])
                for row in rows
            ]
    return file_of(conversions, visitor_id)


def _values(scope: ReportScope, companies: ZonedCompanies) -> dict[str, Any]:
    days = scope.days
    since, until = companies.moments([days.first_on, days.last_on + timedelta(days=1)])
    return {
        "room_ids": scope.room_ids,
        "company_ids": companies.company_ids,
        "time_zone": companies.time_zone,
        "first_on": days.first_on,
        "last_on": days.last_on,
        "since": since,
        "until": until,
    }
