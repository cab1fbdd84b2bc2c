"""Clients and what identifies them in a tenant."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Text,
    Uuid,
    and_,
    bindparam,
    column,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.storage.tables import activity, client, client_identity
from shared.db import BulkRows, Tx, compiled
from shared.db.tables import Moment

_c, _i, _a = client.c, client_identity.c, activity.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_id = bindparam("id", type_=Uuid)
_own = {
    column.name: bindparam(column.name, type_=column.type)
    for column in client.c
    if column.name not in ("tenant_id", "version", "created_at", "changed_at")
}
_now = bindparam("now", type_=Moment)
_mine = and_(_c.tenant_id == _tenant_id, _c.id == _id)

FIND = compiled(select(client).where(_mine))
LOCK = compiled(
    select(
        func.clock_timestamp().label("now"),
        select(client).where(_mine).with_for_update().subquery("found"),
    )
)
ENTER = compiled(
    insert(client)
    .values(tenant_id=_tenant_id, version=literal(1), created_at=_now, changed_at=_now, **_own)
    .returning(client)
)
CHANGE = compiled(
    update(client)
    .where(_mine)
    .values(
        version=_c.version + 1,
        changed_at=_now,
        **{name: bind for name, bind in _own.items() if name != "id"},
    )
    .returning(client)
)

IDENTITIES = ("inn", "phone", "email")
CONTACTS = BulkRows("contact", {"kind": Text(), "value": Text()})
CLAIM_IDENTITIES = compiled(
    upsert(client_identity)
    .from_select(["tenant_id", "client_id", "kind", "value"], select(_tenant_id, _id, *CONTACTS.c))
    .on_conflict_do_nothing()
    .returning(_i.kind, _i.value)
)
DROP_IDENTITIES = compiled(
    delete(client_identity).where(_i.tenant_id == _tenant_id, _i.client_id == _id)
)
FORGET = compiled(delete(client).where(_mine))
WHO_HAS = compiled(
    select(_i.kind, _i.value, _i.client_id)
    .select_from(
        client_identity.join(
            CONTACTS.table, and_(_i.kind == CONTACTS.c.kind, _i.value == CONTACTS.c.value)
        )
    )
    .where(_i.tenant_id == _tenant_id)
)

_rooms = bindparam("rooms", type_=ARRAY(Uuid))
_its = and_(_a.tenant_id == _c.tenant_id, _a.client_id == _c.id)
# A seller sees a client whom they registered, who wants something in their rooms, or whom no room
# works yet.
VISIBLE = or_(
    _rooms.is_(None),
    _c.registered_by == bindparam("employee_id", type_=Uuid),
    exists(select(_a.id).where(_its, _a.room_id == func.any(_rooms))),
    ~exists(select(_a.id).where(_its)),
)
SEE = compiled(select(client).where(_mine, VISIBLE))
_limit = bindparam("limit", type_=BigInteger)
_seen = (
    select(client)
    .where(_c.tenant_id == _tenant_id, _c.id < bindparam("before", type_=Uuid), VISIBLE)
    .order_by(_c.id.desc())
)
PAGE = compiled(_seen.limit(_limit))
# The inner limit is a fence: clients are read in their order, and then names.
_recent = _seen.limit(bindparam("window", type_=BigInteger)).subquery("recent")
SEARCH_RECENT = compiled(
    select(_recent)
    .where(_recent.c.name.ilike(bindparam("pattern", type_=Text)))
    .order_by(_recent.c.id.desc())
    .limit(_limit)
)
_exact = select(_i.client_id).where(
    _i.tenant_id == _tenant_id,
    or_(*(_i.kind == kind for kind in IDENTITIES)),
    _i.value == func.any(bindparam("exact", type_=ARRAY(Text))),
)
# One array: of two conditions either of which may hold no index is of use.
_these = func.array_cat(bindparam("ids", type_=ARRAY(Uuid)), func.array(_exact.scalar_subquery()))
SEARCH_THESE = compiled(_seen.where(_c.id == func.any(_these)).limit(_limit))
_NAMED = compiled(
    select(column("id", Uuid)).select_from(
        func.client_named(
            _tenant_id, bindparam("pattern", type_=Text), bindparam("most", type_=BigInteger)
        ).table_valued("id")
    )
)
MOST_NAMED = 1000


async def named(tx: Tx, words: str) -> list[UUID] | None:
    """The clients with `words` in their name, from the index; None where they are more than
    `MOST_NAMED`, so that any scan meets some.
    """
    rows = await tx.rows(_NAMED, pattern=contains(words), most=MOST_NAMED + 1)
    return [row["id"] for row in rows] if len(rows) <= MOST_NAMED else None


def contains(words: str) -> str:
    """A LIKE pattern for text that contains `words` as they are."""
    return "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def identities(row: Any) -> list[tuple[str, str]]:
    """What may belong to one client only: INN with KPP (branches share an INN), each phone, each
    e-mail.

    In one order, so that two registrations that claim the same can't deadlock.
    """
    inn = [("inn", f"{row['inn']}/{row['kpp'] or ''}")] if row["inn"] else []
    return sorted(
        [
            *inn,
            *(("phone", phone) for phone in row["phones"]),
            *(("email", email) for email in row["emails"]),
        ]
    )
