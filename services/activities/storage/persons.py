"""Contact persons of clients. Who writes one holds the lock of its client."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Boolean, Uuid, bindparam, func, or_, select, update

from services.activities.domain.contact_persons import LISTS, Entry
from services.activities.storage.directory import CONTACT_PERSON
from services.activities.storage.tables.clients import contact_person
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.folding import folded, search_text_of

_p = contact_person.c
_tenant_id, _client_id = bindparam("tenant_id", type_=Uuid), bindparam("client_id", type_=Uuid)
_room_id, _from_room_id = bindparam("room_id", type_=Uuid), bindparam("from_room_id", type_=Uuid)
_rooms = bindparam("rooms", type_=ARRAY(Uuid))
_of_client = (_p.tenant_id == _tenant_id, _p.client_id == _client_id)
_changed = {"version": _p.version + 1, "changed_at": bindparam("now", type_=Moment)}
_PAGE = compiled(
    select(contact_person)
    .where(
        *_of_client,
        _p.id > bindparam("after", type_=Uuid),
        or_(_rooms.is_(None), _p.room_ids.op("&&")(_rooms), func.cardinality(_p.room_ids) == 0),
        or_(bindparam("archived", type_=Boolean), _p.archived.is_(False)),
    )
    .order_by(_p.id)
    .limit(bindparam("limit", type_=BigInteger))
)
_FIND = compiled(
    select(contact_person).where(
        _p.tenant_id == _tenant_id, _p.id == func.any(bindparam("ids", type_=ARRAY(Uuid)))
    )
)
_SHARE = compiled(
    update(contact_person)
    .where(*_of_client, _from_room_id == func.any(_p.room_ids), _room_id != func.all(_p.room_ids))
    .values(room_ids=func.array_append(_p.room_ids, _room_id), **_changed)
    .returning(contact_person)
)
_FOLLOW = compiled(
    update(contact_person)
    .where(*_of_client)
    .values(client_id=bindparam("into_id", type_=Uuid), **_changed)
    .returning(contact_person)
)


def entry_of(person: Mapping[str, Any]) -> Entry:
    """What the index of the client keeps of a person."""
    return {
        "id": str(person["id"]),
        "rooms": [str(room) for room in person["room_ids"]],
        "name": folded(person["name"]),
        "text": search_text_of({**person, "inn": None}),
        **{name: list(person[name]) for name in LISTS},
    }


async def page_of_client(
    tx: Tx,
    client_id: UUID,
    rooms: list[UUID] | None,
    after: UUID,
    limit: int,
    archived: bool,
) -> list[Row]:
    """The persons that those rooms see, in the order of entry; `archived`: those too."""
    return await tx.rows(
        _PAGE, client_id=client_id, rooms=rooms, after=after, limit=limit, archived=archived
    )


async def find_many(tx: Tx, ids: Sequence[UUID]) -> list[Row]:
    """The persons of those ids."""
    return await tx.rows(_FIND, ids=list(ids)) if ids else []


async def insert_many(tx: Tx, persons: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Writes new persons."""
    values = [{**person, "now": tx.now} for person in persons]
    return await tx.rows_of_each(CONTACT_PERSON.insert, values)


async def save_many(tx: Tx, persons: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Writes persons whose clients are locked, one version later."""
    values = [{**person, "now": tx.now} for person in persons]
    return await tx.rows_of_each(CONTACT_PERSON.update, values)


async def share(tx: Tx, client_id: UUID, from_room_id: UUID, room_id: UUID) -> Sequence[Row]:
    """Makes the persons of the one room those of the other too; the changed ones."""
    rooms = {"from_room_id": from_room_id, "room_id": room_id}
    return await tx.rows(_SHARE, client_id=client_id, **rooms, now=tx.now)


async def follow(tx: Tx, client_id: UUID, into_id: UUID) -> Sequence[Row]:
    """Makes the persons of a merged client the other's; all of them."""
    return await tx.rows(_FOLLOW, client_id=client_id, into_id=into_id, now=tx.now)
