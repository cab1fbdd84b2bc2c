"""Where a report looks: rooms, companies by their time zones, reasons outside conversion."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, cast, literal_column, null, select, union_all

from services.activities.storage.tables.directory import company, loss_reason, room
from shared.clock import known_or_utc, start_of_day
from shared.db import Tx, compiled
from shared.errors import NotFound
from shared.ids import RoomId
from shared.reports import ReportDays

_tenant_id = bindparam("tenant_id", type_=Uuid)
_co, _r, _l = company.c, room.c, loss_reason.c
_NO_ZONE = cast(null(), Text).label("time_zone")
_SCOPE = compiled(
    union_all(
        select(literal_column("'company'").label("kind"), _co.id, _co.time_zone).where(
            _co.tenant_id == _tenant_id
        ),
        select(literal_column("'room'"), _r.id, _NO_ZONE).where(_r.tenant_id == _tenant_id),
        select(literal_column("'outside'"), _l.id, _NO_ZONE).where(
            _l.tenant_id == _tenant_id, _l.counts.is_(False)
        ),
    )
)


@dataclass(frozen=True, slots=True)
class ZonedCompanies:
    """Companies of one time zone."""

    time_zone: str
    company_ids: Sequence[UUID]

    def moments(self, bounds: Sequence[date]) -> list[datetime]:
        """When these days begin there."""
        return [start_of_day(day, self.time_zone) for day in bounds]


@dataclass(frozen=True, slots=True)
class ReportScope:
    """The days of a report, its rooms, its companies by time zone, and the reasons of loss that do
    not count. `rooms` and `company_id` are as they were asked for, None for all.
    """

    days: ReportDays
    rooms: Sequence[RoomId] | None
    company_id: UUID | None
    room_ids: Sequence[UUID]
    companies: Sequence[ZonedCompanies]
    outside: Sequence[UUID]


async def find_scope(
    tx: Tx, days: ReportDays, rooms: Sequence[RoomId] | None, company_id: UUID | None
) -> ReportScope:
    """Where a report on `rooms`, None for all, and a company, None for all, looks.

    Raises `Invalid` for the days, `NotFound` for a room or company that is not there.
    """
    days.check()
    ids: dict[str, list[UUID]] = {"company": [], "room": [], "outside": []}
    zones: dict[str, list[UUID]] = {}
    for row in await tx.rows(_SCOPE):
        ids[row["kind"]].append(row["id"])
        if row["kind"] == "company" and company_id in (None, row["id"]):
            zones.setdefault(known_or_utc(row["time_zone"]), []).append(row["id"])
    if company_id and company_id not in ids["company"]:
        raise NotFound("company", "company_id")
    if not set(rooms or ()) <= set(ids["room"]):
        raise NotFound("room", "room_id")
    return ReportScope(
        days,
        rooms,
        company_id,
        ids["room"] if rooms is None else rooms,
        [ZonedCompanies(zone, company_ids) for zone, company_ids in sorted(zones.items())],
        ids["outside"],
    )
