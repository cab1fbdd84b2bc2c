"""Rows of renewals with the names beside their ids, and the day until which a room sees them."""

from typing import Any

from sqlalchemy import Date, Integer, and_, cast, func, literal_column, select

from services.activities.storage.mapping import CLIENT_SUMMARY
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.clients import client
from services.activities.storage.tables.directory import company, employee, room, source
from services.activities.storage.tables.renewals import renewal
from services.activities.storage.tables.settings import room_settings
from shared.room_settings import DEFAULTS

CONTRACT = activity.alias("contract")
_r, _k, _s = renewal.c, CONTRACT.c, room_settings.c
_responsible = employee.alias("responsible")


def company_day() -> Any:
    """The present day of a joined company, by its time zone."""
    return cast(func.timezone(company.c.time_zone, func.clock_timestamp()), Date)


def horizon_days() -> Any:
    """`renewal_horizon_days` of joined room settings, or the default."""
    default = literal_column(str(DEFAULTS["renewal_horizon_days"]), Integer)
    return func.coalesce(_s.renewal_horizon_days, default)


def with_room_settings(joined: Any, room_id: Any) -> Any:
    """Joins the settings of the joined company in a room, where it has set any."""
    return joined.outerjoin(
        room_settings,
        and_(
            _s.tenant_id == company.c.tenant_id,
            _s.room_id == room_id,
            _s.company_id == company.c.id,
        ),
    )


def _of_tenant(table: Any, id_: Any) -> Any:
    return and_(table.c.tenant_id == _r.tenant_id, table.c.id == id_)


_named = (
    renewal.join(CONTRACT, _of_tenant(CONTRACT, _r.contract_id))
    .join(client, _of_tenant(client, _k.client_id))
    .join(company, _of_tenant(company, _r.company_id))
    .join(room, _of_tenant(room, _r.room_id))
    .outerjoin(source, _of_tenant(source, _k.source_id))
    .outerjoin(_responsible, _of_tenant(_responsible, _k.responsible_id))
)
ROWS = select(
    renewal,
    _k.client_id,
    _k.source_id,
    _k.responsible_id,
    *CLIENT_SUMMARY,
    company.c.name.label("company_name"),
    room.c.name.label("room_name"),
    source.c.name.label("source_name"),
    _responsible.c.name.label("responsible_name"),
    company_day().label("today"),
    (company_day() + horizon_days()).label("until"),
).select_from(with_room_settings(_named, _r.room_id))
