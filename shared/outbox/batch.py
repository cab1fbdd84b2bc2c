"""A batch of the outbox: how a row becomes a record, which rows may be marked."""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from typing import Any
from uuid import UUID

from shared.events import Envelope
from shared.ids import TenantId

HEARTBEAT_SECONDS = 1.0
# An idempotent producer tries for ever; others may reach the broker where this relay does not.
GIVE_UP_SECONDS = 15.0

MARK = """
    UPDATE outbox o SET published_at = statement_timestamp()
    FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[])
        AS sent(tenant_id, topic, aggregate_id, aggregate_version)
    WHERE o.tenant_id = sent.tenant_id AND o.topic = sent.topic
        AND o.aggregate_id = sent.aggregate_id AND o.aggregate_version = sent.aggregate_version
"""
Aggregate = tuple[UUID, str, UUID]
"""Tenant, topic and id: what an event's order holds within."""
_KEY = ("tenant_id", "topic", "aggregate_id", "aggregate_version")


async def mark(connection: Any, rows: Sequence[Any]) -> None:
    """Marks `rows` as published."""
    await connection.execute(MARK, *([row[column] for row in rows] for column in _KEY))


def envelope_of(row: Any) -> Envelope:
    return Envelope(
        row["event_id"],
        row["type"],
        TenantId(row["tenant_id"]),
        row["aggregate_id"],
        row["aggregate_version"],
        row["created_at"],
        row["correlation_id"],
        row["causation_id"],
    )


def aggregate_of(row: Any) -> Aggregate:
    return row["tenant_id"], row["topic"], row["aggregate_id"]


def acknowledged(rows: Sequence[Any], outcomes: Sequence[Any]) -> list[Any]:
    """Of each aggregate the events before its first failure: a later one marked alone would
    overtake it.
    """
    broken: set[Aggregate] = set()
    sent = []
    for row, outcome in zip(rows, outcomes, strict=True):
        aggregate = aggregate_of(row)
        if isinstance(outcome, BaseException):
            broken.add(aggregate)
        elif aggregate not in broken:
            sent.append(row)
    return sent


async def outcomes_of(promises: Sequence[asyncio.Future[Any]]) -> list[Any]:
    """What the broker answered to each, or how it failed; all are dropped on cancellation."""
    try:
        # One after another: of those that are acknowledged already nothing is scheduled, as
        # `gather` would for each.
        return [await _outcome(promise) for promise in promises]
    except BaseException:
        for promise in promises:
            promise.cancel()
        raise


async def with_heartbeats(connection: Any, work: Coroutine[Any, Any, list[Any]]) -> list[Any]:
    """The result of `work`; meanwhile the session is kept from looking silent.

    A lost session or `GIVE_UP_SECONDS` end the wait.
    """
    task = asyncio.create_task(work)
    give_up_at = time.monotonic() + GIVE_UP_SECONDS
    try:
        while not (await asyncio.wait({task}, timeout=HEARTBEAT_SECONDS))[0]:
            if time.monotonic() > give_up_at:
                raise TimeoutError("the broker acknowledges nothing")
            await connection.execute("SELECT 1")
        return await task
    finally:
        task.cancel()


async def _outcome(promise: asyncio.Future[Any]) -> Any:
    """The answer or the failure; only this task's own cancellation is raised."""
    try:
        return await promise
    except Exception as failure:
        return failure
