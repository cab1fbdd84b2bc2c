"""Background jobs: deadlines that follow changed room settings, the work of who left, one
command on many activities, activities that follow a merged client or a VIP's holder, bank
statements, imports, past quarters judged by other numbers.
"""

from uuid import UUID

from services.activities.domain.bank_text import Position
from services.activities.domain.handing_over import Departure
from services.activities.handlers import (
    bank_bulk_booking,
    bank_reading,
    bank_statements,
    bulk,
    bulk_steps,
    deadlines,
    duplicate_clients,
    following,
    leaving,
    left_work,
    merging,
    what_if,
)
from services.activities.handlers.importing import reading, running
from services.activities.queries.what_if import COLUMNS, report_rows
from shared.db import Tx
from shared.ids import ActivityId, ClientId, EmployeeId
from shared.jobs import Job, JobKind, JobReport, RefusedElement, StepResult

_FIRST = UUID(int=0)


async def realign_deadlines(tx: Tx, job: Job) -> StepResult:
    """Moves the next batch of a room's deadlines."""
    room_id, company_id = UUID(job.arguments["room_id"]), UUID(job.arguments["company_id"])
    first = job.cursor is None
    total = await deadlines.count_outdated(tx, room_id, company_id) if first else None
    after = None if first else UUID(job.cursor)
    batch = await deadlines.realign_deadlines(tx, room_id, company_id, after)
    return StepResult(
        cursor=str(batch.last) if batch.last else job.cursor,
        done=batch.count,
        total=total,
        refusals=RefusedElement.of_failures(batch.failed),
        finished=batch.last is None,
    )


async def hand_over_work(tx: Tx, job: Job) -> StepResult:
    """Hands over the next batch of a leaver's activities."""
    departure = Departure.from_arguments(job.arguments)
    total, after = None, _FIRST
    if job.cursor is None:
        total = await leaving.count_work(tx, departure)
    else:
        after = UUID(job.cursor)
    batch = await leaving.hand_over_batch(tx, departure, ActivityId(after))
    return StepResult(
        cursor=str(batch.ids[-1]) if batch.ids else str(after),
        done=len(batch.ids),
        total=total,
        refusals=RefusedElement.of_failures(batch.failed),
        finished=len(batch.ids) < leaving.BATCH,
    )


async def collect_left_work(tx: Tx, job: Job) -> StepResult:
    """Has the work of the next employees handed over who do not sell where they have it."""
    after = UUID(job.cursor) if job.cursor else _FIRST
    collected = await left_work.collect_batch(tx, after, job.owner_id)
    return StepResult(
        cursor=str(collected.last) if collected.last else job.cursor,
        done=collected.looked_at,
        finished=collected.last is None,
    )


async def change_activities(tx: Tx, job: Job) -> StepResult:
    """Changes the next batch of a bulk command's activities."""
    position = job.cursor or 0
    batch = await bulk_steps.change_batch(tx, job, position)
    return StepResult(
        cursor=position + len(batch.ids),
        done=len(batch.ids),
        refusals=batch.refused,
        finished=not batch.ids,
    )


async def move_merged_activities(tx: Tx, job: Job) -> StepResult:
    """Makes the next batch of a merged client's activities those of the other client."""
    moved = await merging.move_activities(
        tx,
        ClientId(UUID(job.arguments["client_id"])),
        ClientId(UUID(job.arguments["into_client_id"])),
        EmployeeId(UUID(job.arguments["by"])),
        merging.BATCH,
    )
    return StepResult(
        cursor=str(moved[-1]) if moved else job.cursor,
        done=len(moved),
        finished=len(moved) < merging.BATCH,
    )


async def read_bank_statement(tx: Tx, job: Job) -> StepResult:
    """Reads the next documents of a bank statement."""
    start = Position(*job.cursor) if job.cursor else Position()
    batch = await bank_reading.read_batch(tx, UUID(job.arguments["statement_id"]), start)
    return StepResult(
        cursor=[batch.next.offset, batch.next.line] if batch.next else job.cursor,
        done=batch.documents,
        finished=batch.next is None,
    )


async def book_bank_statement(tx: Tx, job: Job) -> StepResult:
    """Books the next lines of a bank statement of which matching is sure."""
    statement_id, after = UUID(job.arguments["statement_id"]), job.cursor or 0
    batch = await bank_bulk_booking.book_batch(tx, job, statement_id, after)
    return StepResult(
        cursor=batch.last or after,
        done=batch.count,
        refusals=batch.refused,
        finished=batch.last is None,
    )


async def follow_vip(tx: Tx, job: Job) -> StepResult:
    """Gives the next batch of a client's open activities to who holds the client."""
    after = UUID(job.cursor) if job.cursor else _FIRST
    command = following.FollowVip.from_arguments(job.arguments)
    batch = await following.follow_batch(tx, command, after)
    return StepResult(
        cursor=str(batch.ids[-1]) if batch.ids else job.cursor,
        done=len(batch.ids),
        refusals=RefusedElement.of_failures(batch.failed),
        finished=len(batch.ids) < following.BATCH,
    )


async def judge_by_other_numbers(tx: Tx, job: Job) -> StepResult:
    """Judges the next batch of a past quarter by other numbers."""
    step = await what_if.judge(tx, job.id, job.cursor)
    return StepResult(cursor=step.cursor, done=step.activities, finished=step.cursor is None)


# Who left a room and still held work there would hold it for good, so this is not cancelled.
JOBS = [
    JobKind(deadlines.REALIGN_DEADLINES, realign_deadlines),
    JobKind(leaving.HAND_OVER_WORK, hand_over_work, cancellable=False),
    JobKind(left_work.COLLECT_LEFT_WORK, collect_left_work),
    JobKind(duplicate_clients.FIND_DUPLICATE_CLIENTS, duplicate_clients.find_duplicate_clients),
    JobKind(bulk.CHANGE_ACTIVITIES, change_activities),
    JobKind(bank_statements.READ_BANK_STATEMENT, read_bank_statement),
    JobKind(bank_statements.BOOK_BANK_STATEMENT, book_bank_statement),
    JobKind(merging.MOVE_ACTIVITIES, move_merged_activities, cancellable=False),
    JobKind(following.FOLLOW_VIP, follow_vip, cancellable=False),
    JobKind(what_if.WHAT_IF, judge_by_other_numbers, report=JobReport(COLUMNS, report_rows)),
    JobKind(reading.READ_IMPORT, reading.read_import),
    JobKind(running.CHECK_IMPORT, running.check_import),
    JobKind(running.RUN_IMPORT, running.run_import),
]
