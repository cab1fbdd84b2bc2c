"""Statements on what people chose to be notified of."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Text, Time, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from services.gateway.domain.notifying import KindSettings, NotificationSettings
from services.gateway.domain.quiet_hours import QuietHours
from services.gateway.storage.notification_tables import NOTIFICATION_SETTINGS
from shared.db import Tx, compiled
from shared.ids import EmployeeId

_s = NOTIFICATION_SETTINGS.c
_tenant = bindparam("tenant_id", type_=Uuid)
_of_all = select(NOTIFICATION_SETTINGS).where(
    _s.tenant_id == _tenant, _s.employee_id == any_(bindparam("ids", type_=ARRAY(Uuid)))
)
_GET = compiled(_of_all)
_LOCK = compiled(_of_all.with_for_update())
_new = insert(NOTIFICATION_SETTINGS).values(
    tenant_id=_tenant,
    employee_id=bindparam("employee_id", type_=Uuid),
    version=bindparam("version", type_=BigInteger),
    language=bindparam("language", type_=Text),
    time_zone=bindparam("time_zone", type_=Text),
    quiet_from=bindparam("quiet_from", type_=Time),
    quiet_until=bindparam("quiet_until", type_=Time),
    kinds=bindparam("kinds", type_=JSONB),
)
_SET = ("version", "language", "time_zone", "quiet_from", "quiet_until", "kinds")
_PUT = compiled(
    _new.on_conflict_do_update(
        index_elements=["tenant_id", "employee_id"],
        set_={name: _new.excluded[name] for name in _SET},
        # Two first choices at once: the second is told that the version has moved.
        where=_s.version < _new.excluded.version,
    ).returning(_s.version)
)


async def find_all(tx: Tx, ids: Collection[UUID]) -> dict[UUID, NotificationSettings]:
    """What people chose, by person; who chose nothing has the defaults."""
    rows = await tx.rows(_GET, ids=list(ids)) if ids else []
    chosen = {row["employee_id"]: settings_of(row) for row in rows}
    return {id_: chosen.get(id_, NotificationSettings()) for id_ in ids}


async def get(tx: Tx, employee_id: EmployeeId) -> tuple[int, NotificationSettings]:
    """A person's choices and their version, 0 for the defaults."""
    row = await tx.row(_GET, ids=[employee_id])
    return (row["version"], settings_of(row)) if row else (0, NotificationSettings())


async def lock(tx: Tx, employee_id: EmployeeId) -> tuple[int, NotificationSettings]:
    """As `get`; nobody changes them until the transaction ends."""
    row = await tx.row(_LOCK, ids=[employee_id])
    return (row["version"], settings_of(row)) if row else (0, NotificationSettings())


async def put(
    tx: Tx, employee_id: EmployeeId, version: int, settings: NotificationSettings
) -> bool:
    """Stores a person's choices as `version`; False where one as new is there."""
    quiet = settings.quiet
    row = await tx.row(
        _PUT,
        employee_id=employee_id,
        version=version,
        language=settings.language,
        time_zone=settings.time_zone,
        quiet_from=quiet.begins_at if quiet else None,
        quiet_until=quiet.ends_at if quiet else None,
        kinds={kind: _choice(chosen) for kind, chosen in settings.kinds.items()},
    )
    return row is not None


def settings_of(row: Any) -> NotificationSettings:
    """The choices in a row."""
    quiet = None
    if row["quiet_from"] is not None and row["quiet_until"] is not None:
        quiet = QuietHours(row["quiet_from"], row["quiet_until"])
    kinds: Mapping[str, Mapping[str, Any]] = row["kinds"]
    return NotificationSettings(
        row["language"],
        row["time_zone"],
        quiet,
        {
            kind: KindSettings(  # type: ignore[misc]
                chosen["enabled"], frozenset(chosen["channels"]), chosen["lead_minutes"]
            )
            for kind, chosen in kinds.items()
        },
    )


def _choice(chosen: KindSettings) -> dict[str, Any]:
    return {
        "enabled": chosen.enabled,
        "channels": sorted(chosen.channels),
        "lead_minutes": chosen.lead_minutes,
    }
