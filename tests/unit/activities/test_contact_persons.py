"""Contact persons of a client: by room, and told apart by their contacts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from services.activities.domain.contact_persons import (
    MOST,
    contacts_of,
    index_of,
    is_of,
    require_place,
)
from services.activities.domain.refusals import DuplicatePerson
from shared.errors import Invalid

HERE, THERE = UUID(int=1), UUID(int=2)
PHONE, EMAIL = "+74951234567", "a@example.com"


def person(
    name: str = "анна",
    phones: Sequence[str] = (),
    emails: Sequence[str] = (),
    rooms: Sequence[UUID] = (HERE,),
    number: int = 7,
) -> dict[str, Any]:
    return {
        "id": UUID(int=number),
        "rooms": [str(room) for room in rooms],
        "name": name,
        "phones": list(phones),
        "emails": list(emails),
    }


def test_a_client_that_is_only_described_has_no_persons() -> None:
    assert index_of({}) == []
    assert index_of({"person_index": None}) == []


def test_persons_of_a_client_are_those_of_its_index() -> None:
    persons = (person(number=1), person(number=2))
    assert index_of({"person_index": persons}) == [*persons]


@pytest.mark.parametrize(
    ("rooms", "asking", "visible"),
    [
        ([HERE], None, True),
        ([], [HERE], True),
        ([HERE], [HERE], True),
        ([str(HERE)], [HERE], True),
        ([HERE, THERE], [THERE], True),
        ([HERE], [THERE, HERE], True),
        ([THERE], [HERE], False),
        ([HERE], [], False),
    ],
)
def test_rooms_see_persons_of_theirs_and_of_none(
    rooms: list[Any], asking: list[UUID] | None, visible: bool
) -> None:
    assert is_of(rooms, asking) is visible


def test_contacts_of_persons_come_in_the_order_of_the_persons() -> None:
    persons = [person(phones=["+2", "+1"]), person(phones=["+3"], emails=[EMAIL])]
    assert contacts_of(persons, "phones") == ["+2", "+1", "+3"]
    assert contacts_of(persons, "emails") == [EMAIL]


@pytest.mark.parametrize(
    ("known", "added"),
    [
        (person(), person(number=8)),
        (person(phones=[PHONE]), person(number=8)),
        (person(), person(emails=[EMAIL], number=8)),
        (person(phones=[PHONE]), person(phones=[PHONE, "+2"], number=8)),
        (person(phones=["+2"], emails=[EMAIL]), person(emails=[EMAIL], number=8)),
    ],
)
def test_a_namesake_that_contacts_do_not_tell_apart_is_refused(
    known: dict[str, Any], added: dict[str, Any]
) -> None:
    with pytest.raises(DuplicatePerson) as refused:
        require_place([person("пётр", number=6), known], added, [HERE])
    assert refused.value.extra == {"person_id": UUID(int=7)}


@pytest.mark.parametrize(
    ("known", "added"),
    [
        (person(phones=[PHONE]), person(phones=["+2"])),
        (person(phones=[PHONE]), person(emails=[EMAIL])),
        (person("пётр", phones=[PHONE]), person(phones=[PHONE])),
        (person(rooms=[THERE]), person()),
    ],
)
def test_other_names_contacts_and_rooms_make_other_persons(
    known: dict[str, Any], added: dict[str, Any]
) -> None:
    require_place([known], added, [HERE])


def test_who_sees_every_room_knows_the_namesakes_of_all() -> None:
    with pytest.raises(DuplicatePerson):
        require_place([person(rooms=[THERE])], person(), None)


def test_rooms_know_no_more_persons_than_a_client_may_have() -> None:
    known = [person(f"анна {number}", rooms=[THERE]) for number in range(MOST)]
    require_place(known[1:], person(), [THERE])
    require_place(known, person(), [HERE])
    with pytest.raises(Invalid) as refused:
        require_place(known, person(), [THERE])
    assert refused.value.extra == {
        "errors": [{"field": "persons", "rule": "too_many", "max": MOST}]
    }
