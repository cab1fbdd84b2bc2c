"""Creating, finding again and changing clients."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.activities.domain.contacts import with_contacts
from services.activities.domain.identity import Identity, broken_inn_rule, identities_of
from services.activities.domain.refusals import DuplicateClient
from services.activities.events import publish_directory
from services.activities.handlers.commands import Changes, CreateClient, values_of
from services.activities.queries.clients import view_of_row
from services.activities.storage import clients
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Invalid, NotFound
from shared.ids import ClientId
from shared.tenancy import Caller
from shared.versions import differing, stale

View = dict[str, Any]


async def create_client(tx: Tx, command: CreateClient, caller: Caller) -> View:
    """Creates a client; eight requests at once make one.

    Raises `DuplicateClient` where INN, phone or e-mail belong to another.
    """
    room_ids = sorted(caller.room_ids)
    row = await clients.insert_new(tx, values_of(command), caller.employee_id, room_ids)
    identities = identities_of(row)
    if not await clients.claim_identities(tx, row["id"], identities):
        raise await _duplicate(tx, identities, caller, row["id"])
    publish_directory(tx, "client", row)
    return view_of_row(row)


async def find_or_create_client(
    tx: Tx, command: CreateClient, room_id: UUID, caller: Caller
) -> Row:
    """The client that a registration in the room describes: known by these contacts, or a new one.

    Raises `DuplicateClient` where the contacts belong to several clients, and exactly as
    `create_client` does where they belong to one whom the caller does not see.
    """
    values = values_of(command)
    identities = identities_of(values)
    if client := await _find_by_identities(tx, identities, values, caller):
        return client
    row = await clients.insert_new(tx, values, caller.employee_id, [room_id])
    if await clients.claim_identities(tx, row["id"], identities):
        publish_directory(tx, "client", row)
        return row
    # Someone registered the same client at the same moment: theirs is the one.
    await clients.discard(tx, row["id"])
    if client := await _find_by_identities(tx, identities, values, caller):
        return client
    raise DuplicateClient(matched=[], client_ids=[])


async def enter_room(tx: Tx, client_id: ClientId, room_id: UUID) -> None:
    """Makes a client one of the room's, whose people see it from now on."""
    if row := await clients.enter_room(tx, client_id, room_id):
        publish_directory(tx, "client", row)


async def change_client(tx: Tx, client_id: ClientId, changes: Changes, caller: Caller) -> View:
    """Changes a client that the caller sees.

    Raises `NotFound`, `Stale`, `DuplicateClient` as `create_client`, `Invalid` for an INN of the
    other kind of client, a KPP without an organisation's INN, or too many contacts.
    """
    if await clients.find_visible(tx, client_id, caller) is None:
        raise NotFound("client")
    before = await clients.lock(tx, client_id)
    changes = with_contacts(before, changes)
    if not tx.expects(before["version"]):
        raise stale(before["version"], differing(view_of_row(before), changes))
    after = {**before, **changes}
    # What was stored before the rule does not keep the rest from being changed.
    if {"inn", "kpp"} & changes.keys():
        _require_inn_of_its_kind(after)
    if after == dict(before):
        return view_of_row(before)
    row = await clients.save(tx, after)
    identities = identities_of(row)
    if identities != identities_of(before):
        await clients.drop_identities(tx, client_id)
        if not await clients.claim_identities(tx, client_id, identities):
            raise await _duplicate(tx, identities, caller, client_id)
    publish_directory(tx, "client", row)
    return view_of_row(row)


def _require_inn_of_its_kind(client: Mapping[str, Any]) -> None:
    rule = broken_inn_rule(client["kind"], client["inn"], client["kpp"])
    if rule == "with_inn":
        raise Invalid("kpp", "with_inn")
    if rule == "inn_of_organization":
        raise Invalid("inn", "inn_of_organization")
    if rule == "inn_of_person":
        raise Invalid("inn", "inn_of_person")


async def _find_by_identities(
    tx: Tx, identities: Sequence[Identity], values: Mapping[str, Any], caller: Caller
) -> Row | None:
    """The one client with these identities, if it is the caller's to see. Raises `DuplicateClient`
    where it is not, or where they are of several.
    """
    owner_ids = {row["client_id"] for row in await clients.owners_of(tx, identities)}
    if not owner_ids:
        return None
    owners = [await clients.find(tx, owner_id) for owner_id in sorted(owner_ids)]
    if not all(row and caller.sees_client(row["room_ids"]) for row in owners):
        raise await _duplicate(tx, identities, caller)
    if len(owners) > 1:
        matched = sorted({"inn", "phones", "emails"} & set(values))
        raise DuplicateClient("several", matched=matched)
    return owners[0]


async def _duplicate(
    tx: Tx, identities: Sequence[Identity], caller: Caller, own_id: UUID | None = None
) -> DuplicateClient:
    """Names which contacts are taken by others than the client itself, and by whom only if the
    caller sees that client.
    """
    owners = await clients.owners_of(tx, identities)
    others = [owner for owner in owners if owner["client_id"] != own_id]
    visible = [
        str(client_id)
        for client_id in sorted({owner["client_id"] for owner in others})
        if await clients.find_visible(tx, client_id, caller)
    ]
    matched = sorted({owner["kind"] for owner in others})
    return DuplicateClient(matched=matched, client_ids=visible)
