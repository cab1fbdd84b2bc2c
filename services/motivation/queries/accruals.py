"""Why an entry was posted: its rule, its inputs, and the events that led to it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Uuid, bindparam, select

from services.motivation.queries.entries import amount_of, entry_view
from services.motivation.queries.plans import rule_view
from services.motivation.queries.visibility import rooms_of_pay
from services.motivation.storage.plan_tables import plan
from services.motivation.storage.tables import activity_event, entry
from shared.db import Tx, compiled
from shared.errors import NotFound
from shared.ids import EntryId
from shared.tenancy import Caller

_TENANT = bindparam("tenant_id", type_=Uuid)
_ENTRY_ID = bindparam("entry_id", type_=Uuid)
_ACTIVITY_ID = bindparam("activity_id", type_=Uuid)

_WITH_PLAN = compiled(
    select(entry, plan.c.name.label("plan_name"), plan.c.rules)
    .join(
        plan,
        (plan.c.tenant_id == entry.c.tenant_id) & (plan.c.plan_id == entry.c.plan_id),
        isouter=True,
    )
    .where(entry.c.tenant_id == _TENANT, entry.c.entry_id == _ENTRY_ID)
)
_CORRECTIONS = compiled(
    select(entry)
    .where(
        entry.c.tenant_id == _TENANT,
        entry.c.activity_id == _ACTIVITY_ID,
        entry.c.corrects == _ENTRY_ID,
    )
    .order_by(entry.c.posted_at, entry.c.entry_id)
)
_CORRECTIONS_OF_MONTH = compiled(
    select(entry)
    .where(
        entry.c.tenant_id == _TENANT,
        entry.c.company_id == bindparam("company_id", type_=Uuid),
        entry.c.room_id == bindparam("room_id", type_=Uuid),
        entry.c.activity_id.is_(None),
        entry.c.plan_id.is_not(None),
        entry.c.corrects == _ENTRY_ID,
    )
    .order_by(entry.c.posted_at, entry.c.entry_id)
)
_HISTORY = compiled(
    select(activity_event)
    .where(
        activity_event.c.tenant_id == _TENANT,
        activity_event.c.activity_id == _ACTIVITY_ID,
        activity_event.c.version <= bindparam("version", type_=BigInteger),
    )
    .order_by(activity_event.c.version)
)
_SHOWN = (
    "kind",
    "employee_id",
    "personnel_number",
    "company_id",
    "room_id",
    "period",
    "corrected_period",
    "activity_id",
    "activity_version",
    "plan_id",
    "plan_version",
    "plan_name",
    "corrects",
    "reason",
    "posted_by",
    "posted_at",
)


_LATER_INPUTS = dict.fromkeys(
    ("won_on", "vip", "caused_by", "attained", "rate", "month_total", "products")
)


async def get_accrual(tx: Tx, caller: Caller, entry_id: EntryId) -> dict[str, Any]:
    """Why an entry was posted. Raises `NotFound`, also for pay that is not the caller's to see."""
    row = await tx.row(_WITH_PLAN, entry_id=entry_id)
    if row is None:
        raise NotFound("accrual")
    rooms = rooms_of_pay(caller, row["employee_id"])
    if rooms is not None and row["room_id"] not in rooms:
        raise NotFound("accrual")
    history, corrections = await _consequences(tx, row)
    return {
        "id": row["entry_id"],
        "amount": amount_of(row),
        "rule": {"name": row["rule"], "terms": _terms(row)},
        "inputs": _inputs(row["inputs"]),
        "month": _inputs_of_month(row["inputs"]),
        "facts": [_event_view(event) for event in history],
        "corrections": [entry_view(correction) for correction in corrections],
        **{name: row[name] for name in _SHOWN},
    }


async def _consequences(tx: Tx, row: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
    """The events of the entry's activity up to its version, and the entries that correct it."""
    activity_id = row["activity_id"]
    if not activity_id:
        of = {name: row[name] for name in ("company_id", "room_id", "entry_id")}
        return [], list(await tx.rows(_CORRECTIONS_OF_MONTH, **of))
    history = await tx.rows(_HISTORY, activity_id=activity_id, version=row["activity_version"])
    corrections = await tx.rows(_CORRECTIONS, entry_id=row["entry_id"], activity_id=activity_id)
    return history, corrections


def _terms(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """The rule as published; an entry calls it by its position in the plan version."""
    if not row["rules"]:
        return None
    return rule_view(row["rules"][int(row["rule"].partition(":")[0]) - 1])


def _inputs(inputs: Mapping[str, Any]) -> dict[str, Any] | None:
    if "receipts" not in inputs:
        return None
    won_at = inputs["won_at"]
    return {**_LATER_INPUTS, **inputs, "won_at": datetime.fromisoformat(won_at) if won_at else None}


def _inputs_of_month(inputs: Mapping[str, Any]) -> dict[str, Any] | None:
    """Those of a line of the month as a whole; older ones have none."""
    return dict(inputs) if "month" in inputs else None


def _event_view(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": row["event_id"], "type": row["type"], "version": row["version"], "at": row["at"]}
