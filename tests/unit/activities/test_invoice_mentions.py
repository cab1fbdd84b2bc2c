"""Numbers of invoices in the purposes of payments, as the files of examples have them."""

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain.invoice_mentions import (
    LONGEST_PURPOSE,
    MOST,
    Mention,
    find_mentions,
)

_FILES = Path(__file__).parents[2] / "files"


def _rows(name: str) -> list[dict[str, str]]:
    with (_FILES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def _written(mention: Mention) -> str:
    return f"{mention.form}@{mention.issued_on}" if mention.issued_on else mention.form


WAYS = _rows("invoice_mentions.csv")


def test_there_are_31_ways_to_write_a_number() -> None:
    assert len({row["purpose"] for row in WAYS}) == 31


@pytest.mark.parametrize("row", WAYS, ids=[row["purpose"] for row in WAYS])
def test_a_purpose_names_its_invoices(row: dict[str, str]) -> None:
    assert ",".join(map(_written, find_mentions(row["purpose"]))) == row["numbers"]


@pytest.mark.parametrize(
    "purpose", [row["purpose"] for row in _rows("purposes_without_invoices.csv")]
)
def test_numbers_of_other_papers_sums_and_dates_are_no_invoices(purpose: str) -> None:
    assert find_mentions(purpose) == ()


def test_a_number_that_is_named_twice_keeps_the_day_of_either() -> None:
    day = date(2026, 11, 20)
    mention = (Mention("17", day),)
    assert find_mentions("счет 17, счет № 17 от 20.11.2026") == mention
    assert find_mentions("счет № 17 от 20.11.2026, счет 17") == mention
    both = find_mentions("счет 17 от 20.11.2026, счет 17 от 21.11.2026")
    assert both == mention


def test_a_day_that_is_none_is_left_out() -> None:
    assert find_mentions("счет 17 от 31.02.2026") == (Mention("17"),)


def test_a_day_of_a_contract_is_not_the_invoices() -> None:
    assert find_mentions("счет 17 по договору 5 от 20.11.2026") == (Mention("17"),)


def test_sums_in_a_list_are_no_numbers() -> None:
    assert find_mentions("счет 17, 1200.00") == (Mention("17"),)
    assert find_mentions("счет 17, 1 200 руб., счет 18") == (Mention("17"), Mention("18"))


def test_an_account_is_longer_than_any_number() -> None:
    assert find_mentions("счет " + "1" * 15) == (Mention("1" * 15),)
    assert find_mentions("счет " + "1" * 16) == ()


def test_only_so_many_numbers_are_read() -> None:
    purpose = "счет " + ", ".join(str(number) for number in range(1, 100))
    assert len(find_mentions(purpose)) == MOST
    assert find_mentions("." * (LONGEST_PURPOSE - 7) + "счет 17") == (Mention("17"),)
    assert find_mentions("." * (LONGEST_PURPOSE - 6) + "счет 17") == (Mention("1"),)


@pytest.mark.parametrize("word", ["счет на", "счет №", "№ А", "счета: №"])
def test_words_between_a_noun_and_its_number_are_passed_over(word: str) -> None:
    assert find_mentions(f"Оплата {word} 17") == (Mention("17"),)


@pytest.mark.parametrize("purpose", ["счет поставки 17", "№ абвг 17", "счет за 3 месяца"])
def test_other_words_end_the_wait_for_a_number(purpose: str) -> None:
    assert find_mentions(purpose) == ()


@given(st.text(max_size=300))
def test_any_text_is_read(purpose: str) -> None:
    for mention in find_mentions(purpose):
        assert any(sign.isdigit() for sign in mention.form)


@given(
    st.integers(1, 10**9),
    st.sampled_from(["счет", "Счёт №", "сч.", "сч. N", "по счету No", "№"]),
    st.sampled_from(["", "000", "УТ-"]),
    st.sampled_from(["", " от 20.11.2026", ". НДС 22% - 100,00", ", в т.ч. НДС"]),
)
def test_a_number_is_found_however_it_is_written(
    number: int, noun: str, prefix: str, end: str
) -> None:
    (mention,) = find_mentions(f"Оплата {noun} {prefix}{number}{end}")
    assert mention.form.rpartition("-")[2] == str(number)
