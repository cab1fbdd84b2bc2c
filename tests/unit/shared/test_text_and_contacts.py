"""What people type: bounded, storable, and contacts written one way."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.contacts import Inn, Kpp, Phone
from shared.text import Email, Line, Query, Text

KINDS: dict[str, TypeAdapter[str]] = {
    "line": TypeAdapter(Line),
    "text": TypeAdapter(Text),
    "query": TypeAdapter(Query),
    "email": TypeAdapter(Email),
    "inn": TypeAdapter(Inn),
    "kpp": TypeAdapter(Kpp),
    "phone": TypeAdapter(Phone),
}
awkward = st.text(
    st.characters() | st.sampled_from("\x00\ud800\udfff\u202e\ufeff\n\r\t@.+0123456789"),
    max_size=60,
)


@pytest.mark.parametrize("kind", ["line", "text", "query"])
@pytest.mark.parametrize("bad", ["a\x00b", "a\ud800b", "\udfff?", "a\x1bb", "a\x85b", "a\rb"])
def test_what_cannot_be_stored_is_refused(kind: str, bad: str) -> None:
    with pytest.raises(ValidationError):
        KINDS[kind].validate_python(bad)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("line", "  ООО «Ромашка»  ", "ООО «Ромашка»"),
        ("text", "строка\n\tдругая 👩‍👩‍👧", "строка\n\tдругая 👩‍👩‍👧"),
        ("query", "  100%_'\"\\ ", "100%_'\"\\"),
        ("email", " Anna@Example.RU ", "anna@example.ru"),
        ("email", "zakup@xn--80a1acny.xn--p1ai", "zakup@почта.рф"),
        ("email", "ａｎｎａ@example.ru", "anna@example.ru"),
        ("inn", "7707083893", "7707083893"),
        ("inn", "500100732259", "500100732259"),
        ("inn", " 7707 083893", "7707083893"),
        ("inn", "７７０７０８３８９３", "7707083893"),
        ("kpp", "770701001", "770701001"),
        ("kpp", "7707AB001", "7707AB001"),
        ("phone", "8 (903) 123-45-67", "+79031234567"),
        ("phone", "+7 903 123 45 67", "+79031234567"),
        ("phone", "9031234567", "+79031234567"),
        ("phone", "+44 20 7946 0958", "+442079460958"),
    ],
)
def test_what_is_typed_is_kept_one_way(kind: str, typed: str, kept: str) -> None:
    assert KINDS[kind].validate_python(typed) == kept
    assert KINDS[kind].validate_python(kept) == kept, "kept as it is"


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("line", ""),
        ("line", "   "),
        ("line", "я" * 201),
        ("text", "я" * 4001),
        ("query", "я" * 201),
        ("email", "anna"),
        ("email", "anna@example"),
        ("email", "anna@example.ru."),
        ("email", "an\u200bna@example.ru"),
        ("email", "anna\u200d@example.ru"),
        ("email", "\u202eanna@example.ru"),
        ("email", "anna@exam\u00adple.ru"),
        ("email", "mailto:anna@example.ru"),
        ("email", "a@b@c.ru"),
        ("email", "an na@example.ru"),
        ("email", "anna\x00@example.ru"),
        ("email", "\ud800@example.ru"),
        ("email", "a" * 250 + "@b.ru"),
        ("inn", "7707083894"),
        ("inn", "0000000001"),
        ("inn", "770708389"),
        ("inn", "7707083893\x00"),
        ("inn", ""),
        ("kpp", "77070100"),
        ("kpp", "770701001\n"),
        ("kpp", "7707ab001"),
        ("kpp", "٧٧٠٧٠١٠٠١"),
        ("phone", "12"),
        ("phone", "звоните"),
        ("phone", "+"),
        ("phone", "+999 123"),
        ("phone", "9" * 41),
    ],
)
def test_what_is_none_is_refused(kind: str, typed: str) -> None:
    with pytest.raises(ValidationError):
        KINDS[kind].validate_python(typed)


@pytest.mark.parametrize("kind", list(KINDS))
@given(typed=awkward | st.none() | st.integers() | st.binary())
def test_whatever_is_typed_is_kept_storable_or_refused_never_an_error_of_ours(
    kind: str, typed: Any
) -> None:
    try:
        kept = KINDS[kind].validate_python(typed)
    except ValidationError:
        return
    assert "\x00" not in kept
    kept.encode()
