"""A batch of clients: keys, identities and rows locked in this order, each row decided by the rules
of registering (ADR 25, 31, 34), all of them written together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.activities.domain.custom_fields import Value as CustomValue
from services.activities.domain.identity import identities_of
from services.activities.domain.imports import RowOutcome
from services.activities.domain.refusals import DuplicateClient
from services.activities.events import publish_directory
from services.activities.handlers.importing.batches import BatchResult, Place
from services.activities.handlers.importing.client_book import ClientBook, identities_in
from services.activities.handlers.importing.client_rows import ClientRow
from services.activities.handlers.importing.custom import write_custom_values
from services.activities.handlers.importing.person_book import PersonBook, PersonRefused
from services.activities.handlers.importing.persons import open_persons, write_persons
from services.activities.storage import client_batches, client_rooms, clients, import_keys
from services.activities.storage.import_keys import KnownKey
from shared.db import Tx
from shared.errors import Refusal
from shared.ids import CustomFieldId
from shared.jobs import RefusedElement


@dataclass(frozen=True, slots=True)
class _Known:
    """What the keys of a batch made before: its clients, and their persons."""

    clients: dict[str, KnownKey]
    persons: dict[str, KnownKey]

    def changes_client(self, row: ClientRow) -> bool:
        return self.clients[row.key].fingerprint != row.fingerprint

    def changes_person(self, row: ClientRow) -> bool:
        person = row.person
        return person is not None and self.persons[person.key].fingerprint != person.fingerprint

    def changes(self, row: ClientRow) -> bool:
        return self.changes_client(row) or self.changes_person(row)


@dataclass(frozen=True, slots=True)
class _Decided:
    """What a row came to; `custom` is what it says in the company's own fields, if that is new."""

    row: ClientRow
    client_id: UUID
    person_id: UUID | None
    outcome: RowOutcome
    custom: Mapping[CustomFieldId, CustomValue]


async def import_clients(tx: Tx, rows: Sequence[ClientRow], place: Place) -> BatchResult:
    """Makes clients of rows, or changes those that they mean, with their contact persons."""
    result = BatchResult()
    known = await _lock_keys(tx, rows, place)
    new = [row for row in rows if known.changes(row)]
    result.counts["unchanged"] += len(rows) - len(new)
    if not new:
        return result
    described = [row.with_person(place.room_id) for row in new]
    book = await open_book(tx, described, _objects(known.clients), place)
    people = await open_persons(tx, book, new, _objects(known.persons))
    decided: list[_Decided] = []
    for row in new:
        if not known.changes(row):
            result.counts["unchanged"] += 1
            continue
        try:
            decided.append(await _decide(tx, book, people, row, known))
        except PersonRefused as refused:
            result.refuse(refused.elements(row.number))
        except Refusal as refusal:
            result.refuse(RefusedElement.of(str(row.number), refusal))
    await write_book(tx, book)
    await write_persons(tx, people)
    custom = [(each.client_id, each.custom) for each in decided]
    changed_ids = await write_custom_values(tx, custom, book.now, place)
    for each in decided:
        is_changed = each.outcome == "unchanged" and each.client_id in changed_ids
        result.counts["updated" if is_changed else each.outcome] += 1
    await _save_keys(tx, new, decided, place)
    return result


async def _lock_keys(tx: Tx, rows: Sequence[ClientRow], place: Place) -> _Known:
    """Locks those of clients first, then those of persons, as every import does."""
    clients_ = await import_keys.lock(tx, place.keys("clients"), [row.key for row in rows])
    keys = [row.person.key for row in rows if row.person]
    return _Known(clients_, await import_keys.lock(tx, place.keys("persons"), keys) if keys else {})


async def _save_keys(
    tx: Tx, new: Sequence[ClientRow], decided: Sequence[_Decided], place: Place
) -> None:
    made = {each.row.key: (each.row.key, each.client_id, each.row.fingerprint) for each in decided}
    await import_keys.save(tx, place.keys("clients"), list(made.values()))
    persons = {
        each.row.person.key: (each.row.person.key, each.person_id, each.row.person.fingerprint)
        for each in decided
        if each.row.person and each.person_id
    }
    if persons:
        await import_keys.save(tx, place.keys("persons"), list(persons.values()))
    if len(decided) < len(new):
        await import_keys.drop_unused(tx, place.keys("clients"), [row.key for row in new])
        keys = [row.person.key for row in new if row.person]
        await import_keys.drop_unused(tx, place.keys("persons"), keys)


def _objects(known: Mapping[str, KnownKey]) -> list[UUID]:
    return [each.object_id for each in known.values() if each.object_id]


async def open_book(
    tx: Tx, described: Sequence[Mapping[str, object]], known_ids: Sequence[UUID], place: Place
) -> ClientBook:
    """The clients that descriptions may mean, and those that keys know, all of them locked behind
    their identities.
    """
    known = await client_batches.find_many(tx, known_ids)
    identities = identities_in([*described, *known])
    await clients.lock_identities(tx, identities)
    await tx.read_clock()
    owners = await clients.owners_of(tx, identities)
    locked = await client_batches.lock_many(tx, [*owners, *known_ids])
    book = ClientBook(place.caller, place.room_id, place.import_id)
    for id_, row in locked.items():
        owned = owners[id_].shared if id_ in owners else identities_of(row)
        book.take_in(row, owned)
        book.follow(id_, row["id"])
    return book


async def _decide(
    tx: Tx, book: ClientBook, people: PersonBook, row: ClientRow, known: _Known
) -> _Decided:
    """What a row makes of its client and person. Everything is judged before anything is put: a
    row that is refused leaves nothing behind.
    """
    known_id = known.clients[row.key].object_id
    client_id = book.present_id(known_id) if known_id else _find_meant(book, row)
    person = row.person if known.changes_person(row) else None
    placement = (
        people.judge(client_id, person, known.persons[person.key].object_id) if person else None
    )
    is_new = known.changes_client(row)
    outcome: RowOutcome = "unchanged"
    if client_id is None:
        client_id, outcome = book.create(row.described), "created"
    elif is_new and await _change(tx, book, client_id, row, is_known=known_id is not None):
        outcome = "updated"
    known.clients[row.key] = KnownKey(client_id, row.fingerprint)
    person_id = None
    if person and placement:
        person_id = people.put(client_id, placement)
        known.persons[person.key] = KnownKey(person_id, person.fingerprint)
        if placement.changes and outcome == "unchanged":
            outcome = "updated"
    return _Decided(row, client_id, person_id, outcome, row.custom if is_new else {})


def _find_meant(book: ClientBook, row: ClientRow) -> UUID | None:
    """The client that the row's own cells mean, else the one whose person it names."""
    meant_id = book.find_meant(row.described)
    if meant_id or row.person is None:
        return meant_id
    try:
        return book.find_meant(row.with_person(book.room_id))
    except DuplicateClient as refusal:
        raise PersonRefused(refusal) from refusal


async def _change(
    tx: Tx, book: ClientBook, client_id: UUID, row: ClientRow, is_known: bool
) -> bool:
    """Makes a client that the row's key knows what the row says, and completes another one;
    whether that changes anything.
    """
    if is_known:
        return book.change(client_id, row)
    is_entered = await enter_room(tx, book, client_id)
    is_completed = book.complete(client_id, row.described)
    return is_entered or is_completed


async def enter_room(tx: Tx, book: ClientBook, client_id: UUID) -> bool:
    """Makes a client one of the room's, as a registration does; whether it was not before."""
    client = book.now[client_id]
    if client_id not in book.stored or book.room_id in client["room_ids"]:
        return False
    await write_book(tx, book)
    row = await client_rooms.enter_room(tx, client_id, book.room_id)
    if row is None:
        return False
    publish_directory(tx, "client", row)
    book.take_in(row, ())
    return True


async def write_book(tx: Tx, book: ClientBook) -> None:
    """Writes what is new and what has changed, with its identities, history and events."""
    created, changed = book.created, book.changed
    rows = await client_batches.insert_many(tx, created) if created else []
    if changed:
        values = [
            clients.changed_values(tx, before, after, import_id=book.import_id)
            for before, after in changed
        ]
        rows += await client_batches.save_many(tx, values)
    for before, after in changed:
        if before["inn"] != after["inn"] and before["inn"]:
            await clients.drop_identities(tx, after["id"])
    claimed = [(row["id"], identity) for row in rows for identity in identities_of(row)]
    await client_batches.claim_many(tx, claimed)
    for row in rows:
        publish_directory(tx, "client", row)
        book.take_in(row, ())
