"""What a payroll system answers for approved statements, on its way to `sales.inbound-payouts.v1`.

An answer is written down with its id before it is sent, and marked as sent once Kafka has it.
Killed in between, the same bytes go out again under the same id, and change nothing there.
"""

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from faststream.kafka import KafkaBroker

from deploy.examples.payroll_book import Book, Statement
from shared.bus.connection import KafkaConnection

TOPIC = "sales.inbound-payouts.v1"
LINES = 2000
"""The most that one answer may hold."""


class Answer(NamedTuple):
    """A row of `answer` that waits to be sent; `value` is the event's data."""

    payroll_id: str
    event: str
    tenant: str
    company: str
    value: str

    def headers(self, moment: datetime) -> dict[str, str]:
        """The event's envelope: the subject is the company, whose answers so stay in order."""
        return {
            "ce_specversion": "1.0",
            "ce_id": self.event,
            "ce_type": "payout.reported",
            "ce_source": "/sales/payroll",
            "ce_dataschema": "/schemas/payout.reported/v1",
            "ce_time": moment.isoformat().replace("+00:00", "Z"),
            "ce_subject": f"payout/{self.company}",
            "ce_tenantid": self.tenant,
            "ce_aggregateversion": "1",
        }


def prepare(book: Book) -> None:
    """Writes down an answer for the statements that have none, one for each company's month."""
    with book.transaction() as database:
        rows = database.execute(
            "SELECT tenant, statement, company, period, amount, currency FROM statement"
            " WHERE payroll_id IS NULL ORDER BY tenant, company, period, statement"
        )
        months = groupby(map(Statement._make, rows.fetchall()), _month_of)
        for (tenant, company, period), group in months:
            statements = list(group)
            for start in range(0, len(statements), LINES):
                part = statements[start : start + LINES]
                event = str(uuid.uuid4())
                payroll_id = f"ZP-{period}-{event}"
                database.execute(
                    "INSERT INTO answer VALUES (?, ?, ?, ?, ?, 0)",
                    (payroll_id, event, tenant, company, _value(payroll_id, part)),
                )
                database.executemany(
                    "UPDATE statement SET payroll_id = ? WHERE tenant = ? AND statement = ?",
                    [(payroll_id, tenant, row.statement) for row in part],
                )


async def send(book: Book, kafka: KafkaConnection, topic: str) -> int:
    """Sends what has not been sent; how many answers that were."""
    with book.transaction() as database:
        rows = database.execute(
            "SELECT payroll_id, event, tenant, company, value FROM answer WHERE sent = 0"
        )
        answers = list(map(Answer._make, rows.fetchall()))
    async with KafkaBroker(kafka.bootstrap, security=kafka.security(), logger=None) as broker:
        for answer in answers:
            await broker.publish(
                answer.value.encode(),
                topic,
                key=f"{answer.tenant}:{answer.company}".encode(),
                headers=answer.headers(datetime.now(UTC)),
            )
            with book.transaction() as database:
                database.execute(
                    "UPDATE answer SET sent = 1 WHERE payroll_id = ?", (answer.payroll_id,)
                )
    return len(answers)


def _value(payroll_id: str, statements: Sequence[Statement]) -> str:
    lines = [
        {
            "statement_id": row.statement,
            # Who is to get nothing, or less, is taken over and gets no money.
            "outcome": "paid" if Decimal(row.amount) > 0 else "accepted",
            "amount": {"amount": row.amount, "currency": row.currency},
        }
        for row in statements
    ]
    first = statements[0]
    return json.dumps(
        {
            "payroll_id": payroll_id,
            "company_id": first.company,
            "period": first.period,
            "lines": lines,
        }
    )


def _month_of(statement: Statement) -> Any:
    return statement.tenant, statement.company, statement.period
