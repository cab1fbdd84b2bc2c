"""Fields of forms by what they mean."""

import pytest

from services.activities.domain.site_forms import is_probe, read_form


@pytest.mark.parametrize(
    ("field", "meaning"),
    [
        ("Name", "name"),
        ("Имя", "name"),
        ("Ваше имя", "name"),
        (" PHONE ", "phone"),
        ("Телефон", "phone"),
        ("Email", "email"),
        ("e-mail", "email"),
        ("ИНН", "inn"),
        ("Textarea", "note"),
        ("Checkbox", "consent"),
        ("tranid", "external_id"),
        ("formid", "form_id"),
        ("_ym_uid", "metrica_client_id"),
        ("yclid", "yclid"),
        ("utm_term", "utm_term"),
        ("metrica_user_id", "metrica_user_id"),
    ],
)
def test_a_field_of_a_usual_name_is_known(field: str, meaning: str) -> None:
    read = read_form([(field, " x ")], {})
    assert read.values == {meaning: "x"}
    assert read.lines == []


def test_what_is_not_known_is_kept_as_it_came() -> None:
    read = read_form([(" Город ", " Тверь "), ("Пусто", " ")], {})
    assert (read.values, read.lines) == ({}, [("Город", "Тверь")])


def test_the_settings_meaning_comes_first() -> None:
    meanings = {"Input_1": "phone", "Name": "note", "lang": "ignored"}
    fields = [("input_1", "8"), ("Name", "Хочу"), ("Lang", "ru"), ("Phone", "9")]
    read = read_form(fields, meanings)  # type: ignore[arg-type]
    assert read.values == {"phone": "8", "note": "Хочу"}
    assert read.lines == [("Phone", "9")], "the second phone is not dropped"


@pytest.mark.parametrize(
    ("ticked", "given"),
    [("yes", True), ("on", True), ("1", True), ("NO", False), ("нет", False), ("0", False)],
)
def test_a_consent_is_given_by_a_ticked_box(ticked: str, given: bool) -> None:
    assert read_form([("Checkbox", ticked)], {}).has_consent is given


def test_a_form_without_a_box_gives_no_consent() -> None:
    assert not read_form([("Name", "x")], {}).has_consent


def test_cookies_tell_of_advertising_where_the_form_does_not() -> None:
    cookies = (
        "a=b; _ym_uid=167; TILDAUTM=utm_source%3Dyandex%7C%7C%7Cutm_medium%3Dcpc%7C%7C%7Cother%3D1"
        "%7C%7C%7Cutm_term%3D; _ym_d"
    )
    read = read_form([("COOKIES", cookies), ("utm_medium", "cpm")], {})
    assert read.values == {
        "metrica_client_id": "167",
        "utm_source": "yandex",
        "utm_medium": "cpm",
    }
    assert read.lines == []


def test_an_empty_cookie_says_nothing() -> None:
    assert read_form([("cookies", "_ym_uid=; x")], {}).values == {}


@pytest.mark.parametrize(
    ("fields", "probe"),
    [
        ([("test", "test")], True),
        ([("test", "1")], False),
        ([], False),
        ([("test", "test"), ("Phone", "8")], False),
    ],
)
def test_only_the_builders_own_test_is_a_probe(fields: list[tuple[str, str]], probe: bool) -> None:
    assert is_probe(fields) is probe
