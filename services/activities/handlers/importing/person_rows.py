"""Contact persons as rows of clients name them: one a row, so a client of three has three rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.activities.domain.contact_persons import Entry
from services.activities.handlers.importing.cells import Cells
from services.activities.handlers.importing.fingerprints import fingerprint
from services.activities.storage.persons import entry_of
from shared.folding import folded

_REST = ("position", "phones", "emails", "external_id")


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A contact person as a row describes one: `described` has name, position, phones, e-mails.
    `key` is the sender's code of the person at this client, else the name.
    """

    key: str
    fingerprint: bytes
    described: Mapping[str, Any]

    def entry(self, room_id: UUID) -> Entry:
        """The person as the index of a client would have them."""
        return entry_of({**self.described, "id": "", "room_ids": [room_id]})


def described_person(cells: Cells) -> dict[str, Any] | None:
    """The person's fields in a row; None where none is filled. Notes a person without a name."""
    person = {
        "name": cells.text("person_name", "line"),
        "position": cells.text("person_position", "line"),
        "phones": cells.contacts("person_phones", "phone"),
        "emails": cells.contacts("person_emails", "email"),
        "external_id": cells.text("person_external_id", "line"),
    }
    if person["name"] is not None:
        return person
    if any(person[name] for name in _REST) and not cells.refusals:
        cells.refuse("person_name", "missing")
    return None


def person_row(client_key: str, person: Mapping[str, Any]) -> PersonRow:
    """The person of a row whose client has that key."""
    code = person["external_id"]
    own = f"id:{code}" if code else f"name:{folded(person['name'])}"
    described = {name: value for name, value in person.items() if name != "external_id"}
    return PersonRow(fingerprint(client_key, own).hex(), fingerprint(described), described)
