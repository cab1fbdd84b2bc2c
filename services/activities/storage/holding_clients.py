"""Clients locked before their activities: the order in which merges and messages from outside lock
them, so that nobody waits in a circle.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.clients import client
from shared.db import Tx, compiled

_TRIES = 5
"""How often the clients may be merged into others meanwhile."""

_a, _c = activity.c, client.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_ids = any_(bindparam("ids", type_=ARRAY(Uuid)))
_FIND = compiled(select(_a.client_id).where(_a.tenant_id == _tenant_id, _a.id == _ids).distinct())
# A registration, which only refers to the client, waits for none of them.
_HOLD = compiled(
    select(_c.id)
    .where(_c.tenant_id == _tenant_id, _c.id == _ids)
    .order_by(_c.id)
    .with_for_update(key_share=True)
)


async def hold_clients_of(tx: Tx, activity_ids: Sequence[UUID]) -> None:
    """Locks the clients of activities that are not locked yet, in the order of their ids. Who
    waited for a merge finds the activities with another client, and locks that too.
    """
    held: set[UUID] = set()
    for _ in range(_TRIES):
        rows = await tx.rows(_FIND, ids=list(activity_ids))
        missing = {row["client_id"] for row in rows} - held
        if not missing:
            return
        await tx.rows(_HOLD, ids=sorted(missing))
        held |= missing
