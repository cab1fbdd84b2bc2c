"""The payroll example: entries and positions are stored together, and a failure stops it."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from deploy.examples.payroll import Payroll
from deploy.examples.payroll_book import Book, Contradiction, Total
from shared.bus.connection import KafkaConnection

TOPIC = "sales.motivation.v1"


@dataclass
class Record:
    """A record as Kafka gives it."""

    offset: int
    amount: str = "10.50"
    entry: str = "e1"
    event_type: bytes | None = b"accrual.posted"
    topic: str = TOPIC
    partition: int = 0
    value: bytes | None = field(init=False)

    def __post_init__(self) -> None:
        money = {"amount": self.amount, "currency": "RUB"}
        self.value = json.dumps(
            {"entry_id": self.entry, "employee_id": "p1", "period": "2026-11", "amount": money}
        ).encode()

    @property
    def headers(self) -> tuple[tuple[str, bytes | None], ...]:
        return (("ce_type", self.event_type), ("ce_tenantid", b"t1"), ("odd", b"\xff"))


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path / "payroll.sqlite")


def test_an_entry_that_comes_again_changes_nothing(book: Book) -> None:
    assert book.store(TOPIC, 0, [Record(0), Record(1, "-0.25", "e2")])
    assert book.store(TOPIC, 0, [Record(2)])
    assert book.totals() == [Total("t1", "p1", "2026-11", "RUB", 1025, 2)]
    assert book.next_offset(TOPIC, 0) == 3


def test_a_batch_that_another_process_has_stored_is_thrown_away(book: Book) -> None:
    assert book.store(TOPIC, 0, [Record(0)])
    assert not book.store(TOPIC, 0, [Record(0), Record(1, entry="e2")])
    assert book.next_offset(TOPIC, 0) == 1


def test_a_contradiction_stores_nothing_of_its_batch(book: Book) -> None:
    book.store(TOPIC, 0, [Record(0)])
    with pytest.raises(Contradiction, match="entry e1 of tenant t1"):
        book.store(TOPIC, 0, [Record(1, entry="e2"), Record(2, "11.00")])
    assert book.next_offset(TOPIC, 0) == 1
    assert book.totals() == [Total("t1", "p1", "2026-11", "RUB", 1050, 1)]


@pytest.mark.parametrize("event_type", [b"statement.closed", b"\xff", None])
def test_other_types_are_ignored_and_passed(book: Book, event_type: bytes | None) -> None:
    assert book.store(TOPIC, 0, [Record(0, event_type=event_type)])
    assert (book.totals(), book.next_offset(TOPIC, 0)) == ([], 1)


async def test_nothing_is_stored_behind_a_failed_batch(book: Book) -> None:
    payroll = Payroll(book, KafkaConnection("127.0.0.1:1"), TOPIC)
    good, contradicting, behind = Record(0), Record(1, "11.00"), Record(2, entry="e2")
    for record in (good, contradicting, behind):
        records: Any = (record,)
        await payroll.store(records)
    assert isinstance(payroll._failure, Contradiction)
    assert book.next_offset(TOPIC, 0) == 1
