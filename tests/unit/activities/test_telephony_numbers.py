"""Numbers as telephony writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.telephony.numbers import HIDDEN, LONGEST, UNKNOWN, Number, read_number

ANNA = Number("phone", "+79161234567")


@pytest.mark.parametrize(
    "text",
    [
        "79161234567",
        "89161234567",
        "9161234567",
        "+79161234567",
        "+7 (916) 123-45-67",
        "8 916 123 45 67",
        "tel:+79161234567",
        "tel:+7-916-123-45-67",
        "sip:79161234567@pbx.example",
        "sips:+79161234567@pbx.example;user=phone",
        "sip:79161234567@pbx.example;transport=udp",
        "79161234567@pbx.example",
        '"Anna" <+79161234567>',
        "Anna <sip:89161234567@pbx.example>",
        "+79161234567;ext=12",
        " 79161234567 ",
    ],
)
def test_a_russian_phone_is_known_however_it_is_written(text: str) -> None:
    assert read_number(text) == ANNA


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("88001234567", "+78001234567"),
        ("74951226355", "+74951226355"),
        ("380441234567", "+380441234567"),
        ("810380441234567", "+380441234567"),
        ("00380441234567", "+380441234567"),
        ("+4930901820", "+4930901820"),
    ],
)
def test_other_phones_are_known_too(text: str, phone: str) -> None:
    assert read_number(text) == Number("phone", phone)


@pytest.mark.parametrize(
    ("text", "extension"),
    [
        ("101", "101"),
        ("1", "1"),
        ("123456", "123456"),
        ("sip:101@pbx.example", "101"),
        ("PJSIP/101-0000002a", "101"),
        ("SIP/101", "101"),
        ('"Boris" <102>', "102"),
    ],
)
def test_a_short_number_is_an_extension(text: str, extension: str) -> None:
    assert read_number(text) == Number("extension", extension)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "anonymous",
        "Anonymous",
        "sip:anonymous@anonymous.invalid",
        "<unknown>",
        "Private",
        "restricted",
        "скрыт",
        "unavailable",
        '"" <>',
        "sip:@pbx.example",
    ],
)
def test_a_hidden_number_is_told_from_one_that_is_not_understood(text: str) -> None:
    assert read_number(text) == HIDDEN


@pytest.mark.parametrize(
    "text", ["2223344", "12345678", "79161234", "Анна", "+101", "0" * 30, "+7916123456789", "*97"]
)
def test_what_is_no_number_is_unknown(text: str) -> None:
    assert read_number(text) == UNKNOWN


def test_a_long_text_is_read_no_further_than_a_number_reaches() -> None:
    assert read_number("9" * 1_000_000) == UNKNOWN
    assert read_number("79161234567" + " " * LONGEST) == ANNA


@given(st.text() | st.from_regex(r"[0-9+()<>;@:. -]{0,40}"))
def test_any_text_is_read(text: str) -> None:
    number = read_number(text)
    assert bool(number.value) is (number.kind in ("phone", "extension"))
