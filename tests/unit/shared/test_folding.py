"""One fold for what is searched and what is asked."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.folding import asks_for_contact, folded, patterns_of, search_text_of

CLIENT: dict[str, Any] = {
    "name": "ООО «Фёдоровские\u00a0 Ёлки-2»",
    "inn": "7707083893",
    "phones": ["+74952851138", "+74951226355;ext=101"],
    "emails": ["zakup@почта.рф"],
}


def is_found(words: str, client: dict[str, Any] = CLIENT) -> bool:
    """As LIKE ANY judges."""
    text = search_text_of(client)
    return any(_like(pattern).fullmatch(text) for pattern in patterns_of(words))


def _like(pattern: str) -> re.Pattern[str]:
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    return re.compile(
        "".join(wild.get(part) or re.escape(part.removeprefix("\\")) for part in parts), re.DOTALL
    )


@pytest.mark.parametrize(
    "words",
    [
        *("федоровские", "ФЁДОРОВСКИЕ", "елки", "Ёлки 2", "ёлки-2", "ёлки\u20112", "е\u0308лки"),
        *('ООО "Фёдоровские', "ООО Фёдоровские  ёлки", "«Фёдоровские ёлки»", "фёдор\u200bовские"),
        *("8 (495) 285-11-38", "84952851138", "4952851138", "+7 495 285 1138", "2851138", "1138"),
        *("285-11-38", "8 495 122-63-55", "+7 4951226355 доб. 101", "+74951226355;ext=101"),
        *("7707083893", "7707 083893", "7707083893/770701001", "7707083893 540602001", "3893"),
        *("zakup@почта.рф", "ZAKUP@xn--80a1acny.xn--p1ai", "<zakup@почта.рф>;", "@почта.рф"),
    ],
)
def test_what_is_stored_is_found(words: str) -> None:
    assert is_found(words)


@pytest.mark.parametrize(
    "words",
    [
        *("%", "_", "\\", "ёл%ки", "ёл_и", "«»", "'", "138", "285", "9999", "2851139"),
        *("770708389", "почта", "akup", "доб. 102", "+7 4951226355 доб. 102"),
    ],
)
def test_nothing_else_is_found(words: str) -> None:
    assert not is_found(words)


def test_signs_of_patterns_are_found_as_they_are() -> None:
    discount = {**CLIENT, "name": "Скидка 50%_\\"}
    for words in ("50%", "%_", "_\\", "\\"):
        assert is_found(words, discount), words


def test_a_contact_is_told_from_a_name() -> None:
    assert [asks_for_contact(words) for words in ("Ромашка", "№ 1000,", "1000", "a@b.ru")] == [
        False,
        False,
        True,
        True,
    ]


@given(st.text(max_size=40))
def test_a_fold_is_its_own_fold_and_finds_itself(name: str) -> None:
    assert folded(folded(name)) == folded(name)
    if folded(name):
        assert is_found(name, {**CLIENT, "name": f"ООО {name} и сыновья"}) or not name.strip()
