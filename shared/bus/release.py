"""Releasing a parked tenant: what was put aside takes effect in its order, and then the live
records follow, without overtaking.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from shared.bus.connection import KafkaConnection
from shared.bus.consumer import Consumer
from shared.bus.originals import Gone, originals, whole
from shared.bus.settled import Decision, settle
from shared.db import Database
from shared.ids import TenantId, new_id

CHUNK = 1_000
LOCK_CLASS = 7402


class NotParked(Exception):
    """The tenant is not parked, or somebody is releasing it at this moment."""


@dataclass(slots=True)
class Release:
    """What became of the records: `gone` were superseded or erased meanwhile; where `left` is not
    0 too many failed again, and the tenant stays parked.
    """

    applied: int = 0
    rejected: int = 0
    gone: int = 0
    left: int = 0


async def release(
    consumer: Consumer,
    database: Database,
    kafka: KafkaConnection,
    tenant_id: TenantId,
    by: str,
    report: Callable[[Release], None] = lambda _: None,
) -> Release:
    """Applies what was put aside, while more is put aside behind it, until nothing is.

    Raises `NotParked`, and what may pass by itself; it may be repeated then.
    """
    progress = Release()
    parking = consumer.parking
    async with _alone(parking.worker, tenant_id):
        await parking.read()
        if tenant_id not in parking.tenants:
            raise NotParked
        parked = parking.tenants[tenant_id]
        while not progress.left:
            if records := await parking.next_records(tenant_id, CHUNK):
                await _apply(consumer, kafka, tenant_id, records, progress)
                report(progress)
            elif await parking.end(tenant_id):
                decision = Decision("released", parked.reason, by)
                await settle(database, tenant_id, [new_id()], "the parked tenant", decision)
                break
    return progress


async def _apply(
    consumer: Consumer,
    kafka: KafkaConnection,
    tenant_id: TenantId,
    records: list[Any],
    progress: Release,
) -> None:
    by_place = await originals(kafka, [record for record in records if record.is_pointer])
    complete = []
    for record in records:
        try:
            complete.append(whole(record, by_place) if record.is_pointer else record)
        except Gone:
            progress.gone += 1
    rejected, left = await consumer.applier.apply_parked(complete)
    places = {(each.topic, each.partition, each.offset) for each in left}
    done = [each for each in records if (each.topic, each.partition, each.offset) not in places]
    await consumer.parking.remove(tenant_id, done)
    progress.applied += len(complete) - len(rejected) - len(left)
    progress.rejected += len(rejected)
    progress.left += len(left)


@asynccontextmanager
async def _alone(worker: Database, tenant_id: TenantId) -> AsyncIterator[None]:
    """One release of a tenant at a time: two would overtake each other.

    The lock is the session's, and the worker's sessions are direct, whatever pools the others.
    """
    connection = await worker.acquire()
    try:
        arguments = (LOCK_CLASS, str(tenant_id))
        if not await connection.fetchval(
            "SELECT pg_try_advisory_lock($1, hashtext($2))", *arguments
        ):
            raise NotParked
        try:
            yield
        finally:
            await connection.execute("SELECT pg_advisory_unlock($1, hashtext($2))", *arguments)
    finally:
        await worker.release(connection)
