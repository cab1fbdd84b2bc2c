"""Targets of sellers and rooms by month, each with the history of its changes."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Numeric, Text, Uuid, bindparam, func, insert, literal, select
from sqlalchemy import update as update_
from sqlalchemy.dialects.postgresql import insert as insert_missing

from services.motivation.domain.settlement import ROOM, Targets
from services.motivation.storage.plan_tables import target, target_change
from shared.db import Tx, compiled, writing
from shared.db.tables import Moment
from shared.ids import CompanyId, EmployeeId, RoomId, new_id
from shared.vocabulary import AttainmentMeasure


@dataclass(frozen=True, slots=True)
class TargetKey:
    """Whose target of a month, and of what: `employee_id` is None for the room's own."""

    company_id: CompanyId
    room_id: RoomId
    period: str
    employee_id: EmployeeId | None
    measure: AttainmentMeasure

    def values(self) -> dict[str, Any]:
        """The columns of the key."""
        return {
            "company_id": self.company_id,
            "room_id": self.room_id,
            "period": self.period,
            "holder_id": self.employee_id or self.room_id,
            "measure": self.measure,
        }


@dataclass(frozen=True, slots=True)
class StoredTarget:
    """A target's value, None where it is not set; its version is 0 before the first."""

    value: Decimal | None
    version: int


_KEY: dict[str, Any] = {
    "company_id": Uuid,
    "room_id": Uuid,
    "period": Text,
    "holder_id": Uuid,
    "measure": Text,
}
_TENANT = bindparam("tenant_id", type_=Uuid)
_KEY_VALUES = {name: bindparam(name, type_=type_) for name, type_ in _KEY.items()}
_THE_TARGET = (
    target.c.tenant_id == _TENANT,
    *(target.c[name] == value for name, value in _KEY_VALUES.items()),
)
_CHANGED: dict[str, Any] = {
    "value": bindparam("value", type_=Numeric(24, 4)),
    "version": bindparam("version", type_=Integer),
    "changed_at": bindparam("changed_at", type_=Moment),
    "changed_by": bindparam("changed_by", type_=Uuid),
}
_INSERT_MISSING = compiled(
    insert_missing(target)
    .values(tenant_id=_TENANT, **_KEY_VALUES, version=literal(0, Integer))
    .on_conflict_do_nothing()
)
_LOCK = compiled(
    select(func.clock_timestamp().label("now"), target.c.value, target.c.version)
    .where(*_THE_TARGET)
    .with_for_update()
)
_MONTH_VERSION = compiled(
    select(func.coalesce(func.sum(target.c.version), literal(0, Integer)).label("version")).where(
        target.c.tenant_id == _TENANT,
        *(target.c[name] == _KEY_VALUES[name] for name in ("company_id", "room_id", "period")),
    )
)
_SAVE = writing(
    update_(target).values(**_CHANGED).where(*_THE_TARGET),
    insert(target_change).values(
        tenant_id=_TENANT,
        change_id=bindparam("change_id", type_=Uuid),
        **_KEY_VALUES,
        value_from=bindparam("value_from", type_=Numeric(24, 4)),
        value_to=_CHANGED["value"],
        version=_CHANGED["version"],
        changed_at=_CHANGED["changed_at"],
        changed_by=_CHANGED["changed_by"],
    ),
)
_OF_MONTH = compiled(
    select(target)
    .where(
        target.c.tenant_id == _TENANT,
        *(target.c[name] == _KEY_VALUES[name] for name in ("company_id", "room_id", "period")),
        target.c.value.is_not(None),
    )
    .order_by(target.c.holder_id, target.c.measure)
)


async def lock_month(tx: Tx, company_id: CompanyId, room_id: RoomId, period: str) -> int:
    """The version of a month's targets: how often they were changed. Nobody else changes one of
    them before this transaction ends, for which the room's own target stands.
    """
    await lock(tx, TargetKey(company_id, room_id, period, None, "receipts"))
    return await month_version(tx, company_id, room_id, period)


async def month_version(tx: Tx, company_id: CompanyId, room_id: RoomId, period: str) -> int:
    """How often the month's targets were changed."""
    row = await tx.row(_MONTH_VERSION, company_id=company_id, room_id=room_id, period=period)
    assert row
    return int(row["version"])


async def lock(tx: Tx, key: TargetKey) -> StoredTarget:
    """The target, locked to be changed; reads the clock."""
    await tx.rows(_INSERT_MISSING, **key.values())
    row = await tx.row(_LOCK, **key.values())
    assert row
    tx.at(row["now"])
    return StoredTarget(row["value"], row["version"])


async def save(tx: Tx, key: TargetKey, before: StoredTarget, value: Decimal | None) -> None:
    """Stores a locked target's new value, and what it was."""
    await tx.save(
        _SAVE,
        **key.values(),
        change_id=new_id(),
        value=value,
        value_from=before.value,
        version=before.version + 1,
        changed_at=tx.now,
        changed_by=tx.caller.employee_id if tx.caller else UUID(int=0),
    )


async def rows_of_month(tx: Tx, company_id: CompanyId, room_id: RoomId, period: str) -> list[Any]:
    """The targets that are set for a company's month in a room."""
    return await tx.rows(_OF_MONTH, company_id=company_id, room_id=room_id, period=period)


async def of_month(tx: Tx, company_id: CompanyId, room_id: RoomId, period: str) -> Targets:
    """The same for a settlement."""
    return {
        (ROOM if row["holder_id"] == room_id else row["holder_id"], row["measure"]): row["value"]
        for row in await rows_of_month(tx, company_id, room_id, period)
    }
