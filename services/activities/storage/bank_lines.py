"""Lines of a bank statement that wait to be booked."""

from uuid import UUID

from sqlalchemy import BigInteger, Integer, Uuid, bindparam, func, select

from services.activities.storage.tables.bank import bank_statement_line
from services.activities.storage.tables.inbound_payments import inbound_payment
from shared.db import Tx, compiled

_i, _sl = inbound_payment.c, bank_statement_line.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_linked = (_sl.tenant_id == _i.tenant_id) & (_sl.line_id == _i.id)
_of_statement = (
    _sl.tenant_id == _tenant_id,
    _sl.statement_id == bindparam("statement_id", type_=Uuid),
)
_undecided = (_i.state == "unmatched", _i.version == 1, _i.kind == "incoming")
WAITING = compiled(
    select(_i.id, _sl.position)
    .join(bank_statement_line, _linked)
    .where(*_of_statement, _sl.position > bindparam("after", type_=Integer), *_undecided)
    .order_by(_sl.position)
    .limit(bindparam("limit", type_=BigInteger))
)
_COUNT_SURE = compiled(
    select(func.count().label("lines"))
    .select_from(inbound_payment)
    .join(bank_statement_line, _linked)
    .where(*_of_statement, *_undecided, _i.certainty == "sure")
)


async def find_waiting(tx: Tx, statement_id: UUID, after: int, limit: int) -> dict[UUID, int]:
    """Up to `limit` payments that wait and on which nothing was decided, behind a line of the file;
    each with its place in the file.
    """
    rows = await tx.rows(WAITING, statement_id=statement_id, after=after, limit=limit)
    return {row["id"]: row["position"] for row in rows}


async def count_sure(tx: Tx, statement_id: UUID) -> int:
    """How many lines of the statement are matched for sure and not booked."""
    row = await tx.row(_COUNT_SURE, statement_id=statement_id)
    return row["lines"] if row else 0
