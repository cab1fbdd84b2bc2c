"""Clients that become those of another room, with or without what the one before knows."""

from uuid import UUID

from sqlalchemy import (
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    column,
    func,
    literal,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, array

from services.activities.storage.tables.clients import client
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row

_c = client.c
_is_it = and_(
    _c.tenant_id == bindparam("tenant_id", type_=Uuid), _c.id == bindparam("id", type_=Uuid)
)
_now, _room_id = bindparam("now", type_=Moment), bindparam("room_id", type_=Uuid)
# What was of all rooms that saw the client stays theirs: the room that enters it is none of them.
_contact = (
    func.unnest(
        func.array_cat(
            func.array_cat(_c.phones, _c.emails),
            func.array_remove(array([case((_c.kind == literal("person"), _c.inn))]), None),
        )
    )
    .table_valued("contact", name="private")
    .render_derived()
)
_frozen = (
    select(
        func.jsonb_object_agg(
            _contact.c.contact,
            func.coalesce(
                _c.contact_rooms.op("->", return_type=JSONB)(_contact.c.contact),
                func.to_jsonb(_c.room_ids),
            ),
        )
    )
    .select_from(_contact)
    .correlate(client)
    .scalar_subquery()
)
# Who waited for another registration of the room finds the room there and changes nothing.
_ENTER = compiled(
    update(client)
    .where(_is_it, _room_id != func.all(_c.room_ids))
    .values(
        version=_c.version + 1,
        changed_at=_now,
        room_ids=func.array_append(_c.room_ids, _room_id),
        contact_rooms=case(
            (func.cardinality(_c.room_ids) == literal(0), _c.contact_rooms),
            else_=func.coalesce(_frozen, _c.contact_rooms),
        ),
    )
    .returning(client)
)
# With the contacts of the room that the client comes from.
_from_room_id = bindparam("from_room_id", type_=Uuid)
_entry = func.jsonb_each(_c.contact_rooms).table_valued("key", column("value", JSONB), name="entry")
_has_come = func.to_jsonb(cast(_room_id, Text))
_comes_along = and_(
    _entry.c.value.bool_op("@>")(func.to_jsonb(cast(_from_room_id, Text))),
    not_(_entry.c.value.bool_op("@>")(_has_come)),
)
_person = func.jsonb_array_elements(_c.person_index).table_valued(
    column("value", JSONB), name="person"
)
_person_rooms = _person.c.value.op("->", return_type=JSONB)(literal("rooms"))
_person_comes_along = and_(
    _person_rooms.bool_op("@>")(func.to_jsonb(cast(_from_room_id, Text))),
    not_(_person_rooms.bool_op("@>")(_has_come)),
)
_is_new = _room_id != func.all(_c.room_ids)
_rooms_with_it = case(
    (_comes_along, _entry.c.value.op("||", return_type=JSONB)(_has_come)), else_=_entry.c.value
)
_ENTER_WITH_CONTACTS = compiled(
    update(client)
    .where(
        _is_it,
        or_(
            _is_new,
            select(_entry.c.key).select_from(_entry).where(_comes_along).correlate(client).exists(),
            select(_person.c.value)
            .select_from(_person)
            .where(_person_comes_along)
            .correlate(client)
            .exists(),
        ),
    )
    .values(
        version=_c.version + 1,
        changed_at=_now,
        room_ids=case((_is_new, func.array_append(_c.room_ids, _room_id)), else_=_c.room_ids),
        contact_rooms=func.coalesce(
            select(func.jsonb_object_agg(_entry.c.key, _rooms_with_it))
            .select_from(_entry)
            .correlate(client)
            .scalar_subquery(),
            _c.contact_rooms,
        ),
    )
    .returning(client)
)


async def enter_room(
    tx: Tx, client_id: UUID, room_id: UUID, from_room_id: UUID | None = None
) -> Row | None:
    """Makes the client one of the room's, one version later; None where it is already.

    The room sees none of the contacts that others have entered, but those of `from_room_id`.
    """
    values = {"id": client_id, "room_id": room_id, "now": tx.now}
    if from_room_id is None:
        return await tx.row(_ENTER, **values)
    return await tx.row(_ENTER_WITH_CONTACTS, **values, from_room_id=from_room_id)
