"""What clients had changed: written by the statement that changes the client, read page by page."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Text,
    Update,
    Uuid,
    bindparam,
    cast,
    insert,
    literal,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.activities.domain.client_changes import (
    ClientChangeKind,
    Values,
    changes_between,
    rooms_of_contacts,
)
from services.activities.storage.tables.clients import client, client_change
from shared.db import Statement, Tx, compiled
from shared.db.transaction import Row

_c, _h = client.c, client_change.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_client_id = bindparam("client_id", type_=Uuid)
_recorded = {
    "who": bindparam("change_who", type_=Uuid),
    "what": bindparam("change_what", type_=Text),
    "changes": bindparam("change_changes", type_=JSONB),
    "contact_rooms": bindparam("change_contact_rooms", type_=JSONB),
    "other_client_id": bindparam("change_other_client_id", type_=Uuid),
    "import_id": bindparam("change_import_id", type_=Uuid),
}
_told = select(
    _h.version,
    _h.at,
    _h.who,
    _h.what,
    _h.changes,
    _h.contact_rooms,
    _h.other_client_id,
    _h.import_id,
).where(_h.tenant_id == _tenant_id, _h.client_id == _client_id)
_created = select(
    cast(literal(1), BigInteger).label("version"),
    _c.created_at.label("at"),
    _c.registered_by.label("who"),
    cast(literal("created"), Text).label("what"),
    cast(null(), JSONB).label("changes"),
    cast(null(), JSONB).label("contact_rooms"),
    cast(null(), Uuid).label("other_client_id"),
    _c.import_id,
).where(_c.tenant_id == _tenant_id, _c.id == _client_id)
_before, _limit = bindparam("before", type_=BigInteger), bindparam("limit", type_=BigInteger)
# The limit inside lets the key be read backwards; what created the client is no row of the table.
_newest = _told.where(_h.version < _before).order_by(_h.version.desc()).limit(_limit).subquery()
_every = select(_newest).union_all(_created.where(literal(1) < _before)).subquery("entry")
_PAGE = compiled(select(_every).order_by(_every.c.version.desc()).limit(_limit))


def recording(change: Update) -> Statement:
    """The statement that makes a `change` of one client, writes it into the history and gives the
    client; the values of `recorded` are among its parameters.
    """
    saved = change.returning(client).cte("saved")
    named = (
        insert(client_change)
        .from_select(
            ["tenant_id", "client_id", "version", "at", *_recorded],
            select(
                saved.c.tenant_id,
                saved.c.id,
                saved.c.version,
                saved.c.changed_at,
                *_recorded.values(),
            ),
        )
        .cte("told")
    )
    return compiled(select(saved).add_cte(named))


def recorded(
    tx: Tx,
    what: ClientChangeKind,
    before: Values,
    after: Values,
    other_id: UUID | None = None,
    import_id: UUID | None = None,
) -> dict[str, Any]:
    """Who changes what of a client; `other_id` is the other client of a merge, `import_id` the
    import that changes it.
    """
    changes = changes_between(before, after)
    return {
        "change_who": tx.caller.employee_id if tx.caller else None,
        "change_what": what,
        "change_changes": changes,
        "change_contact_rooms": rooms_of_contacts(changes, before, after),
        "change_other_client_id": other_id,
        "change_import_id": import_id,
    }


async def page_of(tx: Tx, client_id: UUID, before: int, limit: int) -> list[Row]:
    """Up to `limit` changes of a client that made versions below `before`, the newest first, and at
    the end its creation.
    """
    return await tx.rows(_PAGE, client_id=client_id, before=before, limit=limit)
