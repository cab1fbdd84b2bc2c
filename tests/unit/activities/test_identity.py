"""Identities of clients: which stored clients a description may mean."""

from typing import Any

import pytest

from services.activities.domain.identity import (
    Identity,
    Namesake,
    broken_inn_rule,
    clients_meant,
    identities_of,
    number_of,
    with_numbers,
)
from shared.ids import new_id
from shared.vocabulary import ClientKind

INN, OTHER_INN, KPP, OTHER_KPP = "7707083893", "7736050003", "770701001", "540602001"
PERSONS_INN = "500100732259"
PHONE, EMAIL = Identity("phone", "+74951226355"), Identity("email", "a@x.ru")
NOBODY: dict[str, Any] = {
    "name": "Альфа",
    "kind": "organization",
    "inn": None,
    "kpp": None,
    "phones": [],
    "emails": [],
    "large": False,
}


def namesake(
    *shared: Identity,
    inn: str | None = None,
    kpp: str | None = None,
    kind: ClientKind = "organization",
    same_name: bool = False,
) -> Namesake:
    return Namesake(new_id(), kind, inn, kpp, frozenset(shared), same_name)


def test_each_contact_and_the_inn_are_identities_in_one_order() -> None:
    client = {**NOBODY, "inn": INN, "kpp": KPP, "phones": ["+7496", "+7495"], "emails": ["a@x.ru"]}
    assert identities_of(client) == [
        ("email", "a@x.ru"),
        ("inn", INN),
        ("phone", "+7495"),
        ("phone", "+7496"),
    ]
    assert identities_of(NOBODY) == []


@pytest.mark.parametrize(
    ("kpp", "known_kpp", "is_one"),
    [
        (None, None, True),
        (KPP, None, True),
        (None, KPP, True),
        (KPP, KPP, True),
        (KPP, OTHER_KPP, False),
    ],
)
def test_an_unknown_kpp_is_not_another_branch(
    kpp: str | None, known_kpp: str | None, is_one: bool
) -> None:
    known = namesake(Identity("inn", INN), inn=INN, kpp=known_kpp)
    meant = clients_meant({**NOBODY, "inn": INN, "kpp": kpp}, [known])
    assert (list(meant.namesakes), meant.certain) == ([known] if is_one else [], is_one)


def test_of_branches_the_one_with_the_kpp_is_meant_and_without_it_the_caller_is_asked() -> None:
    branches = [namesake(Identity("inn", INN), inn=INN, kpp=each) for each in (KPP, OTHER_KPP)]
    exact = clients_meant({**NOBODY, "inn": INN, "kpp": OTHER_KPP}, branches)
    assert (list(exact.namesakes), exact.certain) == ([branches[1]], True)
    asked = clients_meant({**NOBODY, "inn": INN}, branches)
    assert (list(asked.namesakes), asked.certain, asked.matched) == (branches, False, ["inn"])


def test_a_new_inn_with_a_phone_of_another_inn_is_a_new_client() -> None:
    alpha = namesake(PHONE, inn=OTHER_INN)
    assert not clients_meant({**NOBODY, "inn": INN}, [alpha]).namesakes


def test_a_new_inn_with_a_phone_of_a_client_without_one_is_asked_unless_the_name_agrees() -> None:
    for same_name in (False, True):
        alpha = namesake(PHONE, same_name=same_name)
        meant = clients_meant({**NOBODY, "inn": INN}, [alpha])
        assert (list(meant.namesakes), meant.certain) == ([alpha], same_name)


def test_an_inn_of_an_organisation_makes_none_of_a_person() -> None:
    director = namesake(PHONE, kind="person")
    assert not clients_meant({**NOBODY, "inn": INN}, [director]).namesakes
    assert clients_meant(NOBODY, [director]).certain


def test_the_inn_decides_against_the_phone_of_another_organisation() -> None:
    beta = namesake(Identity("inn", INN), inn=INN)
    alpha, unknown = namesake(PHONE, inn=OTHER_INN), namesake(PHONE)
    meant = clients_meant({**NOBODY, "inn": INN}, [alpha, beta])
    assert (list(meant.namesakes), meant.certain) == ([beta], True)
    asked = clients_meant({**NOBODY, "inn": INN}, [unknown, beta])
    assert (list(asked.namesakes), asked.certain) == ([beta, unknown], False)


def test_without_an_inn_all_known_contacts_must_point_at_one_client() -> None:
    alpha, beta = namesake(PHONE, EMAIL, inn=INN), namesake(PHONE, inn=OTHER_INN)
    meant = clients_meant(NOBODY, [alpha, beta])
    assert (list(meant.namesakes), meant.certain) == ([alpha], True)
    apart = [namesake(PHONE), namesake(EMAIL)]
    asked = clients_meant(NOBODY, apart)
    assert (list(asked.namesakes), asked.certain) == (apart, False)
    assert asked.matched == ["email", "phone"]


@pytest.mark.parametrize(
    ("kind", "inn", "kpp", "rule"),
    [
        ("organization", INN, KPP, None),
        ("organization", None, None, None),
        ("person", PERSONS_INN, None, None),
        ("organization", PERSONS_INN, None, "inn_of_organization"),
        ("person", INN, None, "inn_of_person"),
        ("person", PERSONS_INN, KPP, "with_inn"),
        ("organization", None, KPP, "with_inn"),
    ],
)
def test_an_inn_fits_the_kind_of_client(
    kind: ClientKind, inn: str | None, kpp: str | None, rule: str | None
) -> None:
    assert broken_inn_rule(kind, inn, kpp) == rule


def a_person(**contacts: list[str]) -> dict[str, Any]:
    return {"person_index": [{"phones": [], "emails": [], **contacts}]}


def test_contacts_of_persons_are_identities_of_the_client() -> None:
    person = a_person(phones=["+7496"], emails=["b@x.ru"])
    client = {**NOBODY, **person, "phones": ["+7495", "+7496"], "emails": ["a@x.ru"]}
    assert identities_of(client) == [
        ("email", "a@x.ru"),
        ("email", "b@x.ru"),
        ("phone", "+7495"),
        ("phone", "+7496"),
    ]


@pytest.mark.parametrize("phone", ["+74951226355", "+74951226355;ext=12", "+74951226355;ext=1;2"])
def test_the_number_of_a_phone_is_without_its_extension(phone: str) -> None:
    assert number_of(phone) == "+74951226355"


def test_a_phone_with_an_extension_stands_for_its_number_too() -> None:
    extension = Identity("phone", "+74951226355;ext=12")
    odd = Identity("email", "a;b@x.ru")
    assert with_numbers([extension, odd]) == [odd, PHONE, extension]
    assert with_numbers([PHONE]) == [PHONE]


def test_a_namesake_has_another_name_unless_it_is_said() -> None:
    assert not Namesake(new_id(), "person", None, None, frozenset()).same_name


def test_of_branches_with_unknown_kpp_the_one_with_the_very_kpp_is_meant() -> None:
    unknown, branch = (namesake(Identity("inn", INN), inn=INN, kpp=each) for each in (None, KPP))
    exact = clients_meant({**NOBODY, "inn": INN, "kpp": KPP}, [unknown, branch])
    assert (list(exact.namesakes), exact.certain) == ([branch], True)
