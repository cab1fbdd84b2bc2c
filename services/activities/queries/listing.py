"""The statements of activity lists, newest progress first, whose cost follows what is shown and not what exists.

An index gives that order only behind equalities. So a page is the newest of a few short runs, each read in order from one index: one
run for each room and, where status or stage is asked for, for each pair of them. A single scan with filters would have to pass
everything newer that does not fit.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Select, Subquery, Text, Uuid, and_, bindparam, func, select, true, tuple_

from services.activities.domain.activity import STAGES
from services.activities.storage.tables import activity, client, room
from shared.db import Statement, compiled
from shared.db.tables import Moment

_a, _c = activity.c, client.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_limit = bindparam("limit", type_=BigInteger)
_rooms = func.any(bindparam("rooms", type_=ARRAY(Uuid)))
_newest = (_a.progress_at.desc(), _a.id.desc())

ROWS = select(activity, _c.name.label("client_name"), _c.large.label("client_large"), func.clock_timestamp().label("now")).select_from(
    activity.join(client, and_(_c.tenant_id == _a.tenant_id, _c.id == _a.client_id))
)
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
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name)) is not None}


def statement_of(filters: Filters, rooms: list[UUID] | None, limit: int, last: Iterable[Any] | None) -> tuple[Statement, dict[str, Any]]:
    """What reads a page, one row more than asked for, and its values but for the tenant. `last` is the progress and id to go on after."""
    given = filters.given()
    values = given | {"rooms": rooms, "limit": limit + 1} | dict(zip(("last_progress", "last_id"), last or (), strict=False))
    if "q" in values:
        values["q"] = contains(values["q"])
    pairs = _pairs(filters.status, filters.stage)
    values |= {"statuses": [status for status, _ in pairs], "stages": [stage for _, stage in pairs]}
    seen: Seen = "all" if rooms is None else "one" if len(rooms) == 1 else "some"
    names = frozenset(given) - {"room_id"} | ({"room_id"} if seen == "one" else set())
    return _listing(names, seen, last is not None), values | ({"room_id": rooms[0]} if rooms and seen == "one" else {})


def places(in_rooms: bool) -> Subquery:
    """The rooms that a caller sees: those named, or all of the tenant's."""
    if in_rooms:
        return select(func.unnest(bindparam("rooms", type_=ARRAY(Uuid))).label("id")).subquery("place")
    return select(room.c.id).where(room.c.tenant_id == _tenant_id).subquery("place")


def contains(words: str) -> str:
    """A LIKE pattern for text that contains `words` as they are."""
    return "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def _pairs(status: str | None, stage: str | None) -> list[tuple[str, str]]:
    every = [(its, at) for its, stages in STAGES.items() for at in stages]
    return [(its, at) for its, at in every if status in (None, its) and stage in (None, at)]


@lru_cache(maxsize=512)
def _listing(names: frozenset[str], seen: Seen, resumed: bool) -> Statement:
    # One room's, one person's and one client's have an index of their own.
    if (not names & {"status", "stage"} and seen != "some") or names & {"responsible_id", "client_id", "q"}:
        found = _narrowed(ROWS, names, resumed)
        return compiled(found.where(_a.room_id == _rooms) if seen == "some" else found)
    return compiled(_merged(names - {"room_id"}, seen != "all", resumed))


def _narrowed(wanted: Select[Any], names: Iterable[str], resumed: bool) -> Select[Any]:
    wanted = wanted.where(_a.tenant_id == _tenant_id).order_by(*_newest).limit(_limit)
    for name in sorted(names):
        asked = _c.name.ilike(bindparam("q", type_=Text)) if name == "q" else _a[name] == bindparam(name, type_=_a[name].type)
        wanted = wanted.where(asked)
    if resumed:
        last = tuple_(bindparam("last_progress", type_=Moment), bindparam("last_id", type_=Uuid))
        wanted = wanted.where(tuple_(_a.progress_at, _a.id) < last)
    return wanted


def _merged(names: frozenset[str], in_rooms: bool, resumed: bool) -> Select[Any]:
    """A run for each room, or for each of its pairs of status and stage; the newest of them all, and only then the rows themselves."""
    place = places(in_rooms)
    run = _narrowed(select(_a.id, _a.progress_at), names - {"status", "stage"}, resumed).where(_a.room_id == place.c.id)
    runs: Any = place
    if names & {"status", "stage"}:
        pair = (
            func.unnest(bindparam("statuses", type_=ARRAY(Text)), bindparam("stages", type_=ARRAY(Text)))
            .table_valued("status", "stage")
            .render_derived(name="pair")
        )
        run = run.where(_a.status == pair.c.status, _a.stage == pair.c.stage)
        runs = runs.join(pair, true())
    each = run.correlate(*([place] if runs is place else [place, pair])).lateral("each")
    found = (
        select(each.c.id).select_from(runs.join(each, true())).order_by(each.c.progress_at.desc(), each.c.id.desc()).limit(_limit)
    ).subquery("found")
    return ROWS.where(_a.tenant_id == _tenant_id, _a.id == found.c.id).order_by(*_newest)
