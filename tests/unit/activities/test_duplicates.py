"""Stored clients that are one."""

from typing import Any
from uuid import UUID

import pytest

from services.activities.domain.duplicates import duplicates_by
from services.activities.domain.identity import Identity

INN, OTHER_INN, KPP, OTHER_KPP = "7707083893", "7736050003", "770701001", "540602001"
PERSONS_INN = "500100732259"
EMAIL, PHONE = Identity("email", "a@x.ru"), Identity("phone", "+74951226355")
OTHER_PHONE = Identity("phone", "+74951226356")
OLDEST, OLDER, NEWER = (UUID(int=number) for number in (3, 1, 2))


def client_of(client_id: UUID, **differently: Any) -> dict[str, Any]:
    about = {"id": client_id, "kind": "organization", "inn": None, "kpp": None}
    return about | differently


def test_each_pair_with_a_common_identity_is_told_the_older_one_first() -> None:
    clients = [(client_of(each), [PHONE]) for each in (OLDEST, OLDER, NEWER)]
    assert duplicates_by(PHONE, clients) == [(OLDEST, OLDER), (OLDEST, NEWER), (OLDER, NEWER)]


def test_a_pair_is_told_by_the_first_of_its_common_identities_alone() -> None:
    clients = [
        (client_of(OLDER), [PHONE, EMAIL]),
        (client_of(NEWER), [OTHER_PHONE, PHONE, EMAIL]),
    ]
    assert duplicates_by(EMAIL, clients) == [(OLDER, NEWER)]
    assert duplicates_by(PHONE, clients) == []
    assert duplicates_by(OTHER_PHONE, clients) == []


def test_clients_without_a_common_identity_are_two() -> None:
    clients = [(client_of(OLDER), [PHONE]), (client_of(NEWER), [OTHER_PHONE])]
    assert duplicates_by(PHONE, clients) == []


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ({"inn": INN}, {"inn": OTHER_INN}, False),
        ({"inn": INN}, {"inn": INN}, True),
        ({"inn": INN, "kpp": KPP}, {"inn": INN}, True),
        ({"inn": INN, "kpp": KPP}, {"inn": INN, "kpp": OTHER_KPP}, False),
        ({"inn": INN}, {}, True),
        ({"inn": INN}, {"kind": "person"}, False),
        ({"inn": PERSONS_INN, "kind": "person"}, {}, False),
        ({}, {"kind": "person"}, True),
    ],
)
def test_a_pair_is_one_by_the_rules_of_registration_whichever_is_older(
    first: dict[str, Any], second: dict[str, Any], is_one: bool
) -> None:
    for older, newer in ((first, second), (second, first)):
        clients = [(client_of(OLDER, **older), [PHONE]), (client_of(NEWER, **newer), [PHONE])]
        assert duplicates_by(PHONE, clients) == ([(OLDER, NEWER)] if is_one else [])


@pytest.mark.parametrize(("many", "compared"), [(20, 20), (21, 20)])
def test_the_oldest_twenty_of_an_identity_are_compared(many: int, compared: int) -> None:
    ids = [UUID(int=number) for number in range(many)]
    pairs = duplicates_by(PHONE, [(client_of(each), [PHONE]) for each in ids])
    assert {each for pair in pairs for each in pair} == set(ids[:compared])
