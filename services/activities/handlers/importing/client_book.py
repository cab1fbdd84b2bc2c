"""The clients that a batch of rows may mean, as the rows before have left them: decided one after
another, written together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.activities.domain.contact_persons import Entry, contacts_of, index_of
from services.activities.domain.contact_rooms import entered, seen_by, sees
from services.activities.domain.description import MOST_CONTACTS, additions_to, merged
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
from services.activities.handlers.importing.client_rows import ClientRow
from services.activities.storage import clients
from shared.errors import Invalid
from shared.folding import folded
from shared.ids import EmployeeId
from shared.tenancy import Caller

Client = Mapping[str, Any]


@dataclass(slots=True)
class ClientBook:
    """Clients by id: as they are `stored`, locked, and as they are `now`; a new one is not
    stored.
    """

    caller: Caller
    room_id: UUID
    import_id: UUID
    stored: dict[UUID, Client] = field(default_factory=dict)
    now: dict[UUID, Client] = field(default_factory=dict)
    _owners: dict[Identity, set[UUID]] = field(default_factory=dict)
    _merged: dict[UUID, UUID] = field(default_factory=dict)

    def take_in(self, row: Client, owned: Iterable[Identity]) -> None:
        """Adds a stored client, with those of its identities that were asked for."""
        self.stored[row["id"]] = self.now[row["id"]] = row
        self._own(row["id"], owned)

    def follow(self, asked_id: UUID, present_id: UUID) -> None:
        """Notes that the client of one id is known by another now: it was merged."""
        self._merged[asked_id] = present_id

    def present_id(self, client_id: UUID) -> UUID:
        """The id by which a client is known now."""
        return self._merged.get(client_id, client_id)

    def find_meant(self, described: Client) -> UUID | None:
        """The client that a description means; None for a new one.

        Raises `DuplicateClient` where it may be several, or one whom the caller does not see.
        """
        meant = clients_meant(described, self._namesakes(described))
        if not meant.namesakes:
            return None
        if not all(self._is_seen(namesake.id) for namesake in meant.namesakes):
            raise self._duplicate(meant)
        if not meant.certain:
            raise DuplicateClient("several", matched=meant.matched, client_ids=self._visible(meant))
        return meant.namesakes[0].id

    def create(self, described: Client) -> UUID:
        """Adds a client that nobody has described before."""
        values = clients.new_values(described, self._by, [self.room_id], self.import_id)
        client_id: UUID = values["id"]
        self.now[client_id] = {**values, "merged_into": None}
        self._own(client_id, identities_of(self.now[client_id]))
        return client_id

    def complete(self, client_id: UUID, described: Client) -> bool:
        """Adds to a known client what a description brings to the room; whether it brought any."""
        client = self.now[client_id]
        seen = seen_by(client, [self.room_id])
        added = additions_to(seen, described)
        if not added:
            return False
        self._put(client_id, entered(client, merged(seen, added), [self.room_id]))
        return True

    def change(self, client_id: UUID, row: ClientRow) -> bool:
        """Makes a client that the row's key knows what the row says, contacts added and never
        taken away; whether that changes anything.

        Raises `DuplicateClient` where it would be another client too, `Invalid`.
        """
        client = self.now[client_id]
        changes = self._changes(seen_by(client, [self.room_id]), row)
        if not changes:
            return False
        after = entered(client, changes, [self.room_id])
        if rule := broken_inn_rule(after["kind"], after["inn"], after["kpp"]):
            raise Invalid("kpp" if rule == "with_inn" else "inn", rule)
        others = [each for each in self._namesakes(after) if each.id != client_id]
        if same := [namesake for namesake in others if is_same(after, namesake)]:
            raise self._duplicate(Meant(same, certain=False))
        self._put(client_id, after)
        return True

    def require_no_other(self, client_id: UUID, person: Client) -> None:
        """Raises `DuplicateClient` where the contacts of a client's person may make another client
        of it.
        """
        client = self.now[client_id]
        contacts = {name: person[name] for name in ("phones", "emails")}
        met = self._namesakes({"inn": None, "name": client["name"], **contacts})
        others = [each for each in met if each.id != client_id]
        if same := [namesake for namesake in others if is_same(client, namesake)]:
            raise self._duplicate(Meant(same, certain=False))

    def put_person(self, client_id: UUID, entry: Entry) -> None:
        """Adds a person to the index of a client, or changes one, which makes no version of it."""
        before = self.now[client_id]
        others = [each for each in index_of(before) if each["id"] != entry["id"]]
        after = {**before, "person_index": [*others, entry]}
        stored = self.stored.get(client_id)
        if stored is before:
            self.stored[client_id] = after
        elif stored is not None:
            self.stored[client_id] = {**stored, "person_index": after["person_index"]}
        self._put(client_id, after)

    @property
    def created(self) -> list[Client]:
        """The new clients, in the order of their rows."""
        return [client for id_, client in self.now.items() if id_ not in self.stored]

    @property
    def changed(self) -> list[tuple[Client, Client]]:
        """The stored clients that are no longer as they were: before and after."""
        pairs = (
            (self.stored[id_], client) for id_, client in self.now.items() if id_ in self.stored
        )
        return [(before, after) for before, after in pairs if before is not after]

    @property
    def _by(self) -> EmployeeId:
        return self.caller.employee_id

    def _changes(self, seen: Client, row: ClientRow) -> dict[str, Any]:
        described = row.described
        changes: dict[str, Any] = {
            name: described[name]
            for name in ("name", "large", "inn", "kpp")
            if name in row.given and described[name] != seen[name]
        }
        for name in ("phones", "emails"):
            has = [*seen[name], *contacts_of(index_of(seen), name)]
            if new := [contact for contact in described[name] if contact not in has]:
                changes[name] = [*seen[name], *new]
                if len(changes[name]) > MOST_CONTACTS:
                    raise Invalid(name, "too_many", max=MOST_CONTACTS)
        return changes

    def _put(self, client_id: UUID, after: Client) -> None:
        self.now[client_id] = after
        self._own(client_id, identities_of(after))

    def _own(self, client_id: UUID, identities: Iterable[Identity]) -> None:
        for identity in identities:
            self._owners.setdefault(identity, set()).add(client_id)

    def _namesakes(self, described: Client) -> list[Namesake]:
        shared: dict[UUID, set[Identity]] = {}
        for identity in identities_of(described):
            for client_id in self._owners.get(identity, ()):
                shared.setdefault(client_id, set()).add(identity)
        name = folded(described["name"])
        return [
            Namesake(
                id=client_id,
                kind=client["kind"],
                inn=client["inn"],
                kpp=client["kpp"],
                shared=frozenset(identities),
                same_name=folded(client["name"]) == name,
            )
            for client_id, identities in sorted(shared.items())
            for client in (self.now[client_id],)
        ]

    def _is_seen(self, client_id: UUID) -> bool:
        return self.caller.sees_client(self.now[client_id]["room_ids"])

    def _duplicate(self, meant: Meant) -> DuplicateClient:
        return DuplicateClient(matched=meant.matched, client_ids=self._visible(meant))

    def _visible(self, meant: Meant) -> list[str]:
        rooms = self.caller.rooms()
        seen = (
            namesake.id
            for namesake in meant.namesakes
            if self._is_seen(namesake.id)
            and any(sees(self.now[namesake.id], each.value, rooms) for each in namesake.shared)
        )
        return sorted(map(str, seen))


def identities_in(clients_: Sequence[Client]) -> list[Identity]:
    """All identities of clients, each once."""
    return sorted({identity for each in clients_ for identity in identities_of(each)})
