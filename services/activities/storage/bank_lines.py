"""Lines of bank statements, each once in the tenant, and what was done with them."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    BigInteger,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.domain.bank_line import BankLine, LinePart, Proposal
from services.activities.storage.mapping import plain
from services.activities.storage.tables.bank import (
    bank_line,
    bank_line_entry,
    bank_statement_line,
)
from shared.db import BulkRows, Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.ids import ActivityId, EmployeeId, new_id
from shared.money import Money

_l, _e, _sl = bank_line.c, bank_line_entry.c, bank_statement_line.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_columns = {column.name: column.type for column in bank_line.c if column.name != "tenant_id"}
# JSON comes as texts: the driver takes lists in an array for its further dimensions.
_new = BulkRows(
    "line",
    {
        name: Text() if isinstance(kind, JSONB) else kind
        for name, kind in _columns.items()
        if name not in ("parts", "changed_at", "changed_by")
    },
)
_ADD = compiled(
    upsert(bank_line)
    .from_select(
        ["tenant_id", *_new.c.keys(), "parts", "changed_at"],
        select(
            _tenant_id,
            *(
                column.cast(JSONB) if isinstance(_columns[column.name], JSONB) else column
                for column in _new.c
            ),
            func.jsonb_build_array(),
            bindparam("now", type_=Moment),
        ),
    )
    .on_conflict_do_nothing(index_elements=["tenant_id", "identity", "ordinal"])
    .returning(_l.id)
)
_wanted = BulkRows("wanted", {"identity": LargeBinary(), "ordinal": Integer()})
_FIND = compiled(
    select(_l.id, _l.identity, _l.ordinal)
    .join(_wanted.table, (_l.identity == _wanted.c.identity) & (_l.ordinal == _wanted.c.ordinal))
    .where(_l.tenant_id == _tenant_id)
)
_LOCK = compiled(
    select(bank_line, func.clock_timestamp().label("now"))
    .where(_l.tenant_id == _tenant_id, _l.id == bindparam("id", type_=Uuid))
    .with_for_update()
)
_LOCK_SURE = compiled(
    select(bank_line, _sl.position)
    .join(bank_statement_line, (_sl.tenant_id == _l.tenant_id) & (_sl.line_id == _l.id))
    .where(
        _sl.tenant_id == _tenant_id,
        _sl.statement_id == bindparam("statement_id", type_=Uuid),
        _sl.position > bindparam("after", type_=Integer),
        _l.state == "sure",
    )
    .order_by(_sl.position)
    .limit(bindparam("limit", type_=BigInteger))
    .with_for_update(of=bank_line)
)
_COUNT_SURE = compiled(
    select(func.count().label("lines"))
    .select_from(bank_line)
    .join(bank_statement_line, (_sl.tenant_id == _l.tenant_id) & (_sl.line_id == _l.id))
    .where(
        _sl.tenant_id == _tenant_id,
        _sl.statement_id == bindparam("statement_id", type_=Uuid),
        _l.state == "sure",
    )
)
_CHANGED = ("state", "proposals", "parts", "reason", "changed_at", "changed_by")
_SAVE = compiled(
    update(bank_line)
    .where(_l.tenant_id == _tenant_id, _l.id == bindparam("line_id", type_=Uuid))
    .values({name: bindparam(f"new_{name}", type_=_l[name].type) for name in _CHANGED})
)
_NOTE = compiled(
    insert(bank_line_entry).values(
        {
            column.name: bindparam(column.name, type_=column.type)
            for column in bank_line_entry.c
            if column.name != "tenant_id"
        }
        | {"tenant_id": _tenant_id}
    )
)


async def add(tx: Tx, rows: Iterable[dict[str, Any]]) -> dict[tuple[bytes, int], UUID]:
    """Adds those of `rows` that no file has brought yet; the ids of all by identity and ordinal.

    They are written in the order of their identities: two files at once wait for each other and
    never both.
    """
    ordered = sorted(rows, key=lambda row: (row["identity"], row["ordinal"]))
    new = [row | {"proposals": orjson.dumps(plain(row["proposals"])).decode()} for row in ordered]
    await tx.rows(_ADD, now=await tx.read_clock(), **_new.of(new))
    found = await tx.rows(_FIND, **_wanted.of(ordered))
    return {(bytes(row["identity"]), row["ordinal"]): row["id"] for row in found}


async def lock(tx: Tx, line_id: UUID) -> BankLine | None:
    """The line, locked until the transaction ends; None where there is none."""
    row = await tx.row(_LOCK, id=line_id)
    if row is None:
        return None
    tx.at(row["now"])
    return line_of(row)


async def lock_sure(
    tx: Tx, statement_id: UUID, after: int, limit: int
) -> list[tuple[int, BankLine]]:
    """Up to `limit` lines that are matched for sure, behind a line of the file, locked; each with
    its place in the file.
    """
    rows = await tx.rows(_LOCK_SURE, statement_id=statement_id, after=after, limit=limit)
    return [(row["position"], line_of(row)) for row in rows]


async def count_sure(tx: Tx, statement_id: UUID) -> int:
    """How many lines of the statement are matched for sure and not booked."""
    row = await tx.row(_COUNT_SURE, statement_id=statement_id)
    return row["lines"] if row else 0


async def save(tx: Tx, line: BankLine, what: str, by: EmployeeId | None) -> None:
    """Writes a locked line, and in its history what was done with it, by whom and why."""
    parts, reason = plain(line.parts), line.reason
    await tx.rows(
        _SAVE,
        line_id=line.id,
        new_state=line.state,
        new_proposals=plain(line.proposals),
        new_parts=parts,
        new_reason=reason,
        new_changed_at=tx.now,
        new_changed_by=by,
    )
    await tx.rows(
        _NOTE,
        line_id=line.id,
        id=new_id(),
        at=tx.now,
        who=by,
        what=what,
        reason=reason,
        parts=parts,
    )


def line_of(row: Row) -> BankLine:
    """The line in a row."""
    return BankLine(
        id=row["id"],
        identity=bytes(row["identity"]),
        ordinal=row["ordinal"],
        company_id=row["company_id"],
        kind=row["kind"],
        state=row["state"],
        amount=Money.build(amount=row["amount"], currency=row["currency"]),
        operation_on=row["operation_on"],
        proposals=tuple(
            Proposal(_parts(stored["parts"]), tuple(stored["reasons"]))
            for stored in row["proposals"]
        ),
        parts=_parts(row["parts"]),
        reason=row["reason"],
    )


def _parts(stored: Sequence[Mapping[str, Any]]) -> tuple[LinePart, ...]:
    return tuple(
        LinePart(
            activity_id=ActivityId(UUID(part["activity_id"])),
            invoice_id=_id_of(part["invoice_id"]),
            amount=Money.build(
                amount=Decimal(part["amount"]["amount"]), currency=part["amount"]["currency"]
            ),
            payment_id=_id_of(part["payment_id"]),
            was_claimed=part["was_claimed"],
        )
        for part in stored
    )


def _id_of(text: str | None) -> UUID | None:
    return UUID(text) if text else None
