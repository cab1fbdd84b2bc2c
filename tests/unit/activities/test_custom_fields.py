"""A company's own fields: what their values may be, and who is told of whose change."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.activities.domain import custom_fields as rules
from services.activities.domain.custom_fields import Choice, CustomField
from services.activities.domain.refusals import DuplicateCustomField
from services.activities.storage.custom_values import key_of
from shared.errors import Invalid, Refusal
from shared.ids import ChoiceId, CompanyId, CustomFieldId, new_id
from shared.money import LARGEST, Money

OPT, OLD = Choice(ChoiceId(new_id()), "Опт"), Choice(ChoiceId(new_id()), "Старый", archived=True)


def field(kind: Any = "text", name: str = "Поле", archived: bool = False) -> CustomField:
    choices = (OPT, OLD) if kind == "choice" else ()
    id_, company_id = CustomFieldId(new_id()), CompanyId(new_id())
    return CustomField(id_, company_id, name, kind, choices, required=False, archived=archived)


def rub(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="RUB")


def broken(refusal: Refusal) -> tuple[str, str]:
    (error,) = refusal.extra["errors"]
    return error["field"], error["rule"]


@pytest.mark.parametrize(
    ("kind", "sent", "value", "plain"),
    [
        ("text", "Лес", "Лес", "Лес"),
        ("number", "10.50", Decimal("10.50"), "10.5"),
        ("number", "100", Decimal("100"), "100"),
        ("number", "-0.0", Decimal(0), "0"),
        ("number", "0000.0001", Decimal("0.0001"), "0.0001"),
        ("number", "999999999999999.9999", Decimal("999999999999999.9999"), "999999999999999.9999"),
        ("date", "2099-12-31", date(2099, 12, 31), "2099-12-31"),
        ("money", rub("7"), rub("7"), {"amount": "7.00", "currency": "RUB"}),
        ("date", "2000-01-01", date(2000, 1, 1), "2000-01-01"),
        ("boolean", True, True, True),
        ("choice", str(OPT.id).upper(), str(OPT.id), str(OPT.id)),
    ],
)
def test_a_value_has_one_form_by_its_kind(kind: str, sent: Any, value: Any, plain: Any) -> None:
    judged = rules.value_of(field(kind), sent, "RUB", "place")
    assert (judged, rules.plain(judged)) == (value, plain)


@pytest.mark.parametrize(
    ("kind", "sent", "rule"),
    [
        ("text", True, "text"),
        ("number", "1e3", "plain_number"),
        ("number", "0.00001", "plain_number"),
        ("number", "1000000000000000", "plain_number"),
        ("number", "-1000000000000000", "plain_number"),
        ("money", "1.00", "money_with_currency"),
        ("money", Money(amount=Decimal(1), currency="USD"), "company_currency"),
        ("date", "2100-01-01", "years"),
        ("date", "1999-12-31", "years"),
        ("date", "2026-1-1", "date"),
        ("date", "20260101", "date"),
        ("date", "2026-13-01", "date"),
        ("boolean", "true", "boolean"),
        ("choice", str(OLD.id), "in_use"),
        ("choice", "Опт", "one_of"),
    ],
)
def test_a_value_of_another_form_names_the_rule(kind: str, sent: Any, rule: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.value_of(field(kind), sent, "RUB", "values.x")
    assert broken(refused.value) == ("values.x", rule)


def test_keys_are_in_the_order_of_values() -> None:
    numbers = ["-999999999999999.9999", "-10", "-9.9999", "-0.0001", "0", "0.0001", "9", "10"]
    keys = [key_of(Decimal(number)) for number in [*numbers, "999999999999999.9999"]]
    assert keys == sorted(keys)
    assert len({len(key) for key in keys}) == 1
    assert key_of(rub("-1.00")) < key_of(rub("0.99")) < key_of(rub("1.00"))
    assert key_of(date(2026, 2, 1)) > key_of(date(2026, 1, 31))
    assert key_of("«Ёлки»") == key_of("ЕЛКИ") != key_of("елка")
    assert len(key_of("\ufdfa" * 200)) <= 512


@pytest.mark.parametrize(
    ("kind", "asked", "low", "high"),
    [
        ("number", "1..2", Decimal(1), Decimal(2)),
        ("number", "1..", Decimal(1), None),
        ("number", "..2", None, Decimal(2)),
        ("number", "5", Decimal(5), Decimal(5)),
        ("money", "5..7.50", rub("5"), rub("7.50")),
        ("money", str(LARGEST), rub(str(LARGEST)), rub(str(LARGEST))),
        ("date", "2026-01-01..", date(2026, 1, 1), None),
        ("text", "1..2", "1..2", "1..2"),
        ("boolean", "true", True, True),
        ("boolean", "false", False, False),
        ("choice", str(OLD.id), str(OLD.id), str(OLD.id)),
    ],
)
def test_a_filter_asks_for_a_value_or_a_range(kind: str, asked: str, low: Any, high: Any) -> None:
    assert rules.asked_range(field(kind), asked, "RUB", "custom.0") == (low, high)


@pytest.mark.parametrize(
    ("kind", "asked", "rule"),
    [
        ("number", "..", "value"),
        ("number", "x..1", "plain_number"),
        ("number", "1..x", "plain_number"),
        ("money", "-1000000000000.00", "money"),
        ("money", "1e3", "money"),
        ("money", "1000000000000.00", "money"),
        ("boolean", "yes", "boolean"),
        ("choice", "Опт", "one_of"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(kind: str, asked: str, rule: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.asked_range(field(kind), asked, "RUB", "custom.0")
    assert broken(refused.value) == ("custom.0", rule)


def test_choices_keep_their_ids_and_are_archived_when_left_out() -> None:
    fresh = ChoiceId(new_id())
    changed = rules.changed_choices((OPT, OLD), [(None, "Новый", fresh), (None, "СТАРЫЙ", fresh)])
    assert changed == (
        Choice(fresh, "Новый"),
        Choice(OLD.id, "СТАРЫЙ"),
        Choice(OPT.id, "Опт", archived=True),
    )
    for sent, place, rule in (
        ([(fresh, "Нет", fresh)], "choices.0.id", "exists"),
        ([(OPT.id, "А", fresh), (OLD.id, "а", fresh)], "choices.1.name", "distinct"),
        ([(OPT.id, "А", fresh), (OPT.id, "Б", fresh)], "choices.1.id", "distinct"),
    ):
        with pytest.raises(Invalid) as refused:
            rules.changed_choices((OPT, OLD), sent)
        assert broken(refused.value) == (place, rule)


def test_choices_are_five_hundred_ever() -> None:
    present = [Choice(ChoiceId(new_id()), f"№{number}", archived=True) for number in range(499)]
    sent = [(None, "А", ChoiceId(new_id()))]
    assert len(rules.changed_choices(present, sent)) == 500
    with pytest.raises(Invalid) as refused:
        rules.changed_choices(present, [*sent, (None, "Б", ChoiceId(new_id()))])
    assert broken(refused.value) == ("choices", "too_many")


def test_a_company_has_a_name_once_and_so_many_fields() -> None:
    archived = [field(name=f"Было {number}", archived=True) for number in range(150)]
    in_use = [field(name=f"Есть {number}") for number in range(49)]
    id_ = CustomFieldId(new_id())
    rules.require_room_for(id_, "Новое", False, [*in_use, *archived])
    with pytest.raises(DuplicateCustomField):
        rules.require_room_for(id_, "БЫЛО 1", False, archived)
    rules.require_room_for(archived[1].id, "БЫЛО 1", True, archived)
    full = [*in_use, field(name="Ещё")]
    for own, archives, place in ((id_, False, "name"), (archived[0].id, False, "archived")):
        with pytest.raises(Invalid) as refused:
            rules.require_room_for(own, "Новое", archives, [*full, *archived[:10]])
        assert broken(refused.value) == (place, "too_many")
    with pytest.raises(Invalid) as refused:
        rules.require_room_for(id_, "Новое", False, [*full, *archived])
    assert broken(refused.value) == ("name", "too_many")


@pytest.mark.parametrize(
    ("expected", "read"), [({5}, 5), ({3, 4}, 4), ({4, 9}, 4), ({0}, 0), ({9}, None)]
)
def test_the_last_version_read_is_one_that_there_was(expected: set[int], read: int | None) -> None:
    assert rules.last_read(frozenset(expected), 5) == read


@pytest.mark.parametrize(
    ("kind", "sent", "error"),
    [
        ("choice", "Опт", {"rule": "one_of", "allowed": [str(OPT.id)]}),
        (
            "money",
            Money(amount=Decimal(1), currency="USD"),
            {"rule": "company_currency", "currency": "RUB"},
        ),
    ],
)
def test_a_refused_value_tells_what_is_allowed(
    kind: str, sent: Any, error: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as refused:
        rules.value_of(field(kind), sent, "RUB", "values.x")
    assert refused.value.extra["errors"] == [{"field": "values.x", **error}]


def test_a_name_that_is_there_is_refused_with_its_field() -> None:
    present = field(name="Отрасль", archived=True)
    with pytest.raises(DuplicateCustomField) as refused:
        rules.require_room_for(CustomFieldId(new_id()), "отрасль", False, [field(), present])
    assert refused.value.extra == {"custom_field_id": str(present.id), "archived": True}


@pytest.mark.parametrize(("archived", "most"), [(False, 50), (True, 200)])
def test_one_field_too_many_is_refused_with_the_limit(archived: bool, most: int) -> None:
    others = [field(name=f"Есть {number}", archived=archived) for number in range(most)]
    id_ = CustomFieldId(new_id())
    rules.require_room_for(id_, "Новое", archived, others[1:])
    with pytest.raises(Invalid) as refused:
        rules.require_room_for(id_, "Новое", archived, others)
    assert refused.value.extra["errors"] == [{"field": "name", "rule": "too_many", "max": most}]


def test_an_archived_field_is_kept_beside_fifty_in_use() -> None:
    others = [field(name=f"Есть {number}") for number in range(50)]
    rules.require_room_for(CustomFieldId(new_id()), "Новое", True, others)


def test_a_refused_choice_tells_what_there_is_not_and_how_many_there_may_be() -> None:
    fresh = ChoiceId(new_id())
    with pytest.raises(Invalid) as refused:
        rules.changed_choices((), [(fresh, "Нет", fresh)])
    assert refused.value.extra["errors"] == [
        {"field": "choices.0.id", "rule": "exists", "noun": "choice"}
    ]
    present = [Choice(ChoiceId(new_id()), f"№{number}") for number in range(500)]
    with pytest.raises(Invalid) as refused:
        rules.changed_choices(present, [(None, "Ещё", fresh)])
    assert refused.value.extra["errors"] == [{"field": "choices", "rule": "too_many", "max": 500}]
