"""A payroll system's side of our pay, small enough to read: keeps every line of pay and adds up who
gets what.

    python -m deploy.examples.payroll follow                 read new lines for ever
    python -m deploy.examples.payroll follow --until-idle    read what there is, then end
    python -m deploy.examples.payroll totals                 tenant, employee, period, total, lines
    python -m deploy.examples.payroll prove                  compare the totals with our statements;
    exit 1 where they differ

It needs Python, aiokafka and the address of Kafka (`--kafka`, else SALES_KAFKA, else
.run/demo.json). Lines are kept in `--file` (payroll.sqlite). `prove` asks the gateway as an
accountant: `--gateway --username --password`, else .run/demo.json; run `follow --until-idle` before
it.

Why it can be trusted: a line and the offset behind it are stored in one SQLite transaction, so
wherever it is killed it goes on from the right place; a batch whose place has moved meanwhile (a
second copy works on the same file) is thrown away; a line that comes again changes nothing, and the
same id with other contents stops it. It joins no consumer group. Types that it does not know, and
records without a value, are passed over. Amounts are kept in kopecks, as whole numbers.
"""

import argparse
import asyncio
import itertools
import json
import os
import sqlite3
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

TOPIC = "sales.motivation.v1"
LINES = ("accrual.posted", "correction.posted", "adjustment.posted")
IDLE_SECONDS = 1.0
SCHEMA = """
    CREATE TABLE IF NOT EXISTS line (
        tenant TEXT, entry TEXT, employee TEXT, period TEXT, kopecks INTEGER,
        currency TEXT, value TEXT,
        PRIMARY KEY (tenant, entry)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS place (topic TEXT, partition INTEGER, next INTEGER,
        PRIMARY KEY (topic, partition)) WITHOUT ROWID;
"""
TOTALS = """
    SELECT tenant, employee, period, currency, sum(kopecks), count(*) FROM line
    WHERE ? IN ('', tenant) GROUP BY tenant, employee, period, currency
        ORDER BY tenant, employee, period, currency
"""


class Contradiction(Exception):
    """A line came again with other contents: a person must look at it."""


class Book:
    """The lines and where we are in the topic, in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, timeout=60, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.executescript(SCHEMA)

    @contextmanager
    def _alone(self) -> Iterator[sqlite3.Connection]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield self._database
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def place(self, topic: str, partition: int) -> int:
        """The offset to read next."""
        row = self._database.execute(
            "SELECT next FROM place WHERE topic = ? AND partition = ?", (topic, partition)
        ).fetchone()
        return row[0] if row else 0

    def take(self, topic: str, partition: int, records: Sequence[Any], end: int) -> bool:
        """Stores the lines in `records` and that we are at `end`; False if someone else has moved
        on: read again from `place`.
        """
        with self._alone() as database:
            if self.place(topic, partition) > records[0].offset:
                return False
            for line in filter(None, map(line_of, records)):
                self._keep(database, line)
            database.execute(
                "INSERT OR REPLACE INTO place VALUES (?, ?, ?)", (topic, partition, end)
            )
        return True

    @staticmethod
    def _keep(database: sqlite3.Connection, line: tuple[Any, ...]) -> None:
        known = database.execute(
            "SELECT * FROM line WHERE tenant = ? AND entry = ?", line[:2]
        ).fetchone()
        if known is None:
            database.execute("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?, ?)", line)
        elif known != line:
            raise Contradiction(
                f"line {line[1]} of tenant {line[0]} came again with other contents"
            )

    def totals(self, tenant: str = "") -> list[tuple[str, str, str, str, int, int]]:
        """Tenant, employee, period, currency, kopecks, lines; of one tenant or all."""
        return self._database.execute(TOTALS, (tenant,)).fetchall()


def line_of(record: Any) -> tuple[Any, ...] | None:
    """The row of a line of pay, None for anything else."""
    headers = dict(record.headers)
    if record.value is None or headers.get("ce_type", b"").decode("utf-8", "replace") not in LINES:
        return None
    told = json.loads(record.value)
    money = told["amount"]
    kopecks = int(Decimal(money["amount"]) * 100)
    value = record.value.decode()
    return (
        headers["ce_tenantid"].decode(),
        told["entry_id"],
        told["employee_id"],
        told["period"],
        kopecks,
        money["currency"],
        value,
    )


async def follow(book: Book, kafka: str, topic: str, until_idle: bool) -> None:
    """Reads every partition, also those added later, from where the book is."""
    reader = AIOKafkaConsumer(
        topic,
        bootstrap_servers=kafka,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    await reader.start()
    try:
        heard, placed = time.monotonic(), set[TopicPartition]()
        while True:
            for partition in reader.assignment() - placed:
                reader.seek(partition, book.place(topic, partition.partition))
                placed.add(partition)
            batches = await reader.getmany(timeout_ms=200)
            for partition, records in batches.items():
                if not book.take(topic, partition.partition, records, records[-1].offset + 1):
                    reader.seek(partition, book.place(topic, partition.partition))
                heard = time.monotonic()
            if (
                until_idle
                and time.monotonic() - heard > IDLE_SECONDS
                and await _at_the_end(reader, placed)
            ):
                return
    finally:
        await reader.stop()


async def _at_the_end(reader: AIOKafkaConsumer, assigned: set[TopicPartition]) -> bool:
    if not assigned:
        return False
    ends = await reader.end_offsets(list(assigned))
    return all([await reader.position(partition) >= ends[partition] for partition in assigned])


class Gateway:
    """Our API, as an accountant sees it."""

    def __init__(self, address: str, username: str, password: str) -> None:
        self._address = address.rstrip("/")
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        form = urllib.parse.urlencode({"username": username, "password": password}).encode()
        self._headers: dict[str, str] = {}
        self._headers = {
            "Authorization": f"Bearer {self._call('/auth/token', form)['access_token']}"
        }

    def _call(self, path: str, form: bytes | None = None) -> Any:
        request = urllib.request.Request(f"{self._address}/api/v1{path}", form, self._headers)
        with self._opener.open(request, timeout=30) as answer:
            return json.load(answer)

    def tenant(self) -> str:
        return str(self._call("/me")["tenant_id"])

    def employees(self) -> set[str]:
        """Everyone that the directory lists."""
        found: set[str] = set()
        cursor: str | None = ""
        while cursor is not None:
            page = self._call(
                "/employees?"
                + urllib.parse.urlencode({"limit": 100} | ({"cursor": cursor} if cursor else {}))
            )
            found |= {one["id"] for one in page["items"]}
            cursor = page["next_cursor"]
        return found

    def totals(self, employee: str, period: str) -> dict[str, int]:
        """What the statement says, in kopecks by currency."""
        query = urllib.parse.urlencode({"employee_id": employee, "period": period})
        sums: dict[str, int] = {}
        for line in self._call(f"/motivation/statement?{query}")["lines"]:
            money = line["amount"]
            sums[money["currency"]] = sums.get(money["currency"], 0) + int(
                Decimal(money["amount"]) * 100
            )
        return sums


def prove(book: Book, gateway: Gateway) -> list[str]:
    """Each employee's month where our book and their statement differ, in words.

    Compared are all employees, whether the book has heard of them or not, in this month and in each
    that the book has.
    """
    ours: dict[tuple[str, str], dict[str, int]] = {}
    for _, employee, period, currency, kopecks, _ in book.totals(gateway.tenant()):
        ours.setdefault((employee, period), {})[currency] = kopecks
    employees = {employee for employee, _ in ours} | gateway.employees()
    periods = {period for _, period in ours} | {time.strftime("%Y-%m")}
    compared, differences = 0, []
    for employee, period in itertools.product(sorted(employees), sorted(periods)):
        sums, theirs = ours.get((employee, period), {}), gateway.totals(employee, period)
        compared += bool(sums or theirs)
        if theirs != sums:
            differences.append(
                f"{employee} {period}: payroll has {_text(sums)}, the statement says"
                f" {_text(theirs)}"
            )
    print(f"{compared} statements compared, {len(differences)} differences")
    return differences


def _text(sums: dict[str, int]) -> str:
    return (
        ", ".join(
            f"{Decimal(kopecks) / 100:.2f} {currency}" for currency, kopecks in sorted(sums.items())
        )
        or "nothing"
    )


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    demo_file = Path(__file__).parents[2] / ".run" / "demo.json"
    demo = json.loads(demo_file.read_text()) if demo_file.exists() else {}
    log_in: dict[str, str] = next(
        (one for one in demo.get("accounts", []) if "accountant" in one["roles"]), {}
    )
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["follow", "totals", "prove"])
    parser.add_argument(
        "--until-idle", action="store_true", help="end when everything there is has been read"
    )
    parser.add_argument("--file", type=Path, default=Path("payroll.sqlite"))
    parser.add_argument("--kafka", default=os.environ.get("SALES_KAFKA") or demo.get("kafka"))
    parser.add_argument("--topic", default=os.environ.get("SALES_NAMESPACE", "") + TOPIC)
    parser.add_argument("--gateway", default=demo.get("gateway"))
    parser.add_argument("--username", default=log_in.get("username"))
    parser.add_argument("--password", default=log_in.get("password"))
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    asked = _arguments(given)
    book = Book(asked.file)
    if asked.what == "follow":
        asyncio.run(follow(book, asked.kafka, asked.topic, asked.until_idle))
    elif asked.what == "totals":
        for tenant, employee, period, currency, kopecks, lines in book.totals():
            print(f"{tenant};{employee};{period};{_text({currency: kopecks})};{lines}")
    else:
        differences = prove(book, Gateway(asked.gateway, asked.username, asked.password))
        print(*differences, sep="\n", end="\n" if differences else "")
        return 1 if differences else 0
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
    except (Contradiction, urllib.error.URLError) as why:
        sys.exit(f"payroll: {why}")
