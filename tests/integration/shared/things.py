"""One table of things for the mechanisms alone: what enters and changes them, and a subscription
that counts the effects of events on them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    PrimaryKeyConstraint,
    Table,
    Uuid,
    bindparam,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from shared.bus.subscription import Subscription
from shared.db import Database, Tx, compiled, writing
from shared.db.tables import new_metadata
from shared.events import ACTIVITIES, PEOPLE, Envelope, Event
from shared.events.directory import CompanyChanged
from shared.ids import CompanyId, EmployeeId, TenantId, new_id
from shared.tenancy import Caller, Command

TENANT = TenantId(new_id())
metadata = new_metadata()
thing = Table(
    "thing",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("effects", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
)
_of_tenant, _id, _version = (
    bindparam("tenant_id", type_=Uuid),
    bindparam("id", type_=Uuid),
    bindparam("version", type_=BigInteger),
)
ENTER = writing(
    insert(thing).values(tenant_id=_of_tenant, id=_id, version=literal(1), effects=literal(0))
)
CHANGE = writing(
    update(thing)
    .where(thing.c.tenant_id == _of_tenant, thing.c.id == _id, thing.c.version == _version)
    .values(version=thing.c.version + 1, effects=thing.c.effects + 1)
)
LOCK = compiled(
    select(thing).where(thing.c.tenant_id == _of_tenant, thing.c.id == _id).with_for_update()
)
_seen = upsert(thing).values(tenant_id=_of_tenant, id=_id, version=_version, effects=literal(1))
COUNT_EFFECT = compiled(
    _seen.on_conflict_do_update(
        index_elements=["tenant_id", "id"],
        set_={"version": _version, "effects": thing.c.effects + 1},
    )
)


def event_about(subject: UUID, name: str = "Лес") -> Event:
    return CompanyChanged(
        company_id=CompanyId(subject), name=name, time_zone="Europe/Moscow", currency="RUB"
    )


def a_caller(
    tenant_id: UUID | None = None, idempotency_key: str | None = None, body: bytes = b"body"
) -> Caller:
    command = Command(idempotency_key, body.ljust(32)) if idempotency_key else None
    return Caller(
        TenantId(tenant_id or new_id()),
        EmployeeId(new_id()),
        frozenset({"seller"}),
        command=command,
    )


async def enter(tx: Tx, subject: UUID) -> None:
    """Adds a thing and publishes its event."""
    tx.publish(event_about(subject), subject, 1)
    await tx.save(ENTER, id=subject)


async def change(tx: Tx, subject: UUID) -> int:
    """Locks a thing and takes it one version further, which it returns."""
    row = await tx.row(LOCK, id=subject)
    assert row
    version: int = row["version"] + 1
    tx.publish(event_about(subject), subject, version)
    await tx.save(CHANGE, id=subject, version=row["version"])
    return version


@dataclass(frozen=True, slots=True)
class Context:
    """What a consumer works with here."""

    database: Database
    replicas: None = None


def counting() -> Subscription:
    """Counts every effect of `company.changed`."""
    subscription = Subscription((ACTIVITIES, PEOPLE))
    subscription.on(CompanyChanged)(count_effect)
    return subscription


async def count_effect(tx: Tx, event: CompanyChanged, envelope: Envelope) -> None:
    await tx.rows(COUNT_EFFECT, id=event.company_id, version=envelope.version)


async def counted(database: Database, tenant_id: UUID = TENANT) -> dict[UUID, tuple[int, int]]:
    """Each thing's version and how often an event had an effect on it."""
    async with database.begin_for(TenantId(tenant_id)) as tx:
        rows = await tx.connection.fetch("SELECT * FROM thing")
    return {row["id"]: (row["version"], row["effects"]) for row in rows}


def affected(database: Database, subject: UUID) -> Callable[[], Awaitable[bool]]:
    """Whether an event about `subject` has had an effect yet."""

    async def look() -> bool:
        return subject in await counted(database)

    return look
