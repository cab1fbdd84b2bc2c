"""A payroll system's database: the entries of pay and the positions in the topic, in one SQLite
file.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

TYPES = ("accrual.posted", "correction.posted", "adjustment.posted")
SCHEMA = """
    CREATE TABLE IF NOT EXISTS entry (
        tenant TEXT, entry TEXT, employee TEXT, period TEXT, kopecks INTEGER, currency TEXT,
        value TEXT, PRIMARY KEY (tenant, entry)
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
        with self._transaction() as database:
            if self.next_offset(topic, partition) > records[0].offset:
                return False
            for entry in filter(None, map(entry_of, records)):
                self._add(database, entry)
            database.execute(
                "INSERT OR REPLACE INTO position VALUES (?, ?, ?)",
                (topic, partition, records[-1].offset + 1),
            )
        return True

    def totals(self, tenant: str = "") -> list[Total]:
        """Of one tenant or all."""
        return [Total(*row) for row in self._database.execute(TOTALS, (tenant,))]

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
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
    headers = dict(record.headers)
    event_type = (headers.get("ce_type") or b"").decode("utf-8", "replace")
    if record.value is None or event_type not in TYPES:
        return None
    event = json.loads(record.value)
    return Entry(
        tenant=headers["ce_tenantid"].decode(),
        entry=event["entry_id"],
        employee=event["employee_id"],
        period=event["period"],
        kopecks=int(Decimal(event["amount"]["amount"]) * 100),
        currency=event["amount"]["currency"],
        value=record.value.decode(),
    )
