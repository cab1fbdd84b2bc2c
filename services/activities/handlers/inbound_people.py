"""Who a message from outside is from: contacts in their canonical forms, and the one client that
has them, found or made.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from services.activities.domain.description import DescribedClient
from services.activities.domain.identity import (
    ORGANIZATION_DIGITS,
    broken_inn_rule,
    clients_meant,
    identities_of,
)
from services.activities.events import publish_directory
from services.activities.handlers.clients import add_to_known, enter_room, namesakes_of
from services.activities.handlers.inbound_commands import NotUnderstood, TypedPerson
from services.activities.storage import clients
from shared.contacts import Inn, Phone
from shared.db import Tx
from shared.db.transaction import Row
from shared.ids import ClientId, EmployeeId, RoomId
from shared.text import Email, Name

Values = Mapping[str, Any]
Lines = list[tuple[str, str]]
NAMELESS = "Без имени"
_SHOWN_DIGITS = 4
_PARTS: Mapping[str, tuple[str, TypeAdapter[str]]] = {
    "name": ("Имя", TypeAdapter(Name)),
    "phone": ("Телефон", TypeAdapter(Phone)),
    "email": ("E-mail", TypeAdapter(Email)),
    "inn": ("ИНН", TypeAdapter(Inn)),
}
_LABELS = {"name": "Имя", "phones": "Телефон", "emails": "E-mail", "inn": "ИНН"}


def describe(person: TypedPerson) -> tuple[Values, Lines]:
    """The client that a person describes, and what of it can't be read, to be kept as it was typed.

    Raises `NotUnderstood` where nothing is left by which to reach them.
    """
    read: dict[str, str] = {}
    unread: Lines = []
    for field, (label, adapter) in _PARTS.items():
        typed = getattr(person, field)
        if typed and typed.strip():
            try:
                read[field] = adapter.validate_python(typed)
            except ValidationError:
                unread.append((label, typed.strip()))
    if not {"phone", "email"} & read.keys():
        typed_contacts = person.phone or person.email
        raise NotUnderstood("unusable_contact" if typed_contacts else "no_contact")
    return _values(person, read, unread), unread


def _values(person: TypedPerson, read: Mapping[str, str], unread: Lines) -> Values:
    inn, phone, email = read.get("inn"), read.get("phone"), read.get("email")
    is_organization = inn is not None and len(inn) == ORGANIZATION_DIGITS
    kind = person.kind or ("organization" if is_organization else "person")
    if broken_inn_rule(kind, inn, None):
        unread.append((_LABELS["inn"], str(inn)))
        inn = None
    return {
        "name": read.get("name") or _nameless(phone),
        "kind": kind,
        "inn": inn,
        "kpp": None,
        "phones": [phone] if phone else [],
        "emails": [email] if email else [],
        "large": False,
    }


def _nameless(phone: str | None) -> str:
    """Rooms that see a client by its name are told no phone by it."""
    digits = (phone or "").partition(";")[0][-_SHOWN_DIGITS:]
    return f"{NAMELESS} (…{digits})" if digits else NAMELESS


async def lock_client(tx: Tx, values: Values) -> Row | None:
    """The one client that is meant, whichever rooms see it, locked; None for a new one.

    Nobody else decides whose these contacts are until the transaction ends, so that messages of one
    person are taken one after another. Raises `NotUnderstood` where it may be several.
    """
    identities = identities_of(values)
    await clients.lock_identities(tx, identities)
    owners = await clients.owners_of(tx, identities)
    meant = clients_meant(values, namesakes_of(values, owners))
    if not meant.namesakes:
        return None
    if not meant.certain:
        raise NotUnderstood("several_clients")
    row = await clients.lock(tx, meant.namesakes[0].id)
    return await clients.lock(tx, row["merged_into"]) if row["merged_into"] else row


async def enter_client(
    tx: Tx, client: Row | None, values: Values, room_id: RoomId, by: EmployeeId
) -> tuple[ClientId, Lines]:
    """Makes the client one of the room's, with the contacts that came by the message: the room sees
    no others. Gives what was typed and is not the client's.
    """
    if client is None:
        row = await clients.insert_new(tx, values, by, [room_id])
        await clients.claim_identities(tx, row["id"], identities_of(values))
        publish_directory(tx, "client", row)
        return row["id"], []
    if room_id not in client["room_ids"]:
        await enter_room(tx, client["id"], room_id)
        client = await clients.lock(tx, client["id"])
    described = await add_to_known(tx, client, values, room_id)
    return ClientId(described.id), _left_over(described)


def _left_over(described: DescribedClient) -> Lines:
    lines: Lines = []
    for field, value in described.left_over.items():
        values = value if isinstance(value, list) else [value]
        lines += [(_LABELS[field], each) for each in values if not each.startswith(NAMELESS)]
    return lines
