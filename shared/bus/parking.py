"""Parked tenants: whose records are put aside, in order, instead of being applied.

The service's database decides, so that replicas and restarts agree. A replica may learn a moment
late that a tenant was parked: the order within an aggregate is a partition's, and who is given a
partition looks first.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from shared.bus.parked_records import ParkedRecord, first_records, put_aside
from shared.db import Database, compiled
from shared.db.tables import MECHANISMS
from shared.ids import TenantId
from shared.metrics import Metrics

NAMED = 20
"""How many parked tenants health and metrics name; the others are only counted."""

_ALL_PARKED = compiled(
    select(
        *(
            MECHANISMS.tables["parked_tenant"].c[name]
            for name in ("tenant_id", "since", "reason", "parked_by")
        )
    )
)
# Also where the tenant is parked already its row is held, so that no release ends meanwhile.
_PARK = """
    INSERT INTO parked_tenant (tenant_id, since, reason, parked_by)
    VALUES ($1, clock_timestamp(), $2, $3)
    ON CONFLICT (tenant_id) DO UPDATE SET since = parked_tenant.since
"""
# Shared, so that a release cannot end between this look and the record that is put aside.
_IS_PARKED = "SELECT 1 FROM parked_tenant WHERE tenant_id = $1 FOR SHARE"
_REMOVE = """
    DELETE FROM parked_record r USING unnest($2::text[], $3::int[], $4::bigint[])
        AS done(topic, partition, position)
    WHERE r.tenant_id = $1 AND r.topic = done.topic AND r.partition = done.partition
        AND r.position = done.position
"""
_END = """
    DELETE FROM parked_tenant WHERE tenant_id = $1
        AND NOT EXISTS (SELECT 1 FROM parked_record WHERE tenant_id = $1)
"""


@dataclass(frozen=True, slots=True)
class ParkedTenant:
    """Since when, why and by whom; `tenant_id` is `NOBODY` for records of no tenant."""

    tenant_id: TenantId
    since: datetime
    reason: str
    parked_by: str


class Parking:
    """The parked tenants of one service, as this process knows them.

    `worker` reads who is parked of all tenants, `database` puts aside for one.
    """

    def __init__(self, database: Database, worker: Database) -> None:
        self._database, self.worker = database, worker
        self.tenants: dict[TenantId, ParkedTenant] = {}
        self._generation: Any = None
        # An older look never overwrites a newer one.
        self._reading = asyncio.Lock()

    @property
    def problem(self) -> str:
        """Who is parked; empty where nobody is."""
        names = sorted(map(str, self.tenants))
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        return f"parked: {', '.join(names[:NAMED])}{more}" if names else ""

    def measure(self, metrics: Metrics) -> None:
        """Counts and names who is parked."""
        metrics.parked_tenants.set(len(self.tenants))
        metrics.parked_tenant.clear()
        for name in sorted(map(str, self.tenants))[:NAMED]:
            metrics.parked_tenant.labels(name).set(1)

    async def read(self) -> None:
        """Reads who is parked. Raises `Unavailable`."""
        async with self._reading:
            rows = await self.worker.across_tenants(_ALL_PARKED)
            tenants = [
                ParkedTenant(
                    TenantId(row["tenant_id"]), row["since"], row["reason"], row["parked_by"]
                )
                for row in rows
            ]
            self.tenants = {tenant.tenant_id: tenant for tenant in tenants}

    async def read_for(self, generation: Any) -> None:
        """Reads who is parked once in each `generation` of the group: partitions may have come
        from a replica that had parked somebody a moment before.
        """
        if generation != self._generation:
            await self.read()
            self._generation = generation

    async def park(
        self, tenant_id: TenantId, reason: str, by: str, records: Sequence[Any] = ()
    ) -> None:
        """Parks the tenant, and puts `records` aside in the same transaction."""
        async with self._database.begin_for(tenant_id) as tx:
            await tx.connection.execute(_PARK, tenant_id, reason, by)
            await put_aside(tx, records)
        await self.read()

    async def put_aside(self, tenant_id: TenantId, records: Sequence[Any]) -> bool:
        """Puts records aside if the tenant is still parked, which it returns."""
        async with self._database.begin_for(tenant_id) as tx:
            if await tx.connection.fetchval(_IS_PARKED, tenant_id):
                await put_aside(tx, records)
                return True
        self.tenants.pop(tenant_id, None)
        return False

    async def next_records(self, tenant_id: TenantId, limit: int) -> list[ParkedRecord]:
        """The first records put aside, each partition's in order."""
        async with self._database.begin_for(tenant_id) as tx:
            return await first_records(tx, limit)

    async def remove(self, tenant_id: TenantId, records: Sequence[Any]) -> None:
        """Forgets records that took effect, or became dead letters."""
        places = zip(*((each.topic, each.partition, each.offset) for each in records), strict=True)
        async with self._database.begin_for(tenant_id) as tx:
            await tx.connection.execute(_REMOVE, tenant_id, *map(list, places))

    async def end(self, tenant_id: TenantId) -> bool:
        """Ends the parking if nothing is put aside any more, which it returns."""
        async with self._database.begin_for(tenant_id) as tx:
            # Waits for those who are putting aside; those who come later find nobody parked.
            await tx.connection.execute(
                "SELECT 1 FROM parked_tenant WHERE tenant_id = $1 FOR UPDATE", tenant_id
            )
            ended = await tx.connection.execute(_END, tenant_id)
        if ended == "DELETE 1":
            self.tenants.pop(tenant_id, None)
            return True
        return False

    async def count(self, tenant_id: TenantId) -> int:
        """How many records are put aside."""
        async with self._database.begin_for(tenant_id) as tx:
            return int(
                await tx.connection.fetchval(
                    "SELECT count(*) FROM parked_record WHERE tenant_id = $1", tenant_id
                )
            )
