"""A batch of activities: their clients found or made as those of rows of clients are, each
registered by the rules of registering, into the pool or for who is named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from services.activities.domain import taking
from services.activities.domain.activity import DomainEvent
from services.activities.domain.contact_rooms import seen_by
from services.activities.domain.description import left_over
from services.activities.domain.refusals import DoNotCall, ImportedBefore
from services.activities.domain.registering import (
    OfferedProduct,
    Registration,
    order_lines,
    register,
)
from services.activities.domain.room_settings import RoomSettings
from services.activities.handlers.following import FollowVip, enqueue_following
from services.activities.handlers.importing.activity_rows import ActivityRow
from services.activities.handlers.importing.batches import BatchResult, Place
from services.activities.handlers.importing.client_book import ClientBook
from services.activities.handlers.importing.clients import enter_room, open_book, write_book
from services.activities.handlers.saving import save_new
from services.activities.storage import absences, import_keys, import_lookups, work_limit
from services.activities.storage.import_lookups import ClientFacts
from shared.db import Tx
from shared.errors import Invalid, NotFound, Refusal
from shared.ids import ActivityId, ClientId, CompanyId, EmployeeId, ProductId, RoomId, new_id
from shared.jobs import RefusedElement


@dataclass(slots=True)
class Registrar:
    """Registers a batch's activities in one place, with what it has read of it."""

    tx: Tx
    place: Place
    settings: RoomSettings
    products: Mapping[ProductId, OfferedProduct]
    currency: str
    time_zone: str
    _of_seller: dict[EmployeeId, RoomSettings] = field(default_factory=dict)
    _in_work: dict[EmployeeId, int] = field(default_factory=dict)

    async def register(
        self, row: ActivityRow, client: Mapping[str, Any], facts: ClientFacts
    ) -> ActivityId:
        """Writes the activity of a row.

        Raises `DoNotCall` for a cold source, `WorkLimitReached`, `Invalid`.
        """
        if row.source_kind == "cold" and client["do_not_call"]:
            raise DoNotCall
        holder = facts.vip_holder
        settings = await self._settings_of(holder) if holder else self.settings
        registration = self._registration(row, client)
        events = register(registration, facts.won_before, holder, None, settings, self.tx.now)
        if row.responsible_id and not holder:
            events += await self._assigned(events[-1], row.responsible_id)
        note = {"import_id": str(self.place.import_id), "import_row": row.number}
        events[0] = replace(events[0], text={**events[0].text, **note})
        await save_new(self.tx, events, self.place.caller.employee_id)
        if facts.is_held_elsewhere:
            following = FollowVip(self.place.company_id, registration.client_id)
            await enqueue_following(self.tx, following)
        return registration.id

    def _registration(self, row: ActivityRow, client: Mapping[str, Any]) -> Registration:
        company_id, described = CompanyId(self.place.company_id), row.described
        lines = order_lines(row.products, self.products, company_id, self.currency)
        seen = seen_by(client, [self.place.room_id])
        over = left_over(seen, _described_as(described, seen), {}) if described else {}
        return Registration(
            id=ActivityId(new_id()),
            company_id=company_id,
            room_id=RoomId(self.place.room_id),
            client_id=ClientId(client["id"]),
            source_id=row.source_id,
            source_kind=row.source_kind,
            currency=self.currency,
            products=lines,
            note=row.note,
            by=self.place.caller.employee_id,
            as_registered=over,
        )

    async def _assigned(self, registered: DomainEvent, seller: EmployeeId) -> list[DomainEvent]:
        settings = await self._settings_of(seller)
        await self._require_below_limit(seller)
        return taking.assign(registered.after, seller, settings, self.tx.now)

    async def _require_below_limit(self, seller: EmployeeId) -> None:
        """Counts what this batch has added and not written yet."""
        limit = self.settings.options.work_limit
        if not limit:
            return
        if seller not in self._in_work:
            room_id, company_id = self.place.room_id, self.place.company_id
            await work_limit.lock_place(self.tx, seller, room_id)
            count = await work_limit.count_in_work(self.tx, seller, room_id, company_id)
            self._in_work[seller] = count
        taking.require_below_limit(limit, self._in_work[seller])
        self._in_work[seller] += 1

    async def _settings_of(self, seller: EmployeeId) -> RoomSettings:
        if seller not in self._of_seller:
            absent = await absences.find_of_seller(self.tx, seller, self.time_zone)
            self._of_seller[seller] = self.settings.of_seller(absent)
        return self._of_seller[seller]


async def import_activities(
    tx: Tx, rows: Sequence[ActivityRow], place: Place, registrar: Registrar
) -> BatchResult:
    """Makes activities of rows that were not imported before."""
    result = BatchResult()
    keys = place.keys("activities")
    known = await import_keys.lock(tx, keys, [row.key for row in rows])
    new: dict[str, ActivityRow] = {}
    for row in rows:
        fingerprint = new[row.key].fingerprint if row.key in new else known[row.key].fingerprint
        if fingerprint == row.fingerprint:
            result.counts["unchanged"] += 1
        elif fingerprint is not None:
            result.refuse(RefusedElement.of(str(row.number), ImportedBefore()))
        else:
            new[row.key] = row
    made = await _register(tx, list(new.values()), place, registrar, result)
    await import_keys.save(tx, keys, made)
    if len(made) < len(known):
        await import_keys.drop_unused(tx, keys, [row.key for row in rows])
    return result


async def _register(
    tx: Tx, rows: Sequence[ActivityRow], place: Place, registrar: Registrar, result: BatchResult
) -> list[tuple[str, UUID, bytes]]:
    """The keys of the activities that it made."""
    if not rows:
        return []
    by_key = await import_keys.find(
        tx, place.keys("clients"), [row.client_key for row in rows if row.client_key]
    )
    described = [row.described for row in rows if row.described and not _known(row, by_key)]
    book = await open_book(tx, [_named(each) for each in described], list(by_key.values()), place)
    clients: dict[str, UUID] = {}
    for row in rows:
        try:
            clients[row.key] = await _client_of(tx, book, row, by_key)
        except Refusal as refusal:
            result.refuse(RefusedElement.of(str(row.number), refusal))
    await write_book(tx, book)
    facts = await import_lookups.facts_of(
        tx, list(clients.values()), place.company_id, place.room_id
    )
    made: list[tuple[str, UUID, bytes]] = []
    for row in rows:
        if row.key not in clients:
            continue
        client_id = clients[row.key]
        try:
            activity_id = await registrar.register(row, book.now[client_id], facts[client_id])
        except Refusal as refusal:
            result.refuse(RefusedElement.of(str(row.number), refusal))
            continue
        made.append((row.key, activity_id, row.fingerprint))
        result.counts["created"] += 1
    return made


def _described_as(described: Mapping[str, Any], client: Mapping[str, Any]) -> Mapping[str, Any]:
    """A description that says nothing of the name where the row has none."""
    return described if described["name"] else {**described, "name": client["name"]}


def _known(row: ActivityRow, by_key: Mapping[str, UUID]) -> bool:
    return bool(row.client_key and row.client_key in by_key)


def _named(described: Mapping[str, Any]) -> Mapping[str, Any]:
    """A description that can be compared: without a name by its INN."""
    return described if described["name"] else {**described, "name": described["inn"]}


async def _client_of(
    tx: Tx, book: ClientBook, row: ActivityRow, by_key: Mapping[str, UUID]
) -> UUID:
    """The client of a row: by the sender's key, else by its description, else a new one.

    Raises `NotFound` for a key that no import has made, `DuplicateClient`, `Invalid` for a new
    client without a name.
    """
    if row.client_key and row.client_key in by_key:
        return book.present_id(by_key[row.client_key])
    if row.described is None:
        raise NotFound("client", "client_external_id")
    described = _named(row.described)
    meant_id = book.find_meant(described)
    if meant_id is None:
        if row.described["name"] is None:
            raise Invalid("name", "missing")
        return book.create(described)
    if row.source_kind == "cold" and book.now[meant_id].get("do_not_call"):
        raise DoNotCall
    await enter_room(tx, book, meant_id)
    book.complete(meant_id, described)
    return meant_id
