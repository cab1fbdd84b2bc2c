"""The history of a client: who changed what, the newest first."""

from typing import Any
from uuid import UUID

from services.activities.domain.client_changes import told
from services.activities.storage import client_changes, clients
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.paging import cursor_of, number, read_cursor
from shared.tenancy import Caller

_LAST_VERSION = 2**62


async def list_history(
    tx: Tx, client_id: UUID, caller: Caller, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of what a client had changed; by the id of one that was merged, its own until then.

    Changes of which the caller may see nothing are left out, so a page may have fewer than `limit`.
    Raises `NotFound` for a client that is not, or was not, the caller's to see.
    """
    last = read_cursor(cursor, number)
    client = await clients.find(tx, client_id)
    if client is None or not caller.sees_client(client["room_ids"]):
        raise NotFound("client")
    before = last[0] if last else _LAST_VERSION
    rows = await client_changes.page_of(tx, client_id, before, limit + 1)
    views = (_view(row, caller) for row in rows[:limit])
    next_cursor = cursor_of(rows[limit - 1]["version"]) if len(rows) > limit else None
    return {"items": [view for view in views if view], "next_cursor": next_cursor}


def _view(row: Row, caller: Caller) -> dict[str, Any] | None:
    """The entry, or None where all that changed is other rooms'."""
    changes = told(row["changes"] or {}, row["contact_rooms"] or {}, caller.rooms())
    if row["what"] == "changed" and not changes:
        return None
    shown = ("version", "at", "who", "what", "other_client_id", "import_id")
    return {**{name: row[name] for name in shown}, "changes": changes}
