"""Creating, finding again and changing clients."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.activities.domain.identity import Identity, identities_of
from services.activities.domain.refusals import DuplicateClient
from services.activities.events import publish_directory
from services.activities.handlers.commands import Changes, CreateClient, values_of
from services.activities.queries.directory import view_of_row
from services.activities.storage import clients
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Invalid, NotFound
from shared.ids import ClientId
from shared.tenancy import Caller

View = dict[str, Any]


async def create_client(tx: Tx, command: CreateClient, caller: Caller) -> View:
    """Creates a client; eight requests at once make one.

    Raises `DuplicateClient` where INN, phone or e-mail belong to another.
    """
    row = await clients.insert_new(tx, values_of(command), caller.employee_id)
    identities = identities_of(row)
    if not await clients.claim_identities(tx, row["id"], identities):
        raise await _duplicate(tx, row, caller)
    publish_directory(tx, "client", row)
    return view_of_row(row)


async def find_or_create_client(tx: Tx, command: CreateClient, caller: Caller) -> Row:
    """The client that an activity's registration describes: known by these contacts, or a new one.

    Raises `DuplicateClient` where the contacts belong to several clients.
    """
    values = values_of(command)
    identities = identities_of(values)
    if client := await _find_by_identities(tx, identities, values):
        return client
    row = await clients.insert_new(tx, values, caller.employee_id)
    if await clients.claim_identities(tx, row["id"], identities):
        publish_directory(tx, "client", row)
        return row
    # Someone registered the same client at the same moment: theirs is the one.
    await clients.discard(tx, row["id"])
    if client := await _find_by_identities(tx, identities, values):
        return client
    raise DuplicateClient(matched=[], client_ids=[])


async def change_client(tx: Tx, client_id: ClientId, changes: Changes, caller: Caller) -> View:
    """Changes a client that the caller sees.

    Raises `NotFound`, `DuplicateClient` as `create_client`, `Invalid` for a KPP without an INN.
    """
    if await clients.find_visible(tx, client_id, caller) is None:
        raise NotFound("client")
    before = await clients.lock(tx, client_id)
    after = {**before, **changes}
    if after["kpp"] and not after["inn"]:
        raise Invalid("kpp", "with_inn")
    if after == dict(before):
        return view_of_row(before)
    row = await clients.save(tx, after)
    identities = identities_of(row)
    if identities != identities_of(before):
        await clients.drop_identities(tx, client_id)
        if not await clients.claim_identities(tx, client_id, identities):
            raise await _duplicate(tx, row, caller)
    publish_directory(tx, "client", row)
    return view_of_row(row)


async def _find_by_identities(
    tx: Tx, identities: Sequence[Identity], values: Mapping[str, Any]
) -> Row | None:
    """The one client with these identities. Raises `DuplicateClient` where they are of several."""
    owner_ids = {row["client_id"] for row in await clients.owners_of(tx, identities)}
    if len(owner_ids) > 1:
        matched = sorted({"inn", "phones", "emails"} & set(values))
        raise DuplicateClient("several", matched=matched)
    return await clients.find(tx, owner_ids.pop()) if owner_ids else None


async def _duplicate(tx: Tx, row: Row, caller: Caller) -> DuplicateClient:
    """Names which contacts are taken, and by whom only if the caller sees that client."""
    owners = await clients.owners_of(tx, identities_of(row))
    others = [owner for owner in owners if owner["client_id"] != row["id"]]
    visible = [
        str(client_id)
        for client_id in sorted({owner["client_id"] for owner in others})
        if await clients.find_visible(tx, client_id, caller)
    ]
    matched = sorted({owner["kind"] for owner in others})
    return DuplicateClient(matched=matched, client_ids=visible)
