"""Creating, finding again and changing clients."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.activities.domain.contact_rooms import entered, seen_by
from services.activities.domain.contacts import with_contacts
from services.activities.domain.description import (
    DescribedClient,
    additions_to,
    left_over,
    merged,
)
from services.activities.domain.identity import (
    Identity,
    Meant,
    Namesake,
    broken_inn_rule,
    clients_meant,
    identities_of,
    is_same,
)
from services.activities.domain.refusals import DuplicateClient
from services.activities.events import publish_directory
from services.activities.handlers.commands import Changes, CreateClient, values_of
from services.activities.queries.clients import view_of_row
from services.activities.storage import client_rooms, clients
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Invalid, NotFound
from shared.folding import folded
from shared.ids import ClientId
from shared.tenancy import Caller
from shared.versions import differing, stale

View = dict[str, Any]
_IDENTIFYING = frozenset({"inn", "kpp", "phones", "emails", "add_phones", "add_emails"}) | {
    "remove_phones",
    "remove_emails",
}


async def create_client(tx: Tx, command: CreateClient, caller: Caller) -> View:
    """Creates a client; eight requests at once make one.

    Raises `DuplicateClient` where INN, phone or e-mail belong to another.
    """
    values = values_of(command)
    identities = identities_of(values)
    await clients.lock_identities(tx, identities)
    owners = await clients.owners_of(tx, identities)
    meant = clients_meant(values, namesakes_of(values, owners))
    if meant.namesakes:
        raise _duplicate(meant, owners, caller)
    row = await clients.insert_new(tx, values, caller.employee_id, sorted(caller.room_ids))
    await clients.claim_identities(tx, row["id"], identities)
    publish_directory(tx, "client", row)
    return view_of_row(row, caller)


async def find_or_create_client(
    tx: Tx, command: CreateClient, room_id: UUID, caller: Caller
) -> DescribedClient:
    """The client that a registration in the room describes: one that is known by its INN or
    contacts, with what was new in the description, or a new one.

    Raises `DuplicateClient` where the description may mean several, for the caller to choose, and
    exactly as `create_client` does where it means one whom the caller does not see.
    """
    values = values_of(command)
    identities = identities_of(values)
    existing = await _find_meant(tx, values, identities, caller)
    if existing is None or additions_to(seen_by(existing, [room_id]), values):
        await clients.lock_identities(tx, identities)
        # Someone may have registered or changed the same client at the same moment.
        existing = await _find_meant(tx, values, identities, caller)
    if existing:
        return await add_to_known(tx, existing, values, room_id)
    row = await clients.insert_new(tx, values, caller.employee_id, [room_id])
    await clients.claim_identities(tx, row["id"], identities)
    publish_directory(tx, "client", row)
    return DescribedClient(row["id"])


async def add_to_known(
    tx: Tx, existing: Row, values: Mapping[str, Any], room_id: UUID
) -> DescribedClient:
    """A known client with what the description brought to the room: added to it, or left to be kept
    with the activity.
    """
    if additions_to(seen_by(existing, [room_id]), values):
        existing = await clients.lock(tx, existing["id"])
        if existing["merged_into"]:
            existing = await clients.lock(tx, existing["merged_into"])
    seen = seen_by(existing, [room_id])
    added = additions_to(seen, values)
    if added:
        row = await clients.save(tx, existing, entered(existing, merged(seen, added), [room_id]))
        await clients.claim_identities(tx, row["id"], identities_of(row))
        publish_directory(tx, "client", row)
    return DescribedClient(existing["id"], added, left_over(seen, values, added))


async def enter_room(tx: Tx, client_id: ClientId, room_id: UUID) -> None:
    """Makes a client one of the room's, whose people see it from now on."""
    if row := await client_rooms.enter_room(tx, client_id, room_id):
        publish_directory(tx, "client", row)


async def change_client(tx: Tx, client_id: ClientId, changes: Changes, caller: Caller) -> View:
    """Changes a client that the caller sees.

    Raises `NotFound`, `Stale`, `DuplicateClient` as `create_client`, `Invalid` for an INN of the
    other kind of client, a KPP without an organisation's INN, or too many contacts.
    """
    visible, rooms = await clients.find_visible(tx, client_id, caller), caller.rooms()
    if visible is None:
        raise NotFound("client")
    meets_others = not _IDENTIFYING.isdisjoint(changes)
    if meets_others:
        expected = entered(visible, with_contacts(seen_by(visible, rooms), changes), rooms)
        await clients.lock_identities(tx, identities_of(expected))
    before = await clients.lock(tx, client_id)
    if before["merged_into"]:
        raise NotFound("client")
    changes = with_contacts(seen_by(before, rooms), changes)
    if not tx.expects(before["version"]):
        raise stale(before["version"], differing(view_of_row(before, caller), changes))
    after = entered(before, changes, rooms)
    # What was stored before the rule does not keep the rest from being changed.
    if {"inn", "kpp"} & changes.keys():
        _require_inn_of_its_kind(after)
    if after == dict(before):
        return view_of_row(before, caller)
    identities = identities_of(after)
    if meets_others:
        await require_no_other_client(tx, after, identities, caller)
        await clients.drop_identities(tx, client_id)
        await clients.claim_identities(tx, client_id, identities)
    row = await clients.save(tx, before, after)
    publish_directory(tx, "client", row)
    return view_of_row(row, caller)


async def require_no_other_client(
    tx: Tx, client: Mapping[str, Any], identities: Sequence[Identity], caller: Caller
) -> None:
    """Raises `DuplicateClient` where `identities`, which are locked, may make another client of
    this one.
    """
    owners = await clients.owners_of(tx, identities)
    others = [each for each in namesakes_of(client, owners) if each.id != client["id"]]
    same = [namesake for namesake in others if is_same(client, namesake)]
    if same:
        raise _duplicate(Meant(same, certain=False), owners, caller)


def _require_inn_of_its_kind(client: Mapping[str, Any]) -> None:
    rule = broken_inn_rule(client["kind"], client["inn"], client["kpp"])
    if rule == "with_inn":
        raise Invalid("kpp", "with_inn")
    if rule == "inn_of_organization":
        raise Invalid("inn", "inn_of_organization")
    if rule == "inn_of_person":
        raise Invalid("inn", "inn_of_person")


async def _find_meant(
    tx: Tx, values: Mapping[str, Any], identities: Sequence[Identity], caller: Caller
) -> Row | None:
    """The one client that is meant, if it is the caller's to see; None for a new one. Raises
    `DuplicateClient` where it is not, or where it may be several.
    """
    owners = await clients.owners_of(tx, identities)
    meant = clients_meant(values, namesakes_of(values, owners))
    if not meant.namesakes:
        return None
    if not all(_sees(caller, owners[namesake.id]) for namesake in meant.namesakes):
        raise _duplicate(meant, owners, caller)
    if not meant.certain:
        candidates = _visible(meant, owners, caller)
        raise DuplicateClient("several", matched=meant.matched, client_ids=candidates)
    return owners[meant.namesakes[0].id].row


def namesakes_of(values: Mapping[str, Any], owners: Mapping[UUID, clients.Owner]) -> list[Namesake]:
    """The stored clients that have some of a description's identities."""
    name = folded(values["name"])
    return [
        Namesake(
            id=row["id"],
            kind=row["kind"],
            inn=row["inn"],
            kpp=row["kpp"],
            shared=frozenset(shared),
            same_name=folded(row["name"]) == name,
        )
        for row, shared in owners.values()
    ]


def _sees(caller: Caller, owner: clients.Owner) -> bool:
    return caller.sees_client(owner.row["room_ids"])


def _duplicate(
    meant: Meant, owners: Mapping[UUID, clients.Owner], caller: Caller
) -> DuplicateClient:
    """Names which contacts are taken, and by whom only if the caller sees that client with one of
    them.
    """
    return DuplicateClient(matched=meant.matched, client_ids=_visible(meant, owners, caller))


def _visible(meant: Meant, owners: Mapping[UUID, clients.Owner], caller: Caller) -> list[str]:
    seen = (
        namesake.id
        for namesake in meant.namesakes
        if _sees(caller, owners[namesake.id]) and owners[namesake.id].is_met_by(caller)
    )
    return sorted(map(str, seen))
