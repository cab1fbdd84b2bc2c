"""What other numbers would have done to a room, as the API and the job's report show it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.activities.storage import what_if as storage
from services.activities.storage.what_if import Kind, WhatIf
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.ids import JobId
from shared.jobs import Job, queries
from shared.room_settings import DEFAULTS
from shared.tenancy import Caller

COLUMNS = (
    "kind",
    "at",
    "employee_id",
    "client",
    "activity_id",
    "in_fact_at",
    "seconds_left",
)
SHOWN = 200
MOST_REPORTED = 50_000


async def get_what_if(tx: Tx, caller: Caller, job_id: JobId) -> dict[str, Any]:
    """What was found so far. Raises `NotFound`, also where the caller does not oversee the room."""
    asked = await _readable(tx, caller, job_id)
    job = await queries.get(tx, job_id)
    if job is None:
        raise NotFound("job")
    counts = await storage.counts(tx, job_id)
    parts = {kind: await _part(tx, asked, kind, counts) for kind in ("lost", "kept", "refused")}
    parts["lost"]["in_fact"] = sum(row["in_fact"] for row in counts)
    parts["refused"]["takes"] = await storage.count_takes(tx, job_id, asked.since)
    return {
        "job_id": job_id,
        "room_id": asked.room_id,
        "company_id": asked.company_id,
        "quarter": asked.quarter,
        "since": asked.since,
        "until": asked.until,
        "settings": {name: asked.numbers[name] for name in DEFAULTS},
        "state": job.state,
        "asked_by": job.owner_id,
        "created_at": job.created_at,
        "employees": _employees(counts),
        **parts,
        # The gateway asks vip, which knows who held whom.
        "vips_without_place": None,
    }


async def report_rows(tx: Tx, caller: Caller, job: Job) -> Sequence[Sequence[str]]:
    """The job's report: a row for each finding, in order of time. Raises `NotFound`."""
    await _readable(tx, caller, job.id)
    return [
        (
            row["kind"],
            row["at"].isoformat(),
            str(row["seller_id"]),
            row["client_name"],
            str(row["activity_id"]),
            row["in_fact_at"].isoformat() if row["in_fact_at"] else "",
            "" if row["seconds"] is None else str(row["seconds"]),
        )
        for row in await storage.shown(tx, job.id, None, MOST_REPORTED)
    ]


async def _readable(tx: Tx, caller: Caller, job_id: JobId) -> WhatIf:
    asked = await storage.find(tx, job_id)
    if asked is None or not caller.oversees(asked.room_id):
        raise NotFound("job")
    return asked


async def _part(tx: Tx, asked: WhatIf, kind: Kind, counts: Sequence[Row]) -> dict[str, Any]:
    rows = await storage.shown(tx, asked.job_id, kind, SHOWN)
    return {
        "count": sum(row["count"] for row in counts if row["kind"] == kind),
        "first": [_shown(row) for row in rows],
    }


def _shown(row: Row) -> Mapping[str, Any]:
    return {
        "activity_id": row["activity_id"],
        "client": {"id": row["client_id"], "name": row["client_name"]},
        "employee_id": row["seller_id"],
        "at": row["at"],
        "in_fact_at": row["in_fact_at"],
        "retry_after_seconds": row["seconds"],
    }


def _employees(counts: Sequence[Row]) -> list[dict[str, Any]]:
    by_employee: dict[UUID, dict[str, Any]] = {}
    for row in counts:
        none = {"employee_id": row["seller_id"], "lost": 0, "kept": 0, "refused": 0}
        by_employee.setdefault(row["seller_id"], none)[row["kind"]] = row["count"]
    return list(by_employee.values())
