"""The activities of a bulk command: chosen by filter or by ids, kept in order for its job."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    Text,
    Uuid,
    any_,
    bindparam,
    delete,
    insert,
    select,
)

from services.activities.storage.tables.activities import activity, bulk_element
from shared.db import BulkRows, Statement, Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.ids import ActivityId, JobId

_a, _b = activity.c, bulk_element.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_job_id = bindparam("job_id", type_=Uuid)
_limit = bindparam("limit", type_=BigInteger)
_CONDITIONS: Mapping[str, Any] = {
    "ids": _a.id == any_(bindparam("ids", type_=ARRAY(Uuid))),
    "statuses": _a.status == any_(bindparam("statuses", type_=ARRAY(Text))),
    "progress_before": _a.progress_at < bindparam("progress_before", type_=Moment),
    "stage": _a.stage == bindparam("stage", type_=Text),
    **{
        name: _a[name] == bindparam(name, type_=Uuid)
        for name in ("room_id", "company_id", "responsible_id", "source_id", "client_id")
    },
}
_elements = BulkRows("element", {"position": Integer(), "activity_id": Uuid()})
_ADD = compiled(
    insert(bulk_element).from_select(
        ["tenant_id", "job_id", *_elements.c.keys()], select(_tenant_id, _job_id, *_elements.c)
    )
)
_PAGE = compiled(
    select(_b.activity_id)
    .where(
        _b.tenant_id == _tenant_id,
        _b.job_id == _job_id,
        _b.position > bindparam("position", type_=Integer),
    )
    .order_by(_b.position)
    .limit(_limit)
)
_FORGET = compiled(delete(bulk_element).where(_b.tenant_id == _tenant_id, _b.job_id == _job_id))


async def choose(tx: Tx, conditions: Mapping[str, Any], limit: int) -> list[Row]:
    """Up to `limit` activities that meet all `conditions`, named as in `_CONDITIONS`, in the order
    of registration: id, room, status and stage of each; none is locked.
    """
    return await tx.rows(_choosing(frozenset(conditions)), **conditions, limit=limit)


@lru_cache(maxsize=64)
def _choosing(names: frozenset[str]) -> Statement:
    return compiled(
        select(_a.id, _a.room_id, _a.status, _a.stage)
        .where(_a.tenant_id == _tenant_id, *(_CONDITIONS[name] for name in sorted(names)))
        .order_by(_a.id)
        .limit(_limit)
    )


async def add_elements(tx: Tx, job_id: JobId, ids: Sequence[UUID]) -> None:
    """Keeps the activities of a new job, counted from 1."""
    rows = ({"position": place, "activity_id": id_} for place, id_ in enumerate(ids, 1))
    await tx.rows(_ADD, job_id=job_id, **_elements.of(rows))


async def find_elements(tx: Tx, job_id: JobId, position: int, limit: int) -> list[ActivityId]:
    """Up to `limit` activities behind `position`, in their order."""
    rows = await tx.rows(_PAGE, job_id=job_id, position=position, limit=limit)
    return [ActivityId(row["activity_id"]) for row in rows]


async def forget_elements(tx: Tx, job_id: JobId) -> None:
    """Deletes what a job is through with."""
    await tx.rows(_FORGET, job_id=job_id)
