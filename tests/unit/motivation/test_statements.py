"""Pay statements: their totals, their limits, and the checksum that payroll can compute itself."""

import subprocess
from decimal import Decimal
from uuid import UUID

import pytest

from services.motivation.domain.statements import (
    ChecksumEntry,
    PayStatement,
    checksum,
    statement_id,
    totals,
)
from shared.ids import EntryId, new_id
from shared.money import LARGEST, Money, MoneySum
from tests.support.money import roubles
from tests.unit.motivation.deals import ANNA, COMPANY


def test_a_shell_computes_the_same_checksum() -> None:
    accrual = EntryId(new_id())
    entries = [
        ChecksumEntry(accrual, "0042", "2026-11", "accrual", Decimal("50"), None),
        ChecksumEntry(EntryId(new_id()), None, "2026-11", "correction", Decimal("-10.5"), accrual),
        ChecksumEntry(EntryId(UUID(int=1)), "Ж-1", "2026-11", "adjustment", Decimal("0.01"), None),
    ]
    texts = "".join(entry.text() + "\n" for entry in entries)
    shell = subprocess.run(
        ["sh", "-c", "LC_ALL=C sort | sha256sum"],
        input=texts.encode(),
        capture_output=True,
        check=True,
    )
    assert checksum(entries) == checksum(reversed(entries)) == shell.stdout.decode().split()[0]
    assert entries[0].text() == f"{accrual};0042;2026-11;accrual;50.00;"
    assert entries[1].text() == f"{entries[1].entry_id};;2026-11;correction;-10.50;{accrual}"


def test_totals_never_mix_currencies() -> None:
    euro = Money(amount=Decimal(5), currency="EUR")
    assert totals([roubles("1"), euro, roubles("2.50"), euro]) == [
        Money(amount=Decimal(10), currency="EUR"),
        roubles("3.50"),
    ]
    assert totals([]) == []


def empty_statement() -> PayStatement:
    return PayStatement.empty(COMPANY, ANNA, "2026-11", "RUB")


def test_an_empty_statement_is_named_by_company_employee_and_month() -> None:
    statement = empty_statement()
    assert (statement.version, statement.entries, statement.total) == (0, 0, roubles("0"))
    assert statement.id == statement_id(COMPANY, ANNA, "2026-11")
    assert statement.id != statement_id(COMPANY, ANNA, "2026-12")


def test_each_entry_moves_the_statement_one_version_on() -> None:
    statement = empty_statement()
    statement.add(roubles("50"))
    statement.add(roubles("-20.50"))
    assert (statement.version, statement.entries, statement.total) == (2, 2, roubles("29.50"))


def test_a_statement_refuses_another_currency() -> None:
    with pytest.raises(ValueError, match="does not add"):
        empty_statement().add(Money(amount=Decimal(1), currency="EUR"))


def test_a_statement_has_no_limit_of_a_single_amount() -> None:
    statement = empty_statement()
    statement.add(roubles(LARGEST))
    statement.add(roubles(LARGEST))
    assert statement.total == MoneySum(amount=2 * LARGEST, currency="RUB")
