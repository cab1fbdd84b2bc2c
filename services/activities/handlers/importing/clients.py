"""A batch of clients: keys, identities and rows locked in this order, each row decided by the rules
of registering (ADR 25, 31, 34), all of them written together.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.activities.domain.identity import identities_of
from services.activities.domain.imports import RowOutcome
from services.activities.events import publish_directory
from services.activities.handlers.importing.batches import BatchResult, Place
from services.activities.handlers.importing.client_book import ClientBook, identities_in
from services.activities.handlers.importing.client_rows import ClientRow
from services.activities.handlers.importing.custom import write_custom_values
from services.activities.storage import client_batches, client_rooms, clients, import_keys
from services.activities.storage.import_keys import KnownKey
from shared.db import Tx
from shared.errors import Refusal
from shared.jobs import RefusedElement


async def import_clients(tx: Tx, rows: Sequence[ClientRow], place: Place) -> BatchResult:
    """Makes clients of rows, or changes those that they mean."""
    result = BatchResult()
    keys = place.keys("clients")
    known = await import_keys.lock(tx, keys, [row.key for row in rows])
    new = [row for row in rows if known[row.key].fingerprint != row.fingerprint]
    result.counts["unchanged"] += len(rows) - len(new)
    if not new:
        return result
    book = await open_book(tx, [row.described for row in new], _objects(known), place)
    decided: list[tuple[ClientRow, UUID, RowOutcome]] = []
    for row in new:
        if known[row.key].fingerprint == row.fingerprint:
            result.counts["unchanged"] += 1
            continue
        try:
            client_id, outcome = await _decide(tx, book, row, known[row.key].object_id)
        except Refusal as refusal:
            result.refuse(RefusedElement.of(str(row.number), refusal))
            continue
        known[row.key] = KnownKey(client_id, row.fingerprint)
        decided.append((row, client_id, outcome))
    await write_book(tx, book)
    custom = [(client_id, row.custom) for row, client_id, _ in decided]
    changed_ids = await write_custom_values(tx, custom, book.now, place)
    for _, client_id, outcome in decided:
        is_changed = outcome == "unchanged" and client_id in changed_ids
        result.counts["updated" if is_changed else outcome] += 1
    made = {row.key: (row.key, client_id, row.fingerprint) for row, client_id, _ in decided}
    await import_keys.save(tx, keys, list(made.values()))
    if len(decided) < len(new):
        await import_keys.drop_unused(tx, keys, [row.key for row in new])
    return result


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
    tx: Tx, book: ClientBook, row: ClientRow, known_id: UUID | None
) -> tuple[UUID, RowOutcome]:
    """The client of a row, and what the row makes of it."""
    if known_id:
        client_id = book.present_id(known_id)
        return client_id, "updated" if book.change(client_id, row) else "unchanged"
    meant_id = book.find_meant(row.described)
    if meant_id is None:
        return book.create(row.described), "created"
    is_entered = await enter_room(tx, book, meant_id)
    is_completed = book.complete(meant_id, row.described)
    return meant_id, "updated" if is_entered or is_completed else "unchanged"


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
