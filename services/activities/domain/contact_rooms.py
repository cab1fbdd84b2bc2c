"""Contacts of a client by room: a room sees those that its own people entered, and nobody else's
(domain.md, "Clients").

`contact_rooms` of a client names the rooms of a contact; a contact that it does not name is of
every room that sees the client. An organisation's INN is in public registers, and for all of them;
a person's is a contact like others.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from services.activities.domain.contact_persons import contacts_of, index_of, is_of
from services.activities.domain.refusals import DuplicateClient

LISTS = ("phones", "emails")
Client = Mapping[str, Any]
Rooms = Collection[UUID] | None
"""Rooms as who asks has them; None: every room."""
RoomsByContact = dict[str, list[str]]


def private_contacts(client: Client) -> list[str]:
    """All contacts of a client that rooms keep from each other."""
    inn = [client["inn"]] if client["inn"] and client["kind"] == "person" else []
    return [*client["phones"], *client["emails"], *inn]


def hidden_from(client: Client, rooms: Rooms) -> frozenset[str]:
    """The contacts that only other rooms than these have entered."""
    by_contact = client["contact_rooms"]
    if rooms is None or not by_contact:
        return frozenset()
    asking = {str(room) for room in rooms}
    return frozenset(contact for contact, of in by_contact.items() if asking.isdisjoint(of))


def seen_by(client: Client, rooms: Rooms) -> Client:
    """The client with the contacts and persons that these rooms see."""
    hidden, persons = hidden_from(client, rooms), index_of(client)
    seen = [person for person in persons if is_of(person["rooms"], rooms)]
    if not hidden and len(seen) == len(persons):
        return client
    lists = {name: [each for each in client[name] if each not in hidden] for name in LISTS}
    inn = None if client["inn"] in hidden else client["inn"]
    return {**client, **lists, "inn": inn, "person_index": seen}


def sees(client: Client, contact: str, rooms: Rooms) -> bool:
    """Whether rooms know a contact as the client's, or as one of its persons'."""
    seen = seen_by(client, rooms)
    own = [seen["inn"], *seen["phones"], *seen["emails"]]
    return contact in own or any(contact in contacts_of(index_of(seen), name) for name in LISTS)


def entered(client: Client, changes: Mapping[str, Any], rooms: Rooms) -> dict[str, Any]:
    """The client after people of `rooms` set some of what they see of it: what others have entered
    stays theirs, and what they type becomes their own.

    Raises `DuplicateClient` for an INN where another room has entered a different one.
    """
    after, by_contact = {**client, **changes}, dict(client["contact_rooms"])
    for name in LISTS:
        if name in changes:
            kept = _without_ours(client, name, changes[name], rooms, by_contact)
            after[name] = [*changes[name], *kept]
            for contact in changes[name]:
                _enter(client, contact, contact in client[name], rooms, by_contact)
    if "inn" in changes and client["kind"] == "person":
        after["inn"] = _inn_after(client, changes["inn"], rooms, by_contact)
    after["contact_rooms"] = _told(by_contact, after)
    return after


def joined(old: Client, into: Client, after: Client) -> RoomsByContact:
    """The rooms of each contact of a client into which another was merged."""
    both: RoomsByContact = {}
    for contact in private_contacts(after):
        owners = [client for client in (into, old) if contact in private_contacts(client)]
        rooms = [rooms_of(client, contact) for client in owners]
        if all(rooms):
            both[contact] = list(dict.fromkeys(room for each in rooms for room in each))
    return _told(both, after)


def _without_ours(
    client: Client, name: str, wanted: Sequence[str], rooms: Rooms, by_contact: RoomsByContact
) -> list[str]:
    """The contacts beside those `wanted` that stay: other rooms have entered them."""
    seen, kept = seen_by(client, rooms)[name], []
    for contact in client[name]:
        if contact in wanted:
            continue
        ours = () if rooms is None else {str(room) for room in rooms}
        others = [room for room in rooms_of(client, contact) if room not in ours]
        if contact not in seen or (rooms is not None and others):
            by_contact[contact] = others
            kept.append(contact)
    return kept


def _enter(
    client: Client, contact: str, is_there: bool, rooms: Rooms, by_contact: RoomsByContact
) -> None:
    if not is_there and rooms:
        by_contact[contact] = [str(room) for room in rooms]
    elif is_there and contact in hidden_from(client, rooms):
        by_contact[contact] = [*by_contact[contact], *(str(room) for room in rooms or ())]


def _inn_after(
    client: Client, inn: str | None, rooms: Rooms, by_contact: RoomsByContact
) -> str | None:
    before: str | None = client["inn"]
    if before in hidden_from(client, rooms) and inn != before:
        if inn is not None:
            raise DuplicateClient(matched=["inn"], client_ids=[])
        return before
    if inn is None:
        return None
    if before and inn != before:
        if before in by_contact:
            by_contact[inn] = by_contact[before]
    else:
        _enter(client, inn, before is not None, rooms, by_contact)
    return inn


def rooms_of(client: Client, contact: str) -> list[str]:
    """The rooms of a contact; none where it is for whoever sees the client, as nobody's yet."""
    rooms: list[str] | None = client["contact_rooms"].get(contact)
    return [str(room) for room in client["room_ids"]] if rooms is None else rooms


def _told(by_contact: RoomsByContact, client: Client) -> RoomsByContact:
    """Without contacts that are gone, and those of just the rooms that see the client."""
    contacts, all_rooms = private_contacts(client), {str(room) for room in client["room_ids"]}
    return {
        contact: rooms
        for contact, rooms in by_contact.items()
        if contact in contacts and set(rooms) != all_rooms
    }
