"""Clients and their identities."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Text,
    Uuid,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.domain.client_changes import ClientChangeKind
from services.activities.domain.contact_persons import index_of
from services.activities.domain.contact_rooms import sees
from services.activities.domain.identity import Identity, with_numbers
from services.activities.storage.client_changes import recorded, recording
from services.activities.storage.do_not_call import forbids_calls
from services.activities.storage.tables.clients import client, client_identity, identity_lock
from shared.db import BulkRows, Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.folding import search_text_of, with_persons
from shared.ids import EmployeeId, new_id
from shared.tenancy import Caller

_c, _i = client.c, client_identity.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_id = bindparam("id", type_=Uuid)
_now = bindparam("now", type_=Moment)
_is_it = and_(_c.tenant_id == _tenant_id, _c.id == _id)
_own = {
    column.name: bindparam(column.name, type_=column.type)
    for column in client.c
    if column.name
    not in ("tenant_id", "version", "created_at", "changed_at", "merged_into", "do_not_call")
}
_do_not_call = forbids_calls(_own["id"], _own["phones"])

_rooms = bindparam("rooms", type_=ARRAY(Uuid))
VISIBLE = and_(
    or_(
        _rooms.is_(None),
        _c.room_ids.op("&&")(_rooms),
        func.cardinality(_c.room_ids) == literal(0),
    ),
    _c.merged_into.is_(None),
)
"""The clients of `rooms`, as `Caller.sees_client` has it; not those merged into others."""

_FIND = compiled(select(client).where(_is_it))
_FIND_VISIBLE = compiled(select(client).where(_is_it, VISIBLE))
_LOCK = compiled(
    select(
        func.clock_timestamp().label("now"),
        select(client).where(_is_it).with_for_update().subquery("locked"),
    )
)
_new = {
    "tenant_id": _tenant_id,
    "version": literal(1),
    "created_at": _now,
    "changed_at": _now,
    "do_not_call": _do_not_call,
} | _own
INSERT = compiled(insert(client).from_select(list(_new), select(*_new.values())).returning(client))
SAVE = recording(
    update(client)
    .where(_is_it)
    .values(
        version=_c.version + 1,
        changed_at=_now,
        do_not_call=_do_not_call,
        **{name: bind for name, bind in _own.items() if name != "id"},
    )
)
_SAVE_PERSONS = compiled(
    update(client)
    .where(_is_it)
    .values(person_index=_own["person_index"], search_text=_own["search_text"])
)

_identities = BulkRows("identity", {"kind": Text(), "value": Text()})
_lock = upsert(identity_lock).from_select(
    ["tenant_id", "kind", "value"], select(_tenant_id, *_identities.c)
)
# An update of what is there already locks it; the clock is read behind the locks.
_LOCK_IDENTITIES = compiled(
    _lock.on_conflict_do_update(
        index_elements=["tenant_id", "kind", "value"], set_={"kind": _lock.excluded.kind}
    ).returning(func.clock_timestamp().label("now"))
)
_CLAIM_IDENTITIES = compiled(
    upsert(client_identity)
    .from_select(
        ["tenant_id", "client_id", "kind", "value"], select(_tenant_id, _id, *_identities.c)
    )
    .on_conflict_do_nothing()
)
_DROP_IDENTITIES = compiled(
    delete(client_identity).where(_i.tenant_id == _tenant_id, _i.client_id == _id)
)
_OWNERS_OF_IDENTITIES = compiled(
    select(client, _i.kind.label("identity_kind"), _i.value.label("identity_value"))
    .select_from(
        client_identity.join(
            _identities.table,
            and_(_i.kind == _identities.c.kind, _i.value == _identities.c.value),
        ).join(client, and_(_c.tenant_id == _i.tenant_id, _c.id == _i.client_id))
    )
    .where(_i.tenant_id == _tenant_id)
    .order_by(_c.id)
)


class Owner(NamedTuple):
    """A client, as its row has it, and which of the identities that were asked for are its own."""

    row: Row
    shared: set[Identity]

    def is_met_by(self, caller: Caller) -> bool:
        """Whether one of the identities is no secret of other rooms."""
        return any(sees(self.row, identity.value, caller.rooms()) for identity in self.shared)


async def find(tx: Tx, client_id: UUID) -> Row | None:
    """A client, whoever may see it."""
    return await tx.row(_FIND, id=client_id)


async def find_visible(tx: Tx, client_id: UUID, caller: Caller) -> Row | None:
    """A client, if it is the caller's to see."""
    return await tx.row(_FIND_VISIBLE, id=client_id, rooms=caller.rooms())


async def lock(tx: Tx, client_id: UUID) -> Row:
    """A client, locked until the transaction ends. Raises `NotFound`."""
    row = await tx.row(_LOCK, id=client_id)
    if row is None:
        raise NotFound("client")
    tx.at(row["now"])
    return row


async def insert_new(
    tx: Tx, values: Mapping[str, Any], registered_by: EmployeeId, room_ids: Sequence[UUID]
) -> Row:
    """Writes a new client, entered by people of `room_ids`."""
    await tx.read_clock()
    row = await tx.row(INSERT, **new_values(values, registered_by, room_ids), now=tx.now)
    assert row
    return row


def new_values(
    values: Mapping[str, Any],
    registered_by: EmployeeId | None,
    room_ids: Sequence[UUID],
    import_id: UUID | None = None,
) -> dict[str, Any]:
    """The values of `INSERT` for a new client, but for the moment."""
    return {
        **values,
        "id": new_id(),
        "search_text": search_text_of(values),
        "registered_by": registered_by,
        "room_ids": list(room_ids),
        "contact_rooms": {},
        "person_index": [],
        "import_id": import_id,
    }


async def save(
    tx: Tx,
    before: Row,
    values: Mapping[str, Any],
    what: ClientChangeKind = "changed",
    other_id: UUID | None = None,
) -> Row:
    """Writes a locked client that was as `before`, one version later, and what changed into its
    history; `other_id` is the client that was merged into it.
    """
    row = await tx.row(SAVE, **changed_values(tx, before, values, what, other_id))
    assert row
    return row


def changed_values(
    tx: Tx,
    before: Mapping[str, Any],
    values: Mapping[str, Any],
    what: ClientChangeKind = "changed",
    other_id: UUID | None = None,
    import_id: UUID | None = None,
) -> dict[str, Any]:
    """The values of `SAVE` for a client that was as `before`."""
    history = recorded(tx, what, before, values, other_id, import_id)
    return {**values, "search_text": _searched(values), "now": tx.now, **history}


async def save_persons(tx: Tx, client: Mapping[str, Any]) -> None:
    """Writes the index of a locked client's contact persons, which are no part of its version."""
    index = client["person_index"]
    await tx.rows(_SAVE_PERSONS, id=client["id"], person_index=index, search_text=_searched(client))


async def save_persons_of_many(tx: Tx, all_clients: Sequence[Mapping[str, Any]]) -> None:
    """Writes the indexes of locked clients."""
    rows = [
        {"id": each["id"], "person_index": each["person_index"], "search_text": _searched(each)}
        for each in all_clients
    ]
    await tx.each(_SAVE_PERSONS, rows)


def _searched(client: Mapping[str, Any]) -> str:
    return with_persons(search_text_of(client), (person["text"] for person in index_of(client)))


async def lock_identities(tx: Tx, identities: Sequence[Identity]) -> None:
    """Keeps others from deciding whose `identities` are until the transaction ends. Whoever locks a
    client as well does so afterwards.
    """
    locked = with_numbers(identities)
    if rows := await tx.rows(_LOCK_IDENTITIES, **_bulk(locked)) if locked else []:
        tx.at(rows[-1]["now"])


async def claim_identities(tx: Tx, client_id: UUID, identities: Sequence[Identity]) -> None:
    """Makes `identities`, which are locked, the client's."""
    if identities:
        await tx.rows(_CLAIM_IDENTITIES, id=client_id, **_bulk(identities))


async def drop_identities(tx: Tx, client_id: UUID) -> None:
    """Frees the client's identities for others."""
    await tx.rows(_DROP_IDENTITIES, id=client_id)


async def owners_of(tx: Tx, identities: Sequence[Identity]) -> dict[UUID, Owner]:
    """The clients, by id, that have some of `identities`."""
    owners: dict[UUID, Owner] = {}
    for row in await tx.rows(_OWNERS_OF_IDENTITIES, **_bulk(identities)) if identities else []:
        owner = owners.setdefault(row["id"], Owner(row, set()))
        owner.shared.add(Identity(row["identity_kind"], row["identity_value"]))
    return owners


def _bulk(identities: Sequence[Identity]) -> dict[str, list[Any]]:
    return _identities.of(identity._asdict() for identity in identities)
