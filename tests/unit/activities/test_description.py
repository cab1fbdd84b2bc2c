"""What a description of a known client brings: nothing that was typed is dropped."""

from typing import Any

import pytest

from services.activities.domain.description import additions_to, left_over, merged

INN, OTHER_INN, KPP = "7707083893", "7736050003", "770701001"
NOBODY: dict[str, Any] = {
    "name": "Альфа",
    "kind": "organization",
    "inn": None,
    "kpp": None,
    "phones": [],
    "emails": [],
    "large": False,
}


def test_what_a_known_client_lacks_is_added_and_the_rest_is_left_over() -> None:
    client = {**NOBODY, "inn": INN, "phones": ["+7495"]}
    described = {
        **NOBODY,
        "name": "Бета",
        "inn": INN,
        "kpp": KPP,
        "phones": ["+7496", "+7495"],
        "emails": ["a@x.ru"],
        "large": True,
    }
    added = additions_to(client, described)
    assert added == {"phones": ["+7496"], "emails": ["a@x.ru"], "kpp": KPP, "large": True}
    assert merged(client, added)["phones"] == ["+7495", "+7496"]
    assert left_over(client, described, added) == {"name": "Бета"}
    again = {**client, **merged(client, added)}
    assert additions_to(again, described) == {}


def test_contacts_beyond_those_that_a_client_may_have_are_left_over() -> None:
    client = {**NOBODY, "phones": [f"+7495{number:07}" for number in range(19)]}
    described = {**NOBODY, "phones": ["+74960000001", "+74960000002"]}
    added = additions_to(client, described)
    assert added == {"phones": ["+74960000001"]}
    assert left_over(client, described, added) == {"phones": ["+74960000002"]}


@pytest.mark.parametrize("name", ["phones", "emails"])
@pytest.mark.parametrize(("present", "added"), [(19, 1), (20, 0), (21, 0), (22, 0)])
def test_a_client_with_as_many_contacts_as_it_may_have_gets_no_more(
    name: str, present: int, added: int
) -> None:
    client = {**NOBODY, name: [f"{number:02}" for number in range(present)]}
    described = {**NOBODY, name: ["a", "b", "c"]}
    expected = {name: ["a", "b", "c"][:added]} if added else {}
    assert additions_to(client, described) == expected
    assert left_over(client, described, expected) == {name: ["a", "b", "c"][added:]}


def test_a_contact_of_a_person_is_neither_added_nor_left_over() -> None:
    person = {"phones": ["+7496"], "emails": ["b@x.ru"]}
    client = {**NOBODY, "person_index": [person]}
    described = {**NOBODY, "phones": ["+7496", "+7497"], "emails": ["b@x.ru"]}
    added = additions_to(client, described)
    assert added == {"phones": ["+7497"]}
    assert left_over(client, described, added) == {}


@pytest.mark.parametrize(
    ("known", "typed", "added", "left"),
    [
        ({}, {"inn": INN, "kpp": KPP}, {"inn": INN, "kpp": KPP}, {}),
        ({"inn": INN}, {"inn": OTHER_INN}, {}, {"inn": OTHER_INN}),
        ({"inn": INN, "kpp": KPP}, {}, {}, {}),
        ({}, {"kpp": KPP}, {}, {"kpp": KPP}),
        ({"kind": "person"}, {"inn": INN}, {}, {"inn": INN}),
        ({"large": True}, {"large": True}, {}, {}),
        ({"large": True}, {}, {}, {}),
        ({}, {"large": True}, {"large": True}, {}),
    ],
)
def test_an_inn_and_kpp_are_added_where_they_are_unknown_and_fit(
    known: dict[str, Any], typed: dict[str, Any], added: dict[str, Any], left: dict[str, Any]
) -> None:
    client, described = {**NOBODY, **known}, {**NOBODY, **typed}
    assert additions_to(client, described) == added
    assert left_over(client, described, added) == left


def test_only_contacts_are_merged_with_those_that_there_are() -> None:
    client = {**NOBODY, "phones": ["+7495"], "emails": ["a@x.ru"]}
    added = {"phones": ["+7496"], "emails": ["b@x.ru"], "inn": INN, "large": True}
    assert merged(client, added) == {
        "phones": ["+7495", "+7496"],
        "emails": ["a@x.ru", "b@x.ru"],
        "inn": INN,
        "large": True,
    }
