"""A payroll system's side of our pay, a FastStream application small enough to copy: it keeps every
entry of pay and adds up who gets what.

    python -m deploy.examples.payroll follow                 read new entries for ever
    python -m deploy.examples.payroll follow --until-idle    read what there is, then end
    python -m deploy.examples.payroll totals                 tenant, employee, period, total, count
    python -m deploy.examples.payroll answer                 say that the approved statements that
    were read are paid, each once
    python -m deploy.examples.payroll prove                  compare the totals with our statements;
    exit 1 where they differ

It needs faststream[kafka] and the address of Kafka (`--kafka`, else SALES_KAFKA, else
.run/demo.json), with a log-in where Kafka asks for one (SALES_KAFKA_PROTOCOL, _USER, _PASSWORD).
Entries are kept in `--file` (payroll.sqlite). `prove` asks the gateway as an accountant: `--gateway
--username --password`, else .run/demo.json; run `follow --until-idle` before it.

Why it can be trusted: entries and the offset behind them are stored in one SQLite transaction, so
wherever it is killed it goes on from the right place; a batch whose place has moved meanwhile (a
second copy works on the same file) is thrown away; an entry that comes again changes nothing, and
the same id with other contents stops it, as any other failure does: what follows must not be stored
past it. It joins no consumer group; it needs to read its topic, and to write that of its answers.
Other types, and records without a value, are ignored. Amounts are kept in kopecks, as whole
numbers.
"""

import argparse
import asyncio
import json
import os
import sys
import time
import urllib.error
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker
from faststream.message import StreamMessage

from deploy.examples import payroll_answers
from deploy.examples.payroll_book import Book, Contradiction
from deploy.examples.payroll_proof import Gateway, as_text, prove
from shared.bus.connection import KafkaConnection

TOPIC = "sales.motivation.v1"
POLL_MS = 200
IDLE_SECONDS = 1.0

Records = tuple[ConsumerRecord, ...]


class Payroll:
    """The application: one batch subscriber whose handler is `store`."""

    def __init__(self, book: Book, kafka: KafkaConnection, topic: str) -> None:
        self._book = book
        self._stored_at = time.monotonic()
        self._failure: Exception | None = None
        broker = KafkaBroker(
            kafka.bootstrap,
            security=kafka.security(),
            consumer_only=True,
            apply_types=False,
            logger=None,
        )
        self._subscriber = broker.subscriber(
            topic,
            batch=True,
            batch_timeout_ms=POLL_MS,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            ack_policy=AckPolicy.MANUAL,
            parser=unparsed,
            decoder=raw_records,
        )
        self._subscriber(self.store)
        self._app = FastStream(broker, logger=None)

    async def run(self, until_idle: bool = False) -> None:
        """Reads every partition, also those added later. Raises what the handler failed with."""
        if until_idle:
            self._app.after_startup(self._start_watching)
        await self._app.run()
        if self._failure:
            raise self._failure

    async def store(self, records: Records) -> None:
        """Stores a batch, partition by partition, and goes to where the book is if it is elsewhere:
        at the start, or where another process was faster.
        """
        if self._failure:
            return
        try:
            for (topic, number), batch in groupby(records, place_of):
                if not self._book.store(topic, number, list(batch)):
                    offset = self._book.next_offset(topic, number)
                    self._consumer.seek(TopicPartition(topic, number), offset)
        except Exception as failure:
            # FastStream would log it and go on with the next batch.
            self._stop(failure)
        self._stored_at = time.monotonic()

    @property
    def _consumer(self) -> Any:
        return self._subscriber.consumer

    async def _start_watching(self) -> None:
        self._watching = asyncio.create_task(self._exit_when_idle())

    async def _exit_when_idle(self) -> None:
        try:
            while time.monotonic() - self._stored_at < IDLE_SECONDS or not await self._at_the_end():
                await asyncio.sleep(POLL_MS / 1000)
        except Exception as failure:
            self._stop(failure)
        else:
            self._app.exit()

    def _stop(self, failure: Exception) -> None:
        self._failure = failure
        self._app.exit()

    async def _at_the_end(self) -> bool:
        consumer = self._consumer
        ends = await consumer.end_offsets(list(consumer.assignment()))
        positions = {partition: await consumer.position(partition) for partition in ends}
        return bool(ends) and all(positions[partition] >= end for partition, end in ends.items())


def place_of(record: ConsumerRecord) -> tuple[str, int]:
    return record.topic, record.partition


async def unparsed(records: Records) -> StreamMessage[Records]:
    """The records as they are.

    FastStream would decode every header and value first, and drop the batch of one that it cannot.
    """
    return StreamMessage(records, body=b"")


async def raw_records(message: StreamMessage[Records]) -> Records:
    return message.raw_message


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    book = Book(options.file)
    if options.command == "follow":
        kafka = _kafka(options.kafka)
        asyncio.run(Payroll(book, kafka, options.topic).run(options.until_idle))
    elif options.command == "answer":
        payroll_answers.prepare(book)
        kafka = _kafka(options.kafka)
        sent = asyncio.run(payroll_answers.send(book, kafka, options.answers_topic))
        print(f"{sent} answers sent")
    elif options.command == "totals":
        for total in book.totals():
            amount = as_text({total.currency: total.kopecks})
            print(f"{total.tenant};{total.employee};{total.period};{amount};{total.entries}")
    else:
        gateway = Gateway(options.gateway, options.username, options.password)
        differences = prove(book, gateway)
        print(*differences, sep="\n", end="\n" if differences else "")
        return 1 if differences else 0
    return 0


def _kafka(address: str) -> KafkaConnection:
    """The brokers, with the log-in that the environment or the demo's file names."""
    return KafkaConnection.from_environment(
        _demo().get("kafka_log_in", {}) | os.environ | {"SALES_KAFKA": address}
    )


def _demo() -> dict[str, Any]:
    file = Path(__file__).parents[2] / ".run" / "demo.json"
    demo: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return demo


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    demo, namespace = _demo(), os.environ.get("SALES_NAMESPACE", "")
    accountants = [
        account for account in demo.get("accounts", []) if "accountant" in account["roles"]
    ]
    account = accountants[0] if accountants else {}
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["follow", "totals", "answer", "prove"])
    parser.add_argument(
        "--until-idle", action="store_true", help="end when everything there is has been read"
    )
    parser.add_argument("--file", type=Path, default=Path("payroll.sqlite"))
    parser.add_argument("--kafka", default=os.environ.get("SALES_KAFKA") or demo.get("kafka"))
    parser.add_argument("--topic", default=namespace + TOPIC)
    parser.add_argument("--answers-topic", default=namespace + payroll_answers.TOPIC)
    parser.add_argument("--gateway", default=demo.get("gateway"))
    parser.add_argument("--username", default=account.get("username"))
    parser.add_argument("--password", default=account.get("password"))
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
    except (Contradiction, KafkaError, urllib.error.URLError) as failure:
        sys.exit(f"payroll: {failure}")
