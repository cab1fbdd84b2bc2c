"""Contacts that are added and removed one by one."""

import pytest

from services.activities.domain.contacts import MOST, with_contacts
from shared.errors import Invalid

BEFORE = {"phones": ["+74951234567"], "emails": ["a@example.com"]}


def test_added_contacts_follow_those_that_are_there() -> None:
    assert with_contacts(BEFORE, {"add_phones": ["+74951234568"], "name": "Лес"}) == {
        "phones": ["+74951234567", "+74951234568"],
        "name": "Лес",
    }


@pytest.mark.parametrize(
    "changes", [{"add_emails": ["a@example.com"]}, {"remove_emails": ["b@example.com"]}]
)
def test_what_is_there_or_gone_makes_no_difference(changes: dict[str, list[str]]) -> None:
    assert with_contacts(BEFORE, changes) == {"emails": ["a@example.com"]}


def test_removed_contacts_go_and_whole_lists_stay_whole() -> None:
    changes = {"remove_phones": ["+74951234567"], "emails": []}
    assert with_contacts(BEFORE, changes) == {"phones": [], "emails": []}


def test_a_contact_typed_twice_is_added_once_and_one_may_replace_another() -> None:
    changes = {
        "add_emails": ["b@example.com", "b@example.com"],
        "remove_emails": ["a@example.com"],
        "remove_phones": ["+74951234567"],
    }
    assert with_contacts(BEFORE, changes) == {"phones": [], "emails": ["b@example.com"]}


def test_a_client_may_have_the_most_contacts_exactly() -> None:
    phones = [f"+7495123{n:04}" for n in range(MOST - 1)]
    changed = with_contacts(BEFORE, {"add_phones": phones})
    assert changed == {"phones": [*BEFORE["phones"], *phones]}


def test_more_contacts_than_a_client_may_have_are_refused() -> None:
    with pytest.raises(Invalid) as refused:
        with_contacts(BEFORE, {"add_phones": [f"+7495123{n:04}" for n in range(MOST)]})
    assert refused.value.extra["errors"] == [
        {"field": "add_phones", "rule": "too_many", "max": MOST}
    ]
