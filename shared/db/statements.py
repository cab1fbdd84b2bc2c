"""Statements: built with SQLAlchemy, compiled once, run on asyncpg with positional parameters.

A command's writes are one statement: state, events for the outbox and the response to its
Idempotency-Key commit in one trip.
"""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    LargeBinary,
    SmallInteger,
    Text,
    Uuid,
    bindparam,
    func,
    insert,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql.asyncpg import PGCompiler_asyncpg, dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeEngine

from shared.db.bulk import BulkRows
from shared.db.tables import IDEMPOTENT_RESPONSE, OUTBOX, Moment

_DIALECT = dialect()  # type: ignore[no-untyped-call]
_CODE = re.compile("[a-z_.]+")


class Statement:
    """SQL with `$n` placeholders and the names of its parameters in that order, compiled when it is
    first used: a process runs few of the statements of its service.
    """

    __slots__ = ("_clause", "defaults", "names", "sql")
    sql: str
    names: tuple[str, ...]
    defaults: Mapping[str, Any]

    def __init__(self, clause: ClauseElement) -> None:
        self._clause = clause

    def __getattr__(self, name: str) -> Any:
        """Compiles, where a slot is asked for that is empty yet."""
        if name not in Statement.__slots__:
            raise AttributeError(name)
        built: Any = self._clause.compile(dialect=_DIALECT)
        self.sql, self.names = str(built), tuple(built.positiontup or ())
        self.defaults = {
            name: value
            for name, value in built.params.items()
            if value is not None or name not in _required(built)
        }
        return getattr(self, name)

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the statement's order. Raises `KeyError` for one that is missing."""
        return [values[name] if name in values else self.defaults[name] for name in self.names]


class _Compiler(PGCompiler_asyncpg):
    """Writes codes (`status = 'won'`) into the text.

    As parameters they hide partial indexes from the plan that PostgreSQL keeps for a prepared
    statement; it then plans anew each time, at several times the cost of the execution.
    """

    def visit_bindparam(self, bindparam: Any, *context: Any, **how: Any) -> Any:
        if (
            bindparam.unique
            and isinstance(bindparam.value, str)
            and _CODE.fullmatch(bindparam.value)
        ):
            how["literal_binds"] = True
        return super().visit_bindparam(bindparam, *context, **how)  # type: ignore[no-untyped-call]


_DIALECT.statement_compiler = _Compiler


def compiled(statement: ClauseElement) -> Statement:
    """Any statement with its literal values; make what runs often once, at import."""
    return Statement(statement)


def _required(built: Any) -> set[str]:
    return {name for bind, name in built.bind_names.items() if bind.required}


EVENT_COLUMNS: Mapping[str, TypeEngine[Any]] = {
    "topic": Text(),
    "aggregate_id": Uuid(),
    "aggregate_version": BigInteger(),
    "shard": SmallInteger(),
    "event_id": Uuid(),
    "type": Text(),
    "noun": Text(),
    "value": LargeBinary(),
}
EVENTS = BulkRows("event", {**EVENT_COLUMNS, "correlation_id": Text(), "causation_id": Text()})


def writing(*changes: UpdateBase) -> Statement:
    """One statement for `changes`, the events and the response, run by `Tx.save`; gives how many
    rows the first change touched.

    Its parameters are those of `changes`, bound by name, and what the transaction adds.
    """
    parts = [
        change.returning(literal_column("1").label("touched")).cte(f"change_{number}")
        for number, change in enumerate(changes)
    ]
    events = (
        insert(OUTBOX)
        .from_select(
            ["tenant_id", "created_at", *EVENTS.c.keys()],
            select(
                bindparam("tx_tenant", type_=Uuid), bindparam("tx_now", type_=Moment), *EVENTS.c
            ),
        )
        .returning(literal_column("1").label("touched"))
        .cte("events")
    )
    response = (
        insert(IDEMPOTENT_RESPONSE)
        .from_select(
            ["tenant_id", "caller_id", "key", "fingerprint", "status", "body"],
            select(
                bindparam("tx_tenant", type_=Uuid),
                bindparam("response_caller", type_=Uuid),
                bindparam("response_key", type_=Text),
                bindparam("response_fingerprint", type_=LargeBinary),
                bindparam("response_status", type_=BigInteger),
                bindparam("response_body", type_=LargeBinary),
            ).where(bindparam("response_key", type_=Text).is_not(None)),
        )
        .returning(literal_column("1").label("touched"))
        .cte("response_stored")
    )
    first = parts[0] if parts else events
    return compiled(
        select(select(func.count()).select_from(first).scalar_subquery().label("changed")).add_cte(
            *parts, events, response
        )
    )
