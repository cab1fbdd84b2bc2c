"""Background work: deadlines and places follow changed room settings, the VIPs of leavers go to
others.
"""

from uuid import UUID

from services.vip import handlers
from services.vip.handlers import (
    HAND_OVER_VIPS,
    REALIGN_DEADLINES,
    SETTLE_PLACES,
    Departure,
    RealignDeadlines,
    SettlePlaces,
)
from services.vip.handlers.leaving import BATCH as HANDED_AT_ONCE
from shared.db import Tx
from shared.jobs import Job, JobKind, RefusedElement, StepResult

BATCH = 100
SETTLED_AT_ONCE = 20
"""Sellers, with all that they hold."""
_FIRST = UUID(int=0)


async def realign_deadlines(tx: Tx, job: Job) -> StepResult:
    """Moves the deadlines of a batch of VIPs, those with the next higher ids."""
    command = RealignDeadlines.from_arguments(job.arguments)
    after = UUID(job.cursor) if job.cursor else _FIRST
    batch = await handlers.realign_batch(tx, command, after, BATCH)
    return StepResult(
        cursor=str(batch.last) if batch.last else job.cursor,
        done=len(batch.ids),
        refusals=RefusedElement.of_failures(batch.failed),
        finished=batch.last is None,
    )


async def hand_over_vips(tx: Tx, job: Job) -> StepResult:
    """Hands over the next batch of a leaver's VIPs; those without a place are in the report."""
    after = UUID(job.cursor) if job.cursor else _FIRST
    batch = await handlers.hand_over_vips(tx, Departure.from_arguments(job.arguments), after)
    return StepResult(
        cursor=str(batch.ids[-1]) if batch.ids else job.cursor,
        done=len(batch.ids),
        refusals=batch.without_place,
        finished=len(batch.ids) < HANDED_AT_ONCE,
    )


async def settle_places(tx: Tx, job: Job) -> StepResult:
    """Gives the places of the next batch of a room's sellers to whom they are due."""
    after = UUID(job.cursor) if job.cursor else _FIRST
    command = SettlePlaces.from_arguments(job.arguments)
    batch = await handlers.settle_batch(tx, command, after, SETTLED_AT_ONCE)
    return StepResult(
        cursor=str(batch.sellers[-1]) if batch.sellers else job.cursor,
        done=len(batch.sellers),
        refusals=RefusedElement.of_failures(batch.failed),
        finished=len(batch.sellers) < SETTLED_AT_ONCE,
    )


# A room whose deadlines were left where they are would reset late or early for good; a leaver who
# still held somebody would hold them for good.
JOBS = (
    JobKind(REALIGN_DEADLINES, realign_deadlines, cancellable=False),
    JobKind(SETTLE_PLACES, settle_places, cancellable=False),
    JobKind(HAND_OVER_VIPS, hand_over_vips, cancellable=False),
)
