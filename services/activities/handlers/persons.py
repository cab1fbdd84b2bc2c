"""Contact persons of a client: entered, changed, archived. The client's lock keeps them apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.activities.domain.contact_persons import Entry, index_of, require_place
from services.activities.domain.contacts import with_contacts
from services.activities.domain.identity import Identity, identities_of
from services.activities.events import publish_directory
from services.activities.handlers.clients import require_no_other_client
from services.activities.handlers.commands import Changes
from services.activities.queries.persons import View, find_person, view_of_row
from services.activities.storage import client_rooms, clients, directory, persons
from services.activities.storage.directory import CONTACT_PERSON
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.ids import ClientId, new_id
from shared.tenancy import Caller
from shared.versions import differing, stale


@dataclass(frozen=True, slots=True)
class AddPerson:
    """`values` are the person's own: name, position, phones, e-mails, note."""

    client_id: ClientId
    values: Mapping[str, Any]


async def add_person(tx: Tx, command: AddPerson, caller: Caller) -> View:
    """Enters a person of a client that the caller sees, for the caller's rooms.

    Raises `NotFound`, `DuplicatePerson`, `DuplicateClient` for a phone or e-mail of another client,
    as `change_client` does, `Invalid` where the client has too many.
    """
    values = command.values
    if await clients.find_visible(tx, command.client_id, caller) is None:
        raise NotFound("client")
    identities = _identities(values)
    await clients.lock_identities(tx, identities)
    client = await _lock_client(tx, command.client_id)
    index = index_of(client)
    rooms = caller.rooms()
    entered = {
        **values,
        "id": new_id(),
        "client_id": client["id"],
        "created_by": caller.employee_id,
        "room_ids": client["room_ids"] if rooms is None else rooms,
    }
    entry = persons.entry_of(entered)
    require_place(index, entry, rooms)
    await require_no_other_client(tx, client, identities, caller)
    row = await directory.insert_new(tx, CONTACT_PERSON, entered)
    await _reindex(tx, client, [*index, entry])
    publish_directory(tx, "contact_person", row)
    return view_of_row(row)


async def change_person(
    tx: Tx, client_id: ClientId, person_id: UUID, changes: Changes, caller: Caller
) -> View:
    """Changes a person, archives or restores one.

    Raises `NotFound`, `Stale`, and what `add_person` raises.
    """
    if await clients.find_visible(tx, client_id, caller) is None:
        raise NotFound("client")
    seen = await find_person(tx, client_id, person_id, caller)
    await clients.lock_identities(tx, _identities({**seen, **with_contacts(seen, changes)}))
    client = await _lock_client(tx, client_id)
    before = await find_person(tx, client_id, person_id, caller)
    changes = with_contacts(before, changes)
    if not tx.expects(before["version"]):
        raise stale(before["version"], differing(view_of_row(before), changes))
    after = {**before, **changes}
    if after == dict(before):
        return view_of_row(before)
    index = [entry for entry in index_of(client) if entry["id"] != str(person_id)]
    if not after["archived"]:
        entry = persons.entry_of(after)
        require_place(index, entry, caller.rooms())
        await require_no_other_client(tx, client, _identities(after), caller)
        index.append(entry)
    row = await directory.save(tx, CONTACT_PERSON, after)
    await clients.drop_identities(tx, client_id)
    await _reindex(tx, client, index)
    publish_directory(tx, "contact_person", row)
    return view_of_row(row)


async def enter_with_contacts(
    tx: Tx, client_id: ClientId, room_id: UUID, from_room_id: UUID
) -> None:
    """Makes a client one of the room's, with the contacts and persons of the room from which its
    activity moved.
    """
    row = await client_rooms.enter_room(tx, client_id, room_id, from_room_id)
    if row is None:
        return
    publish_directory(tx, "client", row)
    if any(str(from_room_id) in entry["rooms"] for entry in index_of(row)):
        await _share_persons(tx, row, from_room_id, room_id)


async def _share_persons(tx: Tx, client: Row, from_room_id: UUID, room_id: UUID) -> None:
    shared = await persons.share(tx, client["id"], from_room_id, room_id)
    entries = {str(row["id"]): persons.entry_of(row) for row in shared}
    await _reindex(tx, client, [entries.get(entry["id"], entry) for entry in index_of(client)])
    for row in shared:
        publish_directory(tx, "contact_person", row)


async def follow_merge(tx: Tx, client_id: ClientId, into_id: ClientId) -> None:
    """Makes the persons of a merged client the other's, whose index has them already."""
    for row in await persons.follow(tx, client_id, into_id):
        publish_directory(tx, "contact_person", row)


async def _lock_client(tx: Tx, client_id: ClientId) -> Row:
    client = await clients.lock(tx, client_id)
    if client["merged_into"]:
        raise NotFound("client")
    return client


async def _reindex(tx: Tx, client: Row, index: list[Entry]) -> None:
    row = {**client, "person_index": index}
    await clients.save_persons(tx, row)
    await clients.claim_identities(tx, client["id"], identities_of(row))


def _identities(person: Mapping[str, Any]) -> list[Identity]:
    return identities_of({"inn": None, "phones": person["phones"], "emails": person["emails"]})
