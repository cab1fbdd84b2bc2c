"""Lists by what no index orders: each page examines a bounded number of rows, in their order, and
shows those that fit.

So a page costs no more than `EXAMINED` rows however rare what is asked for is. It may be short, or
empty, with a cursor all the same: the list ends where the cursor does.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    Boolean,
    ColumnElement,
    Select,
    Uuid,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.activities.queries.by_invoice import find_invoiced
from services.activities.queries.custom_filter import has_values
from services.activities.queries.listing import (
    KEYS,
    PAIRS,
    Filters,
    RoomCount,
    activity_of_each,
    client_has_words,
    count_of,
    pairs_of,
    rooms_table,
    runs,
)
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.clients import client
from shared.db import Statement, Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.folding import patterns_of
from shared.paging import cursor_of, moment, read_cursor

EXAMINED = 2_000
Order = Literal["progress", "created"]
"""Newest progress first, which moves under whoever pages; or newest created first, which
doesn't.
"""

_a, _c = activity.c, client.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_now = func.clock_timestamp()
IS_UNTOUCHED = and_(
    _a.untouched_told_at.is_not(None), or_(_a.status == "free", _a.status == "in_work")
)
"""Open, and told to be untouched: nobody has worked it since."""


def _is(name: str, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether `condition` is as the filter `name` says, true or false."""
    return func.coalesce(condition, False) == bindparam(name, type_=Boolean)


_large = (
    select(_c.large)
    .where(_c.tenant_id == _tenant_id, _c.id == _a.client_id)
    .correlate(activity)
    .scalar_subquery()
)
_CONDITIONS: Mapping[str, ColumnElement[bool]] = {
    "q": or_(
        client_has_words(_a.client_id),
        _a.id == func.any(bindparam("invoiced_ids", type_=ARRAY(Uuid))),
    ),
    "product_id": _a.products.op("@>")(bindparam("product_id", type_=JSONB)),
    "large": _is("large", _large),
    "overdue": _is("overdue", or_(_a.next_step_due_at < _now, _a.invoice_overdue_at <= _now)),
    "overdue_invoice": _is("overdue_invoice", _a.invoice_overdue_at <= _now),
    "untouched": _is("untouched", IS_UNTOUCHED),
    "without_next_step": _is(
        "without_next_step", and_(_a.status == "in_work", _a.next_step_due_at.is_(None))
    ),
    "created_from": _a.created_at >= bindparam("created_from", type_=Moment),
    "created_before": _a.created_at < bindparam("created_before", type_=Moment),
    "progress_before": _a.progress_at < bindparam("progress_before", type_=Moment),
    "custom": and_(
        _a.company_id == bindparam("custom_company_id", type_=Uuid), has_values(_a.client_id)
    ),
}
"""What fits, by the filter's name; each of the others names a column that has its value."""
_OF_RUNS = frozenset(
    {"company_id", "status", "stage", "responsible_id", "client_id", "progress_before"}
)
EXAMINING = frozenset(_CONDITIONS) - {"q", "progress_before"} | {"source_id"}
"""The filters for which rows are examined in the order of progress."""


async def page_rows(
    tx: Tx,
    filters: Filters,
    rooms: list[UUID] | None,
    order: Order,
    limit: int,
    cursor: str | None,
    seen_rooms: list[UUID] | None,
) -> tuple[list[Row], str | None]:
    """The rows of a page, and the cursor of the next, None at the end of the list. `seen_rooms` as
    `statement_of` has it.
    """
    if filters.custom and filters.custom.rooms is not None:
        seeing = filters.custom.rooms
        rooms = [room for room in rooms or () if room in seeing]
    values = _values(filters, rooms, order, cursor) | {"seen_rooms": seen_rooms}
    if filters.q:
        values["invoiced_ids"] = await find_invoiced(tx, filters.q, rooms)
    statement = _examining(
        order, frozenset(filters.set_values()), count_of(rooms), cursor is not None, limit + 1
    )
    rows = await tx.rows(statement, **values)
    fitting = [row for row in rows if row["id"] is not None]
    if len(fitting) > limit:
        return fitting[:limit], _cursor(order, fitting[limit - 1], "")
    more = bool(rows) and rows[0]["examined"] == EXAMINED
    return fitting, _cursor(order, rows[0], "last_") if more else None


def _cursor(order: Order, row: Row, prefix: str) -> str:
    key = [row[f"{prefix}id"]]
    if order == "progress":
        key.insert(0, row[f"{prefix}progress_at"].isoformat())
    return cursor_of(*key)


def _values(
    filters: Filters, rooms: list[UUID] | None, order: Order, cursor: str | None
) -> dict[str, Any]:
    """Raises `Invalid` for a cursor of another order."""
    values: dict[str, Any] = {**filters.set_values(), "rooms": rooms}
    kinds: Sequence[Any] = (moment, UUID) if order == "progress" else (UUID,)
    if last := read_cursor(cursor, *kinds):
        values["last_id"] = last[-1]
        values["last_progress"] = last[0]
    if filters.q:
        values["patterns"] = patterns_of(filters.q)
    if filters.custom:
        values |= filters.custom.parameters()
        values["custom_company_id"] = filters.custom.company_id
    if filters.product_id:
        values["product_id"] = [{"product_id": str(filters.product_id)}]
    pairs = pairs_of(filters.status, filters.stage)
    return values | PAIRS.of({"status": status, "stage": stage} for status, stage in pairs)


@lru_cache(maxsize=512)
def _examining(
    order: Order, names: frozenset[str], rooms: RoomCount, resumed: bool, most: int
) -> Statement:
    of_runs = names & _OF_RUNS if order == "progress" else frozenset()
    fits = [_condition(name) for name in sorted(names - of_runs - {"room_id"})]
    keys = KEYS.add_columns(and_(true(), *fits).label("fits"))
    window: Any = literal_column(str(EXAMINED))
    if order == "created":
        examined = _newest_created(keys, rooms, resumed, window).cte("examined_rows")
    else:
        if rooms == "one":
            rooms = "some"
        examined = runs(of_runs, rooms, resumed, window, keys).cte("examined_rows")
    return compiled(_page(order, examined, most))


def _condition(name: str) -> ColumnElement[bool]:
    if name in _CONDITIONS:
        return _CONDITIONS[name]
    return _a[name] == bindparam(name, type_=_a[name].type)


def _newest_created(keys: Select[Any], rooms: RoomCount, resumed: bool, most: Any) -> Select[Any]:
    """The newest of each room, then of them all: ids are in the order of registration."""
    room = rooms_table(rooms != "all")
    run = keys.where(_a.tenant_id == _tenant_id, _a.room_id == room.c.id)
    if resumed:
        run = run.where(_a.id < bindparam("last_id", type_=Uuid))
    newest = run.order_by(_a.id.desc()).limit(most).correlate(room).lateral("newest")
    return (
        select(*newest.c)
        .select_from(room.join(newest, true()))
        .order_by(newest.c.id.desc())
        .limit(most)
    )


def _page(order: Order, examined: CTE, most: int) -> Select[Any]:
    """Those that fit, each beside how many were examined and the last of them; of none that fits,
    one row with these alone.
    """
    key = [examined.c.id] if order == "created" else [examined.c.progress_at, examined.c.id]
    fitting = (
        select(examined.c.id)
        .where(examined.c.fits)
        .order_by(*(column.desc() for column in key))
        .limit(literal_column(str(most)))
        .subquery("fitting")
    )
    each = activity_of_each(fitting)
    shown = select(*each.c).select_from(fitting.join(each, true())).subquery("page")
    last = select(examined).order_by(*key).limit(literal_column("1")).subquery("last_examined")
    count = select(func.count()).select_from(examined).scalar_subquery()
    newest = [shown.c.id] if order == "created" else [shown.c.progress_at, shown.c.id]
    return (
        select(
            count.label("examined"),
            last.c.id.label("last_id"),
            last.c.progress_at.label("last_progress_at"),
            *shown.c,
        )
        .select_from(last.outerjoin(shown, true()))
        .order_by(*(column.desc().nulls_last() for column in newest))
    )
