"""Numbers of invoices, each once in a company and the year of its issue by the company's days.

The statement that locks the activity claims the number as well, so that it costs no trip of its
own. A number of ours holds the company's counter until the transaction ends: there are no gaps, and
companies don't wait for each other.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Text, Uuid, bindparam, cast, func, literal, select, true
from sqlalchemy.dialects.postgresql import insert

from services.activities.storage.locking import (
    LockedActivity,
    is_outdated,
    lock,
    locked_activity,
    select_locked,
)
from services.activities.storage.tables.money import invoice_counter, invoice_number
from shared.db import Tx, compiled
from shared.db.transaction import Row
from shared.ids import ActivityId
from shared.paper_numbers import search_number

_TRIES = 100
"""How many numbers of ours may have been typed before, one after the other."""

_n = invoice_number.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_typed = bindparam("number", type_=Text)
_activity = select_locked().cte("locked")
_this_year = cast(
    func.extract("year", func.timezone(_activity.c.company_time_zone, func.clock_timestamp())),
    Integer,
)
_counted = (
    insert(invoice_counter)
    .from_select(
        ["tenant_id", "company_id", "year", "last"],
        select(_tenant_id, _activity.c.company_id, _this_year, literal(1)).where(_typed.is_(None)),
    )
    .on_conflict_do_update(
        index_elements=["tenant_id", "company_id", "year"],
        set_={"last": invoice_counter.c.last + 1},
    )
    .returning(invoice_counter.c.year, invoice_counter.c.last)
    .cte("counted")
)
_ours = cast(_counted.c.year, Text) + "-" + cast(_counted.c.last, Text)
_claimed = (
    insert(invoice_number)
    .from_select(
        [
            "tenant_id",
            "company_id",
            "year",
            "number",
            "search_number",
            "activity_id",
            "invoice_id",
        ],
        select(
            _tenant_id,
            _activity.c.company_id,
            func.coalesce(_counted.c.year, _this_year),
            func.coalesce(_typed, _ours),
            # Ours is looked for as it is.
            func.coalesce(bindparam("search_number", type_=Text), _ours),
            _activity.c.id,
            bindparam("invoice_id", type_=Uuid),
        ).select_from(_activity.outerjoin(_counted, true())),
    )
    .on_conflict_do_nothing()
    .returning(_n.number)
    .cte("claimed")
)
LOCK_AND_CLAIM = compiled(
    select(
        func.clock_timestamp().label("now"), _activity, _claimed.c.number.label("claimed_number")
    ).select_from(_activity.outerjoin(_claimed, true()))
)


async def lock_and_claim(
    tx: Tx, activity_id: ActivityId, invoice_id: UUID, typed: str | None
) -> tuple[LockedActivity, str | None]:
    """The activity, locked, and the number of its new invoice: the next of the company, or the
    `typed` one; None where that is taken.

    Raises `NotFound`.
    """
    values = {
        "activity_id": activity_id,
        "invoice_id": invoice_id,
        "number": typed,
        "search_number": search_number(typed) if typed else None,
    }
    for _ in range(1 if typed else _TRIES):
        row = await _claim(tx, values)
        locked = locked_activity(tx, row)
        if row and row["claimed_number"]:
            break
    if is_outdated(row):
        locked = await lock(tx, activity_id)
    return locked, row["claimed_number"] if row else None


async def _claim(tx: Tx, values: Mapping[str, Any]) -> Row | None:
    """Who waited for a merge finds no activity and has claimed no number: then once more."""
    return await tx.row(LOCK_AND_CLAIM, **values) or await tx.row(LOCK_AND_CLAIM, **values)
