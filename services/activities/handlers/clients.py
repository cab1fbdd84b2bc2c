"""Registering, finding again and changing clients."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.activities.domain.refusals import DuplicateClient
from services.activities.storage import clients
from shared.db import Tx
from shared.errors import Invalid, NotFound
from shared.events import Event
from shared.events.directory import ClientChanged
from shared.events.people import PersonDescribed
from shared.ids import ClientId, new_id
from shared.tenancy import Caller

Row = Mapping[str, Any]


async def register(tx: Tx, values: Mapping[str, Any], caller: Caller) -> Row:
    """A new client.

    Raises `DuplicateClient` where INN, phone or e-mail belong to another; eight at once make one
    client.
    """
    row = await _enter(tx, values, caller)
    if not await _claimed(tx, row):
        raise await _duplicate(tx, row, caller)
    _say(tx, row)
    return row


async def register_or_find(tx: Tx, values: Mapping[str, Any], caller: Caller) -> Row:
    """The client that an activity's registration describes: the one who is known by these contacts,
    or a new one.
    """
    if known := await _known(tx, values):
        return known
    row = await _enter(tx, values, caller)
    if await _claimed(tx, row):
        _say(tx, row)
        return row
    # Someone registered the same client at the same moment: theirs is the one.
    await tx.rows(clients.DROP_IDENTITIES, id=row["id"])
    await tx.rows(clients.FORGET, id=row["id"])
    if known := await _known(tx, values):
        return known
    raise DuplicateClient(matched=[], client_ids=[])


async def change(tx: Tx, client_id: ClientId, changes: Mapping[str, Any], caller: Caller) -> Row:
    """Raises `NotFound` where the caller doesn't see the client, `DuplicateClient` as `register`."""
    await see(tx, client_id, caller)
    before = await tx.row(clients.LOCK, id=client_id)
    assert before
    tx.at(before["now"])
    after = {**dict(before), **changes}
    if after["kpp"] and not after["inn"]:
        raise Invalid("kpp", "with_inn")
    if after == dict(before):
        return before
    row = await tx.row(clients.CHANGE, **{**after, "now": tx.now})
    assert row
    if clients.identities(row) != clients.identities(before):
        await tx.rows(clients.DROP_IDENTITIES, id=client_id)
        if not await _claimed(tx, row):
            raise await _duplicate(tx, row, caller)
    _say(tx, row)
    return row


async def see(tx: Tx, client_id: UUID, caller: Caller) -> Row:
    """The client, if it is the caller's to see. Raises `NotFound`."""
    row = await tx.row(
        clients.SEE, id=client_id, employee_id=caller.employee_id, rooms=caller.rooms()
    )
    if row is None:
        raise NotFound("client")
    return row


async def _enter(tx: Tx, values: Mapping[str, Any], caller: Caller) -> Row:
    await tx.read_clock()
    row = await tx.row(
        clients.ENTER, **values, id=new_id(), registered_by=caller.employee_id, now=tx.now
    )
    assert row
    return row


async def _known(tx: Tx, values: Mapping[str, Any]) -> Row | None:
    """The one client with these contacts. Raises `DuplicateClient` where they belong to several."""
    known = {row["client_id"] for row in await _who_has(tx, values)}
    if len(known) > 1:
        raise DuplicateClient(
            "several",
            matched=sorted({"inn", "phones", "emails"} & set(values)),
        )
    return await tx.row(clients.FIND, id=known.pop()) if known else None


async def _claimed(tx: Tx, row: Row) -> bool:
    """Whether all of the client's contacts are its own now."""
    wanted = clients.identities(row)
    if not wanted:
        return True
    claimed = await tx.rows(clients.CLAIM_IDENTITIES, id=row["id"], **_contacts(wanted))
    return len(claimed) == len(set(wanted))


async def _duplicate(tx: Tx, row: Row, caller: Caller) -> DuplicateClient:
    """Names which contacts are taken, and by whom only if the caller sees that client."""
    others = [known for known in await _who_has(tx, row) if known["client_id"] != row["id"]]
    matched = sorted({known["kind"] for known in others})
    seen = []
    for client_id in sorted({known["client_id"] for known in others}):
        if await tx.row(
            clients.SEE, id=client_id, employee_id=caller.employee_id, rooms=caller.rooms()
        ):
            seen.append(str(client_id))
    return DuplicateClient(matched=matched, client_ids=seen)


async def _who_has(tx: Tx, values: Mapping[str, Any]) -> list[Any]:
    wanted = clients.identities(values)
    if not wanted:
        return []
    return await tx.rows(clients.WHO_HAS, **_contacts(wanted))


def _contacts(wanted: list[tuple[str, str]]) -> dict[str, list[Any]]:
    return clients.CONTACTS.of({"kind": kind, "value": value} for kind, value in wanted)


def _say(tx: Tx, row: Row) -> None:
    for fact in facts_of(row):
        tx.publish(fact, row["id"], row["version"])


def facts_of(row: Row) -> list[Event]:
    """What others hear of a client: the client, and on sales.people.v1 who it is."""
    return [
        ClientChanged(
            client_id=row["id"],
            kind=row["kind"],
            large=row["large"],
            registered_by=row["registered_by"],
        ),
        PersonDescribed(
            kind="client",
            name=row["name"],
            phones=row["phones"],
            emails=row["emails"],
            inn=row["inn"],
        ),
    ]
