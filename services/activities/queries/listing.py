"""The statements of activity lists, newest progress first, whose cost follows what is shown and not
what exists.

An index gives that order only behind equalities. So a page is the newest of a few short runs, each
read in order from one index: one run for each room and, where status or stage is asked for, for
each pair of them; or a run for each client whose name was asked for. A single scan with filters
would have to pass everything newer that does not fit.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
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

from services.activities.domain.activity import STAGES
from services.activities.storage.clients import contains
from services.activities.storage.tables import activity, client, room
from shared.db import BulkRows, Statement, compiled
from shared.db.tables import Moment

_a, _c = activity.c, client.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_rooms = func.any(bindparam("rooms", type_=ARRAY(Uuid)))
_newest = (_a.progress_at.desc(), _a.id.desc())

ROWS = select(
    activity,
    _c.name.label("client_name"),
    _c.large.label("client_large"),
    func.clock_timestamp().label("now"),
).select_from(activity.join(client, and_(_c.tenant_id == _a.tenant_id, _c.id == _a.client_id)))
_KEYS = select(_a.id, _a.progress_at, _a.client_id)
SIZES = (10, 50, 200)
"""For how many rows statements are made; a page is cut from the next larger. Such numbers stand in
the text: a limit among the values is planned as if it were a tenth of everything."""
PAIRS = BulkRows("pair", {"status": Text(), "stage": Text()})
Seen = Literal["all", "some", "one"]
"""How many of the tenant's rooms a caller sees."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed by; None leaves open."""

    room_id: UUID | None = None
    company_id: UUID | None = None
    status: str | None = None
    stage: str | None = None
    responsible_id: UUID | None = None
    client_id: UUID | None = None
    q: str | None = None

    def given(self) -> dict[str, Any]:
        return {
            each.name: value
            for each in fields(self)
            if (value := getattr(self, each.name)) is not None
        }


def statement_of(
    filters: Filters,
    rooms: list[UUID] | None,
    limit: int,
    last: Iterable[Any] | None,
    window: int | None = None,
    named: list[UUID] | None = None,
) -> tuple[Statement, dict[str, Any]]:
    """What reads a page and at least one row more, and its values but for the tenant. `last` is the
    progress and id to go on after.

    A name (`filters.q`) is looked for among a `window` of the newest, or its clients are `named`.
    """
    given = filters.given()
    values = (
        given | {"rooms": rooms} | dict(zip(("last_progress", "last_id"), last or (), strict=False))
    )
    if filters.q:
        values["q"] = contains(filters.q)
    pairs = _pairs(filters.status, filters.stage)
    values |= PAIRS.of({"status": status, "stage": stage} for status, stage in pairs)
    seen: Seen = "all" if rooms is None else "one" if len(rooms) == 1 else "some"
    names = frozenset(given) - {"room_id"} | ({"room_id"} if seen == "one" else set())
    if filters.q and named is not None:
        names, values = names - {"q"} | {"named"}, values | {"named": named}
    size = next(size for size in SIZES if limit <= size)
    return _listing(names, seen, last is not None, size + 1, window), values | (
        {"room_id": rooms[0]} if rooms and seen == "one" else {}
    )


def places(in_rooms: bool) -> Subquery:
    """The rooms that a caller sees: those named, or all of the tenant's."""
    if in_rooms:
        return select(func.unnest(bindparam("rooms", type_=ARRAY(Uuid))).label("id")).subquery(
            "place"
        )
    return select(room.c.id).where(room.c.tenant_id == _tenant_id).subquery("place")


def _pairs(status: str | None, stage: str | None) -> list[tuple[str, str]]:
    every = [(its, at) for its, stages in STAGES.items() for at in stages]
    return [(its, at) for its, at in every if status in (None, its) and stage in (None, at)]


@lru_cache(maxsize=512)
def _listing(
    names: frozenset[str], seen: Seen, resumed: bool, rows: int, window: int | None
) -> Statement:
    most: Any = literal_column(str(rows))
    if "q" in names:
        return compiled(
            _of_a_name(_runs(names - {"q"}, seen, resumed, literal_column(str(window))), most)
        )
    if _one_run(names, seen):
        return compiled(_narrowed(ROWS, names, seen, resumed, most))
    return compiled(_rows_of(_runs(names, seen, resumed, most)))


def _one_run(names: frozenset[str], seen: Seen) -> bool:
    """One room's, one person's and one client's have an index of their own."""
    single = not names & {"status", "stage"} and seen != "some"
    return "named" not in names and (single or bool(names & {"responsible_id", "client_id"}))


def _runs(names: frozenset[str], seen: Seen, resumed: bool, most: Any) -> Select[Any]:
    """The keys of the newest `most`, of however many runs they come."""
    if _one_run(names, seen):
        return _narrowed(_KEYS, names, seen, resumed, most)
    if "named" in names:
        return _of_clients(names - {"named"}, seen, resumed, most)
    return _of_rooms(names - {"room_id"}, seen != "all", resumed, most)


def _narrowed(
    wanted: Select[Any], names: Iterable[str], seen: Seen, resumed: bool, most: Any
) -> Select[Any]:
    wanted = wanted.where(_a.tenant_id == _tenant_id).order_by(*_newest).limit(most)
    for name in sorted(names):
        wanted = wanted.where(_a[name] == bindparam(name, type_=_a[name].type))
    if seen == "some":
        wanted = wanted.where(_a.room_id == _rooms)
    if resumed:
        last = tuple_(bindparam("last_progress", type_=Moment), bindparam("last_id", type_=Uuid))
        wanted = wanted.where(tuple_(_a.progress_at, _a.id) < last)
    return wanted


def _of_rooms(names: frozenset[str], in_rooms: bool, resumed: bool, most: Any) -> Select[Any]:
    """A run for each room, or for each of its pairs of status and stage."""
    place = places(in_rooms)
    run = _narrowed(_KEYS, names - {"status", "stage"}, "all", resumed, most).where(
        _a.room_id == place.c.id
    )
    if not names & {"status", "stage"}:
        return _newest_of(place, run.correlate(place), most)
    run = run.where(_a.status == PAIRS.c.status, _a.stage == PAIRS.c.stage)
    return _newest_of(place.join(PAIRS.table, true()), run.correlate(place, PAIRS.table), most)


def _of_clients(names: frozenset[str], seen: Seen, resumed: bool, most: Any) -> Select[Any]:
    """A run for each client who was found by name."""
    named = select(func.unnest(bindparam("named", type_=ARRAY(Uuid))).label("id")).subquery("named")
    run = _narrowed(_KEYS, names, seen, resumed, most).where(_a.client_id == named.c.id)
    return _newest_of(named, run.correlate(named), most)


def _newest_of(runs: Any, run: Select[Any], most: Any) -> Select[Any]:
    each = run.lateral("each")
    return (
        select(*each.c)
        .select_from(runs.join(each, true()))
        .order_by(each.c.progress_at.desc(), each.c.id.desc())
        .limit(most)
    )


def _of_a_name(keys: Select[Any], most: Any) -> Select[Any]:
    """Those of `keys` whose client has the words in the name. The limit is a fence: activities are
    read in their order, then names.

    The name is looked up row by row: joined, all clients would be read to be joined with a few
    hundred activities.
    """
    recent = keys.subquery("recent")
    name = (
        select(_c.name)
        .where(_c.tenant_id == _tenant_id, _c.id == recent.c.client_id)
        .scalar_subquery()
    )
    has_words = name.ilike(bindparam("q", type_=Text))
    order = (recent.c.progress_at.desc(), recent.c.id.desc())
    return _rows_of(select(recent.c.id).where(has_words).order_by(*order).limit(most))


def _rows_of(keys: Select[Any]) -> Select[Any]:
    """Only then the rows themselves."""
    found = keys.subquery("found")
    return ROWS.where(_a.tenant_id == _tenant_id, _a.id == found.c.id).order_by(*_newest)
