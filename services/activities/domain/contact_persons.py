"""Contact persons of a client: who is talked to there, as one room knows them.

A person's phones and e-mails identify the client as its own do: whoever asks from them means the
client, so a VIP cannot be gone round by way of a director's phone. `person_index` of a client holds
what its search and its identity need of the persons that are not archived.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from services.activities.domain.refusals import DuplicatePerson
from shared.errors import Invalid

MOST = 200
"""Persons of a client, as rooms see it."""
LISTS = ("phones", "emails")
Entry = dict[str, Any]
"""A person in the index of a client: `id`, `rooms`, the folded `name`, phones and e-mails, and the
`text` that is searched.
"""


def index_of(client: Mapping[str, Any]) -> list[Entry]:
    """The persons of a client; of one that is only described, none."""
    return list(client.get("person_index") or ())


def is_of(rooms: Collection[Any], asking: Collection[UUID] | None) -> bool:
    """Whether rooms that ask see a person of `rooms`: all of them where it is of none."""
    if asking is None or not rooms:
        return True
    return not {str(room) for room in asking}.isdisjoint(map(str, rooms))


def contacts_of(entries: Iterable[Entry], name: str) -> list[str]:
    """The phones, or the e-mails, of persons."""
    return [contact for entry in entries for contact in entry[name]]


def require_place(index: Sequence[Entry], person: Entry, asking: Collection[UUID] | None) -> None:
    """Raises `DuplicatePerson` where rooms that ask know the person already: of the same name, with
    a common contact or none to tell them apart; `Invalid` where they know `MOST`.
    """
    seen = [entry for entry in index if is_of(entry["rooms"], asking)]
    if len(seen) >= MOST:
        raise Invalid("persons", "too_many", max=MOST)
    for entry in seen:
        if _is_same(entry, person):
            raise DuplicatePerson(person_id=entry["id"])


def find_same(
    index: Sequence[Entry], person: Entry, asking: Collection[UUID] | None
) -> Entry | None:
    """The person whom rooms that ask know already, as `require_place` has it."""
    seen = (entry for entry in index if is_of(entry["rooms"], asking))
    return next((entry for entry in seen if _is_same(entry, person)), None)


def _is_same(entry: Entry, person: Entry) -> bool:
    contacts, theirs = _contacts(person), _contacts(entry)
    apart = contacts and theirs and contacts.isdisjoint(theirs)
    return bool(entry["name"] == person["name"] and not apart)


def _contacts(entry: Entry) -> set[str]:
    return {contact for name in LISTS for contact in entry[name]}
