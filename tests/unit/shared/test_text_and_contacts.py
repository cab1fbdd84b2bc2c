"""What people type: bounded, storable, and contacts written one way."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.contacts import Inn, Kpp, Phone
from shared.text import Email, Line, Name, Query, Text, canonical_email

KINDS: dict[str, TypeAdapter[str]] = {
    "line": TypeAdapter(Line),
    "name": TypeAdapter(Name),
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


@pytest.mark.parametrize("kind", ["line", "name", "text", "query"])
@pytest.mark.parametrize("bad", ["a\x00b", "a\ud800b", "\udfff?", "a\x1bb", "a\x85b", "a\rb"])
def test_what_cannot_be_stored_is_refused(kind: str, bad: str) -> None:
    with pytest.raises(ValidationError):
        KINDS[kind].validate_python(bad)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("line", "  ООО «Ромашка»  ", "ООО «Ромашка»"),
        ("line", "Ле\u00adс\u200b и\ufeff по\u2060ле", "Лес и поле"),
        ("line", "Кафе\u0301 Йо\u0438\u0306", "Кафе\u0301 Йой"),
        ("line", "Чай 👩\u200d👩\u200d👧", "Чай 👩\u200d👩\u200d👧"),
        ("line", "Чай ❤\ufe0f\u200d🔥", "Чай ❤\ufe0f\u200d🔥"),
        ("line", "Лес\u200d двор", "Лес двор"),
        ("name", "я" * 1000, "я" * 1000),
        ("text", "строка\n\tдругая 👩‍👩‍👧", "строка\n\tдругая 👩‍👩‍👧"),
        ("query", "  100%_'\"\\ ", "100%_'\"\\"),
        ("email", " Anna@Example.RU ", "anna@example.ru"),
        ("email", "zakup@xn--80a1acny.xn--p1ai", "zakup@почта.рф"),
        ("email", "zakup@ПОЧТА.РФ", "zakup@почта.рф"),
        ("email", "an\u200bna@example.ru", "anna@example.ru"),
        ("email", "anna\u200d@example.ru", "anna@example.ru"),
        ("email", "\ufeffanna@example.ru", "anna@example.ru"),
        ("email", "\u202eanna@example.ru", "anna@example.ru"),
        ("email", "anna@exam\u00adple.ru", "anna@example.ru"),
        ("email", "anna\u2060@example.ru", "anna@example.ru"),
        ("email", "anna\ufe0f@example.ru", "anna@example.ru"),
        ("email", "anna@example.ru.", "anna@example.ru"),
        ("email", "anna@example.ru;", "anna@example.ru"),
        ("email", "<anna@example.ru>", "anna@example.ru"),
        ("email", "MailTo:anna@example.ru", "anna@example.ru"),
        ("email", "<mailto:anna@example.ru>;", "anna@example.ru"),
        ("email", "юр\u0438\u0438\u0306@example.ru", "юрий@example.ru"),
        ("email", "ЮРИЙ@example.ru", "юрий@example.ru"),
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
        ("phone", "8\u00a0(903)\u00a0123\u201345\u201167", "+79031234567"),
        ("phone", "\u202a+7 903 123-45-67\u202c", "+79031234567"),
        ("phone", "＋７９０３１２３４５６７", "+79031234567"),
        ("phone", "тел. 8 903 123 45 67", "+79031234567"),
        ("phone", "tel:+7-903-123-45-67", "+79031234567"),
        ("phone", "+7 4951226355 доб. 101", "+74951226355;ext=101"),
        ("phone", "8 (495) 122-63-55, доб. 101", "+74951226355;ext=101"),
        ("phone", "+7 4951226355 добавочный 101", "+74951226355;ext=101"),
        ("phone", "+7 4951226355#405", "+74951226355;ext=405"),
        ("phone", "+7 4951226355 ext. 012", "+74951226355;ext=012"),
        ("phone", "+7 4951226355 x12", "+74951226355;ext=12"),
        ("phone", "+7 4951226355,,12", "+74951226355;ext=12"),
        ("phone", "+7 495 122-63-55 вн. 12", "+74951226355;ext=12"),
        ("phone", "tel:+7-495-122-63-55;ext=12", "+74951226355;ext=12"),
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
        ("line", "\u200b"),
        ("line", "\u200b\u200b\ufeff"),
        ("line", "\u3164"),
        ("line", "—"),
        ("line", "🌹"),
        ("line", "ООО \u202eкраб\u202c"),
        ("line", "ООО\u200f"),
        ("line", "ООО\nЛес"),
        ("line", "ООО\u2028Лес"),
        ("line", "ООО\tЛес"),
        ("name", "я" * 1001),
        ("text", "я" * 4001),
        ("query", "я" * 201),
        ("email", "anna"),
        ("email", "anna@example"),
        ("email", "a@b@c.ru"),
        ("email", "an na@example.ru"),
        ("email", "anna\x00@example.ru"),
        ("email", "\ud800@example.ru"),
        ("email", "a" * 250 + "@b.ru"),
        ("inn", "7707083894"),
        ("inn", "0000000001"),
        ("inn", "770708389"),
        ("inn", "0000000000"),
        ("inn", "000000000000"),
        ("inn", "0012345674"),
        ("inn", "7707083893\x00"),
        ("inn", ""),
        ("kpp", "77070100"),
        ("kpp", "000000000"),
        ("kpp", "770701001\n"),
        ("kpp", "7707ab001"),
        ("kpp", "٧٧٠٧٠١٠٠١"),
        ("phone", "12"),
        ("phone", "звоните"),
        ("phone", "1234567"),
        ("phone", "234-56-78"),
        ("phone", "+7 000 000-00-00"),
        ("phone", "+7 1112223344"),
        ("phone", "+7 4951226355 Иван"),
        ("phone", "+7 4951226355/56"),
        ("phone", "+7 4951226355 доб."),
        ("phone", "+7 4951226355 доб. 1 доб. 2"),
        ("phone", "8-800-ЦВЕТЫ"),
        ("phone", "+"),
        ("phone", "+999 123"),
        ("phone", "9" * 61),
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


@pytest.mark.parametrize(
    "typed", [" <MAILTO:Anna@Example.RU>; ", "anna@example.ru.", "anna@example.ru"]
)
def test_who_logs_in_is_found_by_any_spelling_of_the_email(typed: str) -> None:
    assert canonical_email(typed) == "anna@example.ru"


def test_a_login_that_is_no_email_stays_as_it_is() -> None:
    assert canonical_email(" Никто ") == "никто"
