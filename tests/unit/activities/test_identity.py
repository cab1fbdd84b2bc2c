"""Identities of clients."""

from typing import Any

from services.activities.domain.identity import identities_of

NOBODY: dict[str, Any] = {"inn": None, "kpp": None, "phones": [], "emails": []}


def test_each_contact_is_an_identity_and_the_inn_with_its_kpp() -> None:
    client = {**NOBODY, "inn": "7707083893", "kpp": "770701001", "phones": ["+7495"]}
    assert identities_of({**client, "emails": ["a@x.ru"]}) == [
        ("email", "a@x.ru"),
        ("inn", "7707083893/770701001"),
        ("phone", "+7495"),
    ]


def test_an_inn_without_a_kpp_is_an_identity_of_its_own() -> None:
    assert identities_of({**NOBODY, "inn": "7707083893"}) == [("inn", "7707083893/")]


def test_identities_come_in_one_order_whatever_the_order_of_contacts() -> None:
    contacts = {"phones": ["+7496", "+7495"], "emails": ["b@x.ru", "a@x.ru"]}
    identities = identities_of({**NOBODY, **contacts})
    assert identities == sorted(identities)
    assert len(identities) == 4


def test_a_client_without_contacts_has_no_identity() -> None:
    assert identities_of(NOBODY) == []
