"""What other numbers would have done: the facts that are judged, and what was found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    insert,
    or_,
    select,
)

from services.activities.domain.what_if import FOLLOWED, Entry, Span, Take
from services.activities.storage.tables.activities import activity, activity_entry
from services.activities.storage.tables.clients import client
from services.activities.storage.tables.settings import room_settings_change
from services.activities.storage.tables.what_if import what_if, what_if_finding, what_if_take
from shared.db import BulkRows, Tx, compiled, writing
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.ids import ActivityId, EmployeeId, JobId

Kind = Literal["lost", "kept", "refused"]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The six `numbers` that a room is judged by, over a quarter of the company's days."""

    job_id: JobId
    room_id: UUID
    company_id: UUID
    quarter: str
    since: datetime
    until: datetime
    numbers: Mapping[str, Any]

    @property
    def span(self) -> Span:
        return Span(self.since, self.until)


@dataclass(frozen=True, slots=True)
class Finding:
    """What would have been otherwise: `in_fact_at` is when a seller lost in fact what they would
    have lost, `seconds` is what was left where a take would have been refused.
    """

    kind: Kind
    at: datetime
    activity_id: ActivityId
    seller: EmployeeId
    in_fact_at: datetime | None = None
    seconds: int | None = None


_w, _t, _f = what_if.c, what_if_take.c, what_if_finding.c
_a, _e, _c, _h = activity.c, activity_entry.c, client.c, room_settings_change.c
_tenant_id, _job_id = bindparam("tenant_id", type_=Uuid), bindparam("job_id", type_=Uuid)
_room_id, _since = bindparam("room_id", type_=Uuid), bindparam("since", type_=Moment)
_limit = bindparam("limit", type_=BigInteger)
_COLUMNS = tuple(column.key for column in _w if column.key != "tenant_id")
_ADD = writing(
    insert(what_if).values(
        tenant_id=_tenant_id, **{name: bindparam(name, type_=_w[name].type) for name in _COLUMNS}
    )
)
_FIND = compiled(select(what_if).where(_w.tenant_id == _tenant_id, _w.job_id == _job_id))
_COUNT_WORKED = compiled(
    select(func.count().label("count")).where(
        _a.tenant_id == _tenant_id,
        _a.room_id == _room_id,
    )
)
# What was won or lost before says nothing of the time that is looked at.
_WORKED = compiled(
    select(_a.id, _a.company_id, _a.room_id, _a.reset_paused_until, _a.won_at, _a.lost_at)
    .where(
        _a.tenant_id == _tenant_id,
        _a.room_id == _room_id,
        _a.id > bindparam("after", type_=Uuid),
    )
    .order_by(_a.id)
    .limit(_limit)
)
_TIMELINES = compiled(
    select(_e.activity_id, _e.what, _e.at, _e.details)
    .where(
        _e.tenant_id == _tenant_id,
        _e.activity_id == any_(bindparam("ids", type_=ARRAY(Uuid))),
        _e.at < bindparam("until", type_=Moment),
        _e.what == any_(bindparam("followed", type_=ARRAY(Text))),
    )
    .order_by(_e.activity_id, _e.version)
)
_NUMBERS_AT = compiled(
    select(_h.after)
    .where(
        _h.tenant_id == _tenant_id,
        _h.room_id == _room_id,
        _h.company_id == bindparam("company_id", type_=Uuid),
        _h.changed_at <= _since,
    )
    .order_by(_h.version.desc())
    .limit(1)
)
_takes = BulkRows(
    "take",
    {
        "seller_id": Uuid(),
        "at": Moment,
        "activity_id": Uuid(),
        "released_at": Moment,
        "judged": Boolean(),
    },
)
_ADD_TAKES = compiled(
    insert(what_if_take).from_select(
        ["tenant_id", "job_id", *_takes.c.keys()], select(_tenant_id, _job_id, *_takes.c)
    )
)
_findings = BulkRows(
    "finding",
    {
        "kind": Text(),
        "at": Moment,
        "activity_id": Uuid(),
        "seller_id": Uuid(),
        "in_fact_at": Moment,
        "seconds": BigInteger(),
    },
)
_ADD_FINDINGS = compiled(
    insert(what_if_finding).from_select(
        ["tenant_id", "job_id", *_findings.c.keys()], select(_tenant_id, _job_id, *_findings.c)
    )
)
_of_takes = (_t.tenant_id == _tenant_id, _t.job_id == _job_id)
_NEXT_SELLER = compiled(
    select(_t.seller_id)
    .where(*_of_takes, _t.seller_id > bindparam("after", type_=Uuid))
    .order_by(_t.seller_id)
    .limit(1)
)
_TAKES = compiled(
    select(what_if_take).where(*_of_takes, _t.seller_id == bindparam("seller_id", type_=Uuid))
)
_COUNT_TAKES = compiled(
    select(func.count().label("count")).where(*_of_takes, _t.judged, _t.at >= _since)
)
_COUNTS = compiled(
    select(
        _f.seller_id,
        _f.kind,
        func.count().label("count"),
        func.count(_f.in_fact_at).label("in_fact"),
    )
    .where(_f.tenant_id == _tenant_id, _f.job_id == _job_id)
    .group_by(_f.seller_id, _f.kind)
    .order_by(_f.seller_id, _f.kind)
)
_kind = bindparam("kind", type_=Text)
_SHOWN = compiled(
    select(what_if_finding, _a.client_id, _c.name.label("client_name"))
    .join(activity, and_(_a.tenant_id == _f.tenant_id, _a.id == _f.activity_id))
    .join(client, and_(_c.tenant_id == _a.tenant_id, _c.id == _a.client_id))
    .where(_f.tenant_id == _tenant_id, _f.job_id == _job_id, or_(_kind.is_(None), _f.kind == _kind))
    .order_by(_f.at, _f.activity_id, _f.kind, _f.seller_id)
    .limit(_limit)
)


async def add(tx: Tx, new: WhatIf) -> None:
    """Stores what was asked."""
    values = {name: getattr(new, name) for name in _COLUMNS}
    await tx.save(_ADD, **values | {"numbers": dict(new.numbers)})


async def find(tx: Tx, job_id: JobId) -> WhatIf | None:
    """What the job was asked."""
    row = await tx.row(_FIND, job_id=job_id)
    return WhatIf(**{name: row[name] for name in _COLUMNS}) if row else None


async def count_worked(tx: Tx, room_id: UUID) -> int:
    """How many activities the room has, of all companies."""
    row = await tx.row(_COUNT_WORKED, room_id=room_id)
    return int(row["count"]) if row else 0


async def worked(tx: Tx, room_id: UUID, after: UUID, limit: int) -> list[Row]:
    """The room's next activities with ids past `after`, of all companies."""
    return await tx.rows(_WORKED, room_id=room_id, after=after, limit=limit)


async def timelines(tx: Tx, ids: Sequence[UUID], until: datetime) -> dict[UUID, list[Entry]]:
    """What was done to activities before `until`, the oldest line first."""
    lines: dict[UUID, list[Entry]] = {id_: [] for id_ in ids}
    rows = await tx.rows(_TIMELINES, ids=list(ids), until=until, followed=sorted(FOLLOWED))
    for row in rows:
        lines[row["activity_id"]].append(Entry(row["what"], row["at"], row["details"]))
    return lines


async def numbers_at(
    tx: Tx, room_id: UUID, company_id: UUID, moment: datetime
) -> Mapping[str, Any] | None:
    """The six numbers as the company had set them by then; None where it had set none."""
    row = await tx.row(_NUMBERS_AT, room_id=room_id, company_id=company_id, since=moment)
    return row["after"] if row else None


async def add_takes(tx: Tx, job_id: JobId, takes: Iterable[Take]) -> None:
    """Keeps takes until those of each seller are judged together."""
    rows = [
        {
            "seller_id": take.seller,
            "at": take.at,
            "activity_id": take.activity_id,
            "released_at": take.released_at,
            "judged": take.judged,
        }
        for take in takes
    ]
    if rows:
        await tx.rows(_ADD_TAKES, job_id=job_id, **_takes.of(rows))


async def next_seller(tx: Tx, job_id: JobId, after: UUID) -> EmployeeId | None:
    """The seller with the next id past `after` who took something."""
    row = await tx.row(_NEXT_SELLER, job_id=job_id, after=after)
    return EmployeeId(row["seller_id"]) if row else None


async def takes_of(tx: Tx, job_id: JobId, seller: EmployeeId) -> list[Take]:
    """What the seller took."""
    rows = await tx.rows(_TAKES, job_id=job_id, seller_id=seller)
    return [
        Take(row["activity_id"], seller, row["at"], row["released_at"], row["judged"])
        for row in rows
    ]


async def add_findings(tx: Tx, job_id: JobId, findings: Iterable[Finding]) -> None:
    """Adds what was found."""
    rows = [
        {
            "kind": finding.kind,
            "at": finding.at,
            "activity_id": finding.activity_id,
            "seller_id": finding.seller,
            "in_fact_at": finding.in_fact_at,
            "seconds": finding.seconds,
        }
        for finding in findings
    ]
    if rows:
        await tx.rows(_ADD_FINDINGS, job_id=job_id, **_findings.of(rows))


async def counts(tx: Tx, job_id: JobId) -> list[Row]:
    """How much was found, by seller and kind."""
    return await tx.rows(_COUNTS, job_id=job_id)


async def count_takes(tx: Tx, job_id: JobId, since: datetime) -> int:
    """How many takes were judged."""
    row = await tx.row(_COUNT_TAKES, job_id=job_id, since=since)
    return int(row["count"]) if row else 0


async def shown(tx: Tx, job_id: JobId, kind: Kind | None, limit: int) -> list[Row]:
    """The first findings, of one kind or of all, with their clients."""
    return await tx.rows(_SHOWN, job_id=job_id, kind=kind, limit=limit)
