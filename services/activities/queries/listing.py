"""Statements of activity lists, newest progress first, whose cost follows what is shown and not
what exists.

An index gives that order only behind equalities. So a page is the newest of a few short runs, each
read in order from one index: one run for each room and, where status or stage is asked for, for
each pair of them; or a run for each client whose name was asked for. A single scan with filters
would have to pass everything newer that does not fit.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    Text,
    Uuid,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    true,
    tuple_,
)
from sqlalchemy.sql.selectable import LateralFromClause

from services.activities.domain.activity import STAGES
from services.activities.queries.by_key import row_of_each
from services.activities.queries.by_name import is_found
from services.activities.queries.custom_filter import CustomFilter
from services.activities.storage.mapping import CLIENT_SUMMARY
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.clients import client
from services.activities.storage.tables.directory import room
from shared.db import BulkRows, Statement, compiled
from shared.db.tables import Moment
from shared.folding import patterns_of

_a, _c = activity.c, client.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_rooms = func.any(bindparam("rooms", type_=ARRAY(Uuid)))
_newest = (_a.progress_at.desc(), _a.id.desc())

ROWS = select(
    activity,
    *CLIENT_SUMMARY,
    func.clock_timestamp().label("now"),
).select_from(activity.join(client, and_(_c.tenant_id == _a.tenant_id, _c.id == _a.client_id)))
KEYS = select(_a.id, _a.progress_at, _a.client_id)
SIZES = (10, 50, 200)
"""The page sizes for which statements are made; a page is cut from the next larger. The size stands
in the text: a limit among the values is planned as if it were a tenth of everything."""
PAIRS = BulkRows("pair", {"status": Text(), "stage": Text()})
RoomCount = Literal["all", "some", "one"]
"""A list covers all of the tenant's rooms, some, or one."""


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of a list; None leaves one open. Those from `source_id` on have no index of their
    own: see `examining`.
    """

    room_id: UUID | None = None
    company_id: UUID | None = None
    status: str | None = None
    stage: str | None = None
    responsible_id: UUID | None = None
    client_id: UUID | None = None
    q: str | None = None
    progress_before: datetime | None = None
    source_id: UUID | None = None
    product_id: UUID | None = None
    large: bool | None = None
    overdue: bool | None = None
    overdue_invoice: bool | None = None
    untouched: bool | None = None
    without_next_step: bool | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    custom: CustomFilter | None = None

    def set_values(self) -> dict[str, Any]:
        """The filters that are set, by name."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


def statement_of(
    filters: Filters,
    rooms: list[UUID] | None,
    limit: int,
    last: Iterable[Any] | None,
    window: int | None = None,
    client_ids: list[UUID] | None = None,
    seen_rooms: list[UUID] | None = None,
) -> tuple[Statement, dict[str, Any]]:
    """The statement that reads a page and at least one row more, and its values but for the tenant.
    `last` is the progress and id to go on after.

    A name (`filters.q`) is looked for among a `window` of the newest, or its clients are the
    `client_ids`; `seen_rooms` are the rooms of who asks, whose contacts are searched; None: all.
    """
    values: dict[str, Any] = {**filters.set_values(), "rooms": rooms}
    names = frozenset(filters.set_values())
    if last:
        values["last_progress"], values["last_id"] = last
    pairs = pairs_of(filters.status, filters.stage)
    values |= PAIRS.of({"status": status, "stage": stage} for status, stage in pairs)
    room_count = count_of(rooms)
    names -= {"room_id"}
    if rooms and room_count == "one":
        names, values["room_id"] = names | {"room_id"}, rooms[0]
    if filters.q:
        values |= {"patterns": patterns_of(filters.q), "seen_rooms": seen_rooms}
    if filters.q and client_ids is not None:
        names, values["client_ids"] = names - {"q"} | {"client_ids"}, client_ids
    size = next(size for size in SIZES if limit <= size)
    return _listing(names, room_count, last is not None, size + 1, window), values


def of_activities(
    filters: Filters,
    rooms: list[UUID] | None,
    last: Iterable[Any] | None,
    activity_ids: list[UUID],
) -> tuple[Statement, dict[str, Any]]:
    """The statement that reads those of some activities that the filters but `q` let through, and
    its values, as of `statement_of`.
    """
    values: dict[str, Any] = {**filters.set_values(), "rooms": rooms, "ids": activity_ids}
    names = frozenset(filters.set_values()) - {"q", "room_id"}
    if last:
        values["last_progress"], values["last_id"] = last
    return _of_activities(names, "all" if rooms is None else "some", last is not None), values


@lru_cache(maxsize=128)
def _of_activities(names: frozenset[str], rooms: RoomCount, resumed: bool) -> Statement:
    ids = bindparam("ids", type_=ARRAY(Uuid))
    rows = narrowed(ROWS, names, rooms, resumed, literal_column(str(SIZES[-1] + 1)))
    return compiled(rows.where(_a.id == func.any(ids)))


def count_of(rooms: list[UUID] | None) -> RoomCount:
    """How many rooms a list covers."""
    return "all" if rooms is None else "one" if len(rooms) == 1 else "some"


def rooms_table(in_rooms: bool) -> Subquery:
    """The rooms that a list covers: those named, or all of the tenant's."""
    if in_rooms:
        return select(func.unnest(bindparam("rooms", type_=ARRAY(Uuid))).label("id")).subquery(
            "rooms"
        )
    return select(room.c.id).where(room.c.tenant_id == _tenant_id).subquery("rooms")


def pairs_of(status: str | None, stage: str | None) -> list[tuple[str, str]]:
    """The pairs of status and stage that are meant."""
    return [
        (its_status, its_stage)
        for its_status, stages in STAGES.items()
        for its_stage in stages
        if status in (None, its_status) and stage in (None, its_stage)
    ]


@lru_cache(maxsize=512)
def _listing(
    names: frozenset[str], rooms: RoomCount, resumed: bool, rows: int, window: int | None
) -> Statement:
    most: Any = literal_column(str(rows))
    if "q" in names:
        return compiled(
            _of_a_name(runs(names - {"q"}, rooms, resumed, literal_column(str(window))), most)
        )
    return compiled(_rows_of(runs(names, rooms, resumed, most)))


def _one_run(names: frozenset[str], rooms: RoomCount) -> bool:
    """Whether one index holds them in order: those of one room, one person or one client."""
    single = not names & {"status", "stage"} and rooms != "some"
    return "client_ids" not in names and (single or bool(names & {"responsible_id", "client_id"}))


def runs(
    names: frozenset[str], rooms: RoomCount, resumed: bool, most: Any, keys: Select[Any] = KEYS
) -> Select[Any]:
    """The `keys` of the newest `most`, of however many runs they come."""
    if _one_run(names, rooms):
        return narrowed(keys, names, rooms, resumed, most)
    if "client_ids" in names:
        return _of_clients(names - {"client_ids"}, rooms, resumed, most)
    return _of_rooms(keys, names - {"room_id"}, rooms != "all", resumed, most)


def narrowed(
    statement: Select[Any], names: Iterable[str], rooms: RoomCount, resumed: bool, most: Any
) -> Select[Any]:
    """The newest `most` of what is `statement`, by equalities and where their order begins."""
    statement = statement.where(_a.tenant_id == _tenant_id).order_by(*_newest).limit(most)
    for name in sorted(names):
        statement = statement.where(_is_in_run(name))
    if rooms == "some":
        statement = statement.where(_a.room_id == _rooms)
    if resumed:
        last = tuple_(bindparam("last_progress", type_=Moment), bindparam("last_id", type_=Uuid))
        statement = statement.where(tuple_(_a.progress_at, _a.id) < last)
    return statement


def _is_in_run(name: str) -> ColumnElement[bool]:
    if name == "progress_before":
        return _a.progress_at < bindparam(name, type_=Moment)
    value: Any = bindparam(name, type_=_a[name].type)
    is_equal: ColumnElement[bool] = _a[name] == (_present(value) if name == "client_id" else value)
    return is_equal


def _present(client_id: Any) -> Any:
    """The client into which one was merged, else itself: looked up once, not for each row."""
    of = client.alias("asked").c
    # The subquery is the whole value: behind a policy, an index is not read by an expression of
    # which PostgreSQL does not know that it tells nothing.
    present = func.coalesce(of.merged_into, of.id)
    return select(present).where(of.tenant_id == _tenant_id, of.id == client_id).scalar_subquery()


def _of_rooms(
    keys: Select[Any], names: frozenset[str], in_rooms: bool, resumed: bool, most: Any
) -> Select[Any]:
    """A run for each room, or for each of its pairs of status and stage."""
    room_row = rooms_table(in_rooms)
    run = narrowed(keys, names - {"status", "stage"}, "all", resumed, most).where(
        _a.room_id == room_row.c.id
    )
    if not names & {"status", "stage"}:
        return _newest_of(room_row, run.correlate(room_row), most)
    run = run.where(_a.status == PAIRS.c.status, _a.stage == PAIRS.c.stage)
    return _newest_of(
        room_row.join(PAIRS.table, true()), run.correlate(room_row, PAIRS.table), most
    )


def _of_clients(names: frozenset[str], rooms: RoomCount, resumed: bool, most: Any) -> Select[Any]:
    """A run for each client who was found by name."""
    ids = bindparam("client_ids", type_=ARRAY(Uuid))
    named = select(func.unnest(ids).label("id")).subquery("named")
    run = narrowed(KEYS, names, rooms, resumed, most).where(_a.client_id == named.c.id)
    return _newest_of(named, run.correlate(named), most)


def _newest_of(runs: Any, run: Select[Any], most: Any) -> Select[Any]:
    newest = run.lateral("newest")
    return (
        select(*newest.c)
        .select_from(runs.join(newest, true()))
        .order_by(newest.c.progress_at.desc(), newest.c.id.desc())
        .limit(most)
    )


def client_has_words(client_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the client is found by the words asked for."""
    return (
        select(is_found(client))
        .where(_c.tenant_id == _tenant_id, _c.id == client_id)
        .scalar_subquery()
    )


def _of_a_name(keys: Select[Any], most: Any) -> Select[Any]:
    """Those of `keys` whose client has the words in the name. The limit is a fence: activities are
    read in their order, then names.

    The name is looked up row by row: joined, all clients would be read to be joined with a few
    hundred activities.
    """
    recent = keys.subquery("recent")
    has_words = client_has_words(recent.c.client_id)
    order = (recent.c.progress_at.desc(), recent.c.id.desc())
    return _rows_of(select(recent.c.id).where(has_words).order_by(*order).limit(most))


def _rows_of(keys: Select[Any]) -> Select[Any]:
    """The rows themselves, of those keys only."""
    keys_table = keys.subquery("keys")
    shown = activity_of_each(keys_table)
    return (
        select(*shown.c)
        .select_from(keys_table.join(shown, true()))
        .order_by(shown.c.progress_at.desc(), shown.c.id.desc())
    )


def activity_of_each(keys: FromClause) -> LateralFromClause:
    """The row of each key, as `row_of_each`."""
    return row_of_each(keys, ROWS.where(_a.tenant_id == _tenant_id, _a.id == keys.c.id))
