"""Bank statements: the files that were uploaded, and which lines each has."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    bindparam,
    func,
    insert,
    literal,
    null,
    select,
    update,
)

from services.activities.storage.tables.bank import bank_statement, bank_statement_line
from services.activities.storage.tables.inbound_payments import inbound_payment
from shared.db import BulkRows, Tx, compiled
from shared.db.transaction import Row
from shared.vocabulary import BankStatementState

_s, _i, _sl = bank_statement.c, inbound_payment.c, bank_statement_line.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_id = bindparam("id", type_=Uuid)
_ADD = compiled(
    insert(bank_statement).values(
        {
            column.name: bindparam(column.name, type_=column.type)
            for column in bank_statement.c
            if column.name != "tenant_id"
        }
        | {"tenant_id": _tenant_id}
    )
)
_FIND = compiled(select(bank_statement).where(_s.tenant_id == _tenant_id, _s.id == _id))
_FINISH = compiled(
    update(bank_statement)
    .where(_s.tenant_id == _tenant_id, _s.id == _id)
    .values(state=bindparam("state", type_=Text), upload_id=null())
)
_COUNT_EQUAL = compiled(
    select(_i.line_identity, func.count().label("lines"))
    .join(bank_statement_line, (_sl.tenant_id == _i.tenant_id) & (_sl.line_id == _i.id))
    .where(
        _i.tenant_id == _tenant_id,
        _i.line_identity == func.any(bindparam("identities", type_=ARRAY(LargeBinary))),
        _i.line_identity.is_not(None),
        _sl.statement_id == bindparam("statement_id", type_=Uuid),
    )
    .group_by(_i.line_identity)
)
_linked = BulkRows("linked", {"position": Integer(), "line_id": Uuid()})
_LINK = compiled(
    insert(bank_statement_line).from_select(
        ["tenant_id", "statement_id", *_linked.c.keys()],
        select(_tenant_id, bindparam("statement_id", type_=Uuid), *_linked.c),
    )
)
_HAS = compiled(
    select(literal(1, BigInteger).label("one")).where(
        _sl.tenant_id == _tenant_id,
        _sl.statement_id == bindparam("statement_id", type_=Uuid),
        _sl.line_id == bindparam("line_id", type_=Uuid),
    )
)


async def add(tx: Tx, values: Mapping[str, Any]) -> None:
    """Writes a new statement; `values` has every column but the tenant."""
    await tx.rows(_ADD, **values)


async def find(tx: Tx, statement_id: UUID) -> Row | None:
    """The statement as it is stored; None where there is none."""
    return await tx.row(_FIND, id=statement_id)


async def finish(tx: Tx, statement_id: UUID, state: BankStatementState) -> None:
    """Sets the state of a statement whose file is needed no more."""
    await tx.rows(_FINISH, id=statement_id, state=state)


async def count_equal(tx: Tx, statement_id: UUID, identities: Sequence[bytes]) -> dict[bytes, int]:
    """How many lines of each identity the statement has already."""
    rows = await tx.rows(_COUNT_EQUAL, statement_id=statement_id, identities=list(identities))
    return {bytes(row["line_identity"]): row["lines"] for row in rows}


async def link(tx: Tx, statement_id: UUID, line_ids: Mapping[int, UUID]) -> None:
    """Adds lines to a statement, by the lines of its file on which they begin."""
    rows = [{"position": place, "line_id": line_id} for place, line_id in line_ids.items()]
    await tx.rows(_LINK, statement_id=statement_id, **_linked.of(rows))


async def has_line(tx: Tx, statement_id: UUID, line_id: UUID) -> bool:
    """Whether the statement has the line."""
    return await tx.row(_HAS, statement_id=statement_id, line_id=line_id) is not None
