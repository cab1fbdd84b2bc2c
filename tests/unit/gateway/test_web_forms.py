"""What people type, in the form that the API takes."""

import pytest

from services.gateway.web import forms


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("215 573,50 ₽", "215573.50"),
        ("1\u00a0000", "1000"),
        ("$99.5", "$99.5"),
        ("12.30", "12.30"),
        ("", ""),
        ("много", "много"),
    ],
)
def test_a_sum_is_read_as_it_is_written(typed: str, amount: str) -> None:
    assert forms.amount(typed) == amount
    assert forms.money({"sum": typed}, "sum", "RUB") == {"amount": amount, "currency": "RUB"}


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("7", 7),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, "9" * 19),
        ("9" * 5_000, "9" * 5_000),
        ("٣", "٣"),
    ],
    ids=["digit", "longest", "longer", "thousands", "arabic"],
)
def test_a_whole_number_is_one_or_stays_as_it_was_typed(typed: str, number: int | str) -> None:
    assert forms.number(typed) == number


@pytest.mark.parametrize(
    ("typed", "contact"),
    [
        ("7707083893", {"inn": "7707083893"}),
        ("7707 08 3893", {"inn": "7707083893"}),
        ("+7 707 083 89 93", {"phones": ["+7 707 083 89 93"]}),
        ("9161234568", {"phones": ["9161234568"]}),
        ("a@b.example", {"emails": ["a@b.example"]}),
        ("77070", {}),
        ("", {}),
    ],
)
def test_a_contact_is_known_by_its_form(typed: str, contact: dict[str, object]) -> None:
    assert forms.contact(typed) == contact


def test_a_moment_is_the_companys() -> None:
    assert forms.moment("2026-12-01T10:00", "Europe/Moscow") == "2026-12-01T10:00:00+03:00"
    assert forms.moment("soon", "Europe/Moscow") == "soon"


def test_a_step_is_promised_by_either_of_its_fields() -> None:
    due_at = "2026-12-01T10:00:00+03:00"
    form = {"step": "Позвонить", "due_at": "2026-12-01T10:00"}
    promised = forms.next_step(form, "Europe/Moscow")
    assert promised == {"next_step": {"what": "Позвонить", "due_at": due_at}}
    assert forms.next_step({"step": "Позвонить"}, "UTC")["next_step"]["due_at"] == ""
    assert forms.next_step({"step": "", "due_at": ""}, "UTC") == {}


@pytest.mark.parametrize(
    ("typed", "share"),
    [("70", "0.7000"), ("70 %", "0.7000"), ("0,7", "0.7000"), ("1", "1.0000"), ("пол", "пол")],
)
def test_a_share_is_a_part_or_a_percentage(typed: str, share: str) -> None:
    assert forms.share_of(typed) == share


def test_only_what_was_filled_in_is_sent() -> None:
    assert forms.filled({"a": "1", "b": "", "c": "3"}, "a", "b") == {"a": "1"}
