"""Entries of the ledger as the API shows them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from services.motivation.storage.tables import entry
from shared.db import Tx, compiled
from shared.ids import EntryId
from shared.money import MoneySum

_TENANT = bindparam("tenant_id", type_=Uuid)

_BY_ID = compiled(
    select(entry).where(
        entry.c.tenant_id == _TENANT, entry.c.entry_id == bindparam("entry_id", type_=Uuid)
    )
)
_OF_STATEMENTS = compiled(
    select(entry)
    .where(
        entry.c.tenant_id == _TENANT,
        entry.c.statement_id == any_(bindparam("ids", type_=ARRAY(Uuid))),
    )
    .order_by(entry.c.posted_at, entry.c.entry_id)
)
_SHOWN = (
    "kind",
    "company_id",
    "room_id",
    "personnel_number",
    "activity_id",
    "rule",
    "plan_id",
    "plan_version",
    "posted_at",
    "corrects",
    "corrected_period",
    "reason",
)


async def get_entry(tx: Tx, entry_id: EntryId) -> dict[str, Any]:
    """An entry that this transaction has posted."""
    row = await tx.row(_BY_ID, entry_id=entry_id)
    assert row
    return entry_view(row)


async def entries_of_statements(tx: Tx, ids: Sequence[UUID]) -> list[Any]:
    """The rows of the statements' entries, oldest first."""
    return await tx.rows(_OF_STATEMENTS, ids=sorted(ids)) if ids else []


def entry_view(row: Mapping[str, Any]) -> dict[str, Any]:
    """An entry's row as `PayEntryView`."""
    return {
        "id": row["entry_id"],
        "amount": amount_of(row),
        **{name: row[name] for name in _SHOWN},
    }


def amount_of(row: Mapping[str, Any]) -> MoneySum:
    """The amount of an entry's row with its currency."""
    return MoneySum.build(amount=row["amount"], currency=row["currency"])
