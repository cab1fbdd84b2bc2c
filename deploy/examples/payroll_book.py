"""A payroll system's database: the entries of pay, approved statements, answers for them and the
positions in the topic, in one SQLite file.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

TYPES = ("accrual.posted", "correction.posted", "adjustment.posted")
APPROVED = "statement.approved"
SCHEMA = """
    CREATE TABLE IF NOT EXISTS entry (
        tenant TEXT, entry TEXT, employee TEXT, period TEXT, kopecks INTEGER, currency TEXT,
        value TEXT, PRIMARY KEY (tenant, entry)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS statement (
        tenant TEXT, statement TEXT, company TEXT, period TEXT, amount TEXT, currency TEXT,
        payroll_id TEXT, PRIMARY KEY (tenant, statement)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS answer (
        payroll_id TEXT PRIMARY KEY, event TEXT, tenant TEXT, company TEXT, value TEXT,
        sent INTEGER DEFAULT 0
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS position (
        topic TEXT, partition INTEGER, next_offset INTEGER, PRIMARY KEY (topic, partition)
    ) WITHOUT ROWID;
"""
TOTALS = """
    SELECT tenant, employee, period, currency, sum(kopecks), count(*) FROM entry
    WHERE ? IN ('', tenant) GROUP BY tenant, employee, period, currency
    ORDER BY tenant, employee, period, currency
"""


class Contradiction(Exception):
    """An entry came again with other contents: a person must look at it."""


class Entry(NamedTuple):
    """A row of `entry`; `value` is the event as it came."""

    tenant: str
    entry: str
    employee: str
    period: str
    kopecks: int
    currency: str
    value: str


class Statement(NamedTuple):
    """An approved statement: what is to be paid to one employee for a company's month."""

    tenant: str
    statement: str
    company: str
    period: str
    amount: str
    currency: str


class Total(NamedTuple):
    """What the entries of an employee's month add up to."""

    tenant: str
    employee: str
    period: str
    currency: str
    kopecks: int
    entries: int


class Book:
    """Entries and positions; several processes may share the file."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, timeout=60, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.executescript(SCHEMA)

    def next_offset(self, topic: str, partition: int) -> int:
        """The offset to read next."""
        row = self._database.execute(
            "SELECT next_offset FROM position WHERE topic = ? AND partition = ?", (topic, partition)
        ).fetchone()
        return row[0] if row else 0

    def store(self, topic: str, partition: int, records: Sequence[Any]) -> bool:
        """Stores the entries in a partition's `records` and the offset behind them.

        One transaction. False, and nothing is stored, where another process has stored the first
        record already: read again from `next_offset`. Raises `Contradiction`.
        """
        with self.transaction() as database:
            if self.next_offset(topic, partition) > records[0].offset:
                return False
            for entry in filter(None, map(entry_of, records)):
                self._add(database, entry)
            database.executemany(
                "INSERT OR IGNORE INTO statement VALUES (?, ?, ?, ?, ?, ?, NULL)",
                filter(None, map(statement_of, records)),
            )
            database.execute(
                "INSERT OR REPLACE INTO position VALUES (?, ?, ?)",
                (topic, partition, records[-1].offset + 1),
            )
        return True

    def totals(self, tenant: str = "") -> list[Total]:
        """Of one tenant or all."""
        return [Total(*row) for row in self._database.execute(TOTALS, (tenant,))]

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield self._database
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    @staticmethod
    def _add(database: sqlite3.Connection, entry: Entry) -> None:
        stored = database.execute(
            "SELECT * FROM entry WHERE tenant = ? AND entry = ?", (entry.tenant, entry.entry)
        ).fetchone()
        if stored is None:
            database.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", entry)
        elif stored != entry:
            raise Contradiction(
                f"entry {entry.entry} of tenant {entry.tenant} came again with other contents"
            )


def entry_of(record: Any) -> Entry | None:
    """The entry in a record; None for types that payroll does not handle, and tombstones."""
    if record.value is None or type_of(record) not in TYPES:
        return None
    headers, event = dict(record.headers), json.loads(record.value)
    return Entry(
        tenant=headers["ce_tenantid"].decode(),
        entry=event["entry_id"],
        employee=event["employee_id"],
        period=event["period"],
        kopecks=int(Decimal(event["amount"]["amount"]) * 100),
        currency=event["amount"]["currency"],
        value=record.value.decode(),
    )


def statement_of(record: Any) -> Statement | None:
    """The statement whose approval a record tells of; None for other types, and tombstones."""
    if record.value is None or type_of(record) != APPROVED:
        return None
    headers, event = dict(record.headers), json.loads(record.value)
    return Statement(
        tenant=headers["ce_tenantid"].decode(),
        statement=event["statement_id"],
        company=event["company_id"],
        period=event["period"],
        amount=event["total"]["amount"],
        currency=event["total"]["currency"],
    )


def type_of(record: Any) -> str:
    """The type of a record's event; "" where it names none."""
    return (dict(record.headers).get("ce_type") or b"").decode("utf-8", "replace")
