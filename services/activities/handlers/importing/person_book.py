"""The contact persons of a batch's clients, as the rows before have left them: judged one after
another, written together. The locks of their clients keep others away (ADR 36).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from services.activities.domain.contact_persons import (
    LISTS,
    Entry,
    find_same,
    index_of,
    is_of,
    require_place,
)
from services.activities.domain.description import MOST_CONTACTS
from services.activities.handlers.importing.client_book import ClientBook
from services.activities.handlers.importing.person_rows import PersonRow
from services.activities.storage import persons
from shared.errors import Invalid, Refusal
from shared.ids import new_id
from shared.jobs import RefusedElement

Person = Mapping[str, Any]
_COLUMNS = {"phone": "person_phones", "email": "person_emails"}


class PersonRefused(Exception):
    """A row's person is refused, and with it the row."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal

    def elements(self, number: int) -> list[RefusedElement]:
        """Why, with the field that the column fills."""
        refused = RefusedElement.of(str(number), self.refusal)
        own = [each.field.startswith("person_") for each in refused]
        return [
            each if is_own else replace(each, field=self._field)
            for each, is_own in zip(refused, own, strict=True)
        ]

    @property
    def _field(self) -> str:
        matched = self.refusal.extra.get("matched")
        return _COLUMNS.get(matched[-1], "person_name") if matched else "person_name"


@dataclass(frozen=True, slots=True)
class Placement:
    """What a row makes of a person: `after` is the person then, `before` None for a new one."""

    before: Person | None
    after: Person

    @property
    def changes(self) -> bool:
        return self.before is not self.after


@dataclass(slots=True)
class PersonBook:
    """Persons by id: as they are `stored`, their clients locked, and as they are `now`."""

    clients: ClientBook
    stored: dict[UUID, Person]
    now: dict[UUID, Person] = field(default_factory=dict)
    touched: set[UUID] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.now |= self.stored

    def judge(self, client_id: UUID | None, row: PersonRow, known_id: UUID | None) -> Placement:
        """What a row makes of the person whom its key knows, else whom the client has by that name;
        `client_id` is None for a new client.

        Raises `PersonRefused`: contacts of another client, too many of them, the name of another
        person, too many persons.
        """
        try:
            return self._judge(client_id, row, known_id)
        except Refusal as refusal:
            raise PersonRefused(refusal) from refusal

    def _judge(self, client_id: UUID | None, row: PersonRow, known_id: UUID | None) -> Placement:
        index = index_of(self.clients.now[client_id]) if client_id else []
        entry = row.entry(self.clients.room_id)
        known = self._known(client_id, known_id)
        if known and known["archived"]:
            return Placement(known, known)
        same = None if known else find_same(index, entry, [self.clients.room_id])
        before = self.now[UUID(same["id"])] if same else known
        after = self._after(before, row, keeps_words=same is not None)
        if before is after:
            return Placement(before, before)
        if client_id:
            self.clients.require_no_other(client_id, row.described)
        self._require_place(index, persons.entry_of(after))
        return Placement(before, after)

    def put(self, client_id: UUID, placement: Placement) -> UUID:
        """Makes the person one of the client's as `placement` has it; the person's id."""
        person = {**placement.after, "client_id": client_id}
        person_id: UUID = person["id"]
        if placement.changes:
            self.now[person_id] = person
            self.touched.add(client_id)
            entry = persons.entry_of(person)
            self.clients.put_person(client_id, entry)
        return person_id

    @property
    def created(self) -> list[Person]:
        return [person for id_, person in self.now.items() if id_ not in self.stored]

    @property
    def changed(self) -> list[Person]:
        return [self.now[id_] for id_, person in self.stored.items() if self.now[id_] is not person]

    def _known(self, client_id: UUID | None, known_id: UUID | None) -> Person | None:
        known = self.now.get(known_id) if known_id else None
        if known is None or known["client_id"] != client_id:
            return None
        return known if is_of(known["room_ids"], [self.clients.room_id]) else None

    def _after(self, before: Person | None, row: PersonRow, keeps_words: bool) -> Person:
        """The person with what the row says, contacts added and never taken away; `keeps_words`:
        name and position stay as people have typed them.
        """
        described = row.described
        if before is None:
            return self._new(described)
        changes: dict[str, Any] = {
            name: described[name]
            for name in ("name", "position")
            if described[name] and not (keeps_words and before[name])
        }
        for name in LISTS:
            new = [contact for contact in described[name] if contact not in before[name]]
            changes[name] = [*before[name], *new]
            if len(changes[name]) > MOST_CONTACTS:
                raise Invalid(f"person_{name}", "too_many", max=MOST_CONTACTS)
        after = {**before, **changes}
        return before if after == dict(before) else after

    def _new(self, described: Mapping[str, Any]) -> Person:
        return {
            **described,
            "id": new_id(),
            "note": None,
            "archived": False,
            "created_by": self.clients.caller.employee_id,
            "room_ids": [self.clients.room_id],
        }

    def _require_place(self, index: Sequence[Entry], entry: Entry) -> None:
        others = [each for each in index if each["id"] != entry["id"]]
        require_place(others, entry, [self.clients.room_id])
