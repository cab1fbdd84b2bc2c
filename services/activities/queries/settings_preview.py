"""What other numbers would do to a room, before anybody sets them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from heapq import nsmallest
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, any_, bindparam, select

from services.activities.domain.room_settings import RoomSettings
from services.activities.queries.renewals import renewals_between
from services.activities.queries.room_settings import require_company_in_room
from services.activities.storage import due, room_settings
from services.activities.storage.mapping import room_settings_of
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.clients import client
from shared.db import Tx, compiled
from shared.db.transaction import Row

SHOWN = 100
SOON = timedelta(days=7)
_a, _c = activity.c, client.c
_NAMED = compiled(
    select(_a.id, _a.responsible_id, _c.id.label("client_id"), _c.name, _c.large, _c.do_not_call)
    .join(client, and_(_c.tenant_id == _a.tenant_id, _c.id == _a.client_id))
    .where(
        _a.tenant_id == bindparam("tenant_id", type_=Uuid),
        _a.id == any_(bindparam("ids", type_=ARRAY(Uuid))),
    )
)


async def preview_room_settings(
    tx: Tx, room_id: UUID, company_id: UUID, proposed: RoomSettings
) -> dict[str, Any]:
    """Which activities in work would be reset sooner by the `proposed` numbers, if they were set
    now, and which renewals would appear. Nothing changes.

    Raises `NotFound`, `NotSoldInRoom`.
    """
    await require_company_in_room(tx, room_id, company_id)
    now = await tx.read_clock()
    present = room_settings_of(await room_settings.find(tx, room_id, company_id))
    proposed = proposed.following(present, now)
    in_work, later, sooner = 0, 0, list[tuple[datetime, UUID, datetime | None]]()
    async for row in due.every_open(tx, room_id, company_id):
        in_work += 1
        since = row["progress_at"], row["reset_paused_until"]
        was, becomes = (
            due.settings_for(row, each).reset_due_at(*since) for each in (present, proposed)
        )
        if becomes and (was is None or becomes < was):
            sooner.append((becomes, row["id"], was))
        later += becomes != was and (becomes is None or (was is not None and becomes > was))
    first = nsmallest(SHOWN, sooner)
    rows = {row["id"]: row for row in await tx.rows(_NAMED, ids=[id_ for _, id_, _ in first])}
    resets = {
        "in_work": in_work,
        "sooner": len(sooner),
        "later": later,
        "within_a_week": sum(becomes <= now + SOON for becomes, _, _ in sooner),
        "first": [_shown(rows[id_], was, becomes) for becomes, id_, was in first if id_ in rows],
    }
    horizons = proposed.renewal_horizon_days, present.renewal_horizon_days
    renewals = await renewals_between(tx, room_id, company_id, *horizons)
    return {"resets": resets, "renewals": renewals}


def _shown(row: Row, was: datetime | None, becomes: datetime) -> Mapping[str, Any]:
    return {
        "activity_id": row["id"],
        "client": {
            "id": row["client_id"],
            "name": row["name"],
            "large": row["large"],
            "do_not_call": row["do_not_call"],
        },
        "responsible_id": row["responsible_id"],
        "reset_due_at": was,
        "new_reset_due_at": becomes,
    }
