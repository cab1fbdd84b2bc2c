"""The contact persons of a batch of clients: read behind the locks of those, and written."""

from collections.abc import Sequence
from uuid import UUID

from services.activities.domain.contact_persons import index_of
from services.activities.domain.identity import identities_of
from services.activities.events import publish_directory
from services.activities.handlers.importing.client_book import ClientBook
from services.activities.handlers.importing.client_rows import ClientRow
from services.activities.handlers.importing.person_book import PersonBook
from services.activities.storage import client_batches, clients, persons
from shared.db import Tx
from shared.folding import folded


async def open_persons(
    tx: Tx, book: ClientBook, rows: Sequence[ClientRow], known_ids: Sequence[UUID]
) -> PersonBook:
    """The persons whom keys know, and those of the book's clients who have the name of one in a
    row.
    """
    names = {folded(row.person.described["name"]) for row in rows if row.person}
    ids = {
        UUID(entry["id"])
        for client in book.now.values()
        for entry in index_of(client)
        if entry["name"] in names
    }
    found = await persons.find_many(tx, sorted(ids | set(known_ids)))
    return PersonBook(book, {row["id"]: row for row in found})


async def write_persons(tx: Tx, people: PersonBook) -> None:
    """Writes what is new and what has changed, with the indexes and identities of their clients,
    which are written, and events.
    """
    rows = await persons.insert_many(tx, people.created)
    rows += await persons.save_many(tx, people.changed)
    if not rows:
        return
    of = [people.clients.now[id_] for id_ in sorted(people.touched)]
    await clients.save_persons_of_many(tx, of)
    claimed = [(each["id"], identity) for each in of for identity in identities_of(each)]
    await client_batches.claim_many(tx, claimed)
    for row in rows:
        publish_directory(tx, "contact_person", row)
