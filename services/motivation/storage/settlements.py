"""Settlements: a company's months in rooms whose plans look at the month as a whole, with what
employees owe after each; locked by whoever settles.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, Date, Text, Uuid, any_, bindparam, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from services.motivation.domain.difference import PostedEntry
from services.motivation.storage.activities import STORED, StoredActivity, stored_of
from services.motivation.storage.ledger import posted_entry
from services.motivation.storage.plan_tables import settlement
from services.motivation.storage.tables import activity, entry
from shared.clock import following_period
from shared.db import Tx, compiled, writing
from shared.ids import CompanyId, EmployeeId, PlanId, RoomId

Debts = Mapping[EmployeeId, Decimal]


@dataclass(frozen=True, slots=True, order=True)
class RoomMonth:
    """A company's month in a room, which is settled as one."""

    company_id: CompanyId
    room_id: RoomId
    month: str

    @property
    def first_on(self) -> date:
        return date.fromisoformat(f"{self.month}-01")

    @property
    def last_on(self) -> date:
        following = date.fromisoformat(f"{following_period(self.month)}-01")
        return following - timedelta(days=1)


_a, _e, _s = activity.c, entry.c, settlement.c
_TENANT = bindparam("tenant_id", type_=Uuid)
_MONTH = bindparam("month", type_=Text)
_SERIES = {name: bindparam(name, type_=Uuid) for name in ("company_id", "room_id")}
_of_room = (_s.tenant_id == _TENANT, *(_s[name] == value for name, value in _SERIES.items()))

_INSERT_MISSING = compiled(
    insert(settlement)
    .values(tenant_id=_TENANT, **_SERIES, month=_MONTH, debts=literal({}, JSONB))
    .on_conflict_do_nothing()
)
_LOCK = compiled(
    select(func.clock_timestamp().label("now"), _s.debts)
    .where(*_of_room, _s.month == _MONTH)
    .with_for_update()
)
_BEFORE = compiled(
    select(_s.debts).where(*_of_room, _s.month < _MONTH).order_by(_s.month.desc()).limit(1)
)
_NEXT = compiled(select(func.min(_s.month).label("month")).where(*_of_room, _s.month > _MONTH))
_SINCE = compiled(select(_s.month).where(*_of_room, _s.month >= _MONTH).order_by(_s.month))
_ALL = compiled(
    select(_s.company_id, _s.room_id, _s.month)
    .where(_s.tenant_id == _TENANT)
    .order_by(_s.company_id, _s.room_id, _s.month)
)
_SAVE = writing(
    update(settlement)
    .values(debts=bindparam("debts", type_=JSONB))
    .where(*_of_room, _s.month == _MONTH)
)
_WINS = compiled(
    select(*STORED)
    .where(
        _a.tenant_id == _TENANT,
        _a.cover_plan_id == any_(bindparam("plan_ids", type_=ARRAY(Uuid))),
        _a.won_on.between(bindparam("first_on", type_=Date), bindparam("last_on", type_=Date)),
        _a.covered_won_at == _a.won_at,
    )
    .order_by(_a.won_on, _a.activity_id)
)
_MONTH_LINES = compiled(
    select(entry)
    .where(
        _e.tenant_id == _TENANT,
        *(_e[name] == value for name, value in _SERIES.items()),
        _e.activity_id.is_(None),
        _e.plan_id.is_not(None),
        or_(_e.corrected_period == _MONTH, _e.corrected_period.is_(None) & (_e.period == _MONTH)),
    )
    .order_by(_e.entry_id)
)


async def lock(tx: Tx, room_month: RoomMonth) -> Debts:
    """Locks the settlement, inserted where missing; the debts after it as they were stored. Reads
    the clock.
    """
    values = _values(room_month)
    await tx.rows(_INSERT_MISSING, **values)
    row = await tx.row(_LOCK, **values)
    assert row
    tx.at(row["now"])
    return debts_from_json(row["debts"])


async def debts_before(tx: Tx, room_month: RoomMonth) -> Debts:
    """What employees owe as the month begins."""
    row = await tx.row(_BEFORE, **_values(room_month))
    return debts_from_json(row["debts"]) if row else {}


async def save_debts(tx: Tx, room_month: RoomMonth, debts: Debts) -> None:
    """Stores what employees owe after the locked month."""
    await tx.save(_SAVE, **_values(room_month), debts=debts_to_json(debts))


async def next_month(tx: Tx, room_month: RoomMonth) -> RoomMonth | None:
    """The next month of the room that was settled."""
    row = await tx.row(_NEXT, **_values(room_month))
    return _other_month(room_month, row["month"]) if row and row["month"] else None


async def since(tx: Tx, room_month: RoomMonth) -> list[RoomMonth]:
    """The months of the room that were settled, from this one on."""
    rows = await tx.rows(_SINCE, **_values(room_month))
    return [_other_month(room_month, row["month"]) for row in rows]


async def all_months(tx: Tx) -> list[RoomMonth]:
    """Every month of the tenant that was settled."""
    return [RoomMonth(**row) for row in await tx.rows(_ALL)]


async def wins(tx: Tx, room_month: RoomMonth, plan_ids: Iterable[PlanId]) -> list[StoredActivity]:
    """The month's wins that belong to the plan versions, in the order of business day and id."""
    rows = await tx.rows(
        _WINS,
        plan_ids=sorted(plan_ids),
        first_on=room_month.first_on,
        last_on=room_month.last_on,
    )
    return stored_of(rows)


async def month_lines(tx: Tx, room_month: RoomMonth) -> list[PostedEntry]:
    """The entries of the month as a whole, in the order of posting."""
    return [posted_entry(row) for row in await tx.rows(_MONTH_LINES, **_values(room_month))]


def _values(room_month: RoomMonth) -> dict[str, object]:
    return {name: getattr(room_month, name) for name in ("company_id", "room_id", "month")}


def _other_month(room_month: RoomMonth, month: str) -> RoomMonth:
    return RoomMonth(room_month.company_id, room_month.room_id, month)


def debts_to_json(debts: Debts) -> dict[str, str]:
    """Debts as they are stored."""
    return {str(id_): f"{debt:.2f}" for id_, debt in sorted(debts.items())}


def debts_from_json(stored: Mapping[str, str]) -> dict[EmployeeId, Decimal]:
    """Stored debts."""
    return {EmployeeId(UUID(id_)): Decimal(debt) for id_, debt in stored.items()}
