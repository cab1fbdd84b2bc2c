"""What other numbers would have done to a room in a past quarter, by a job: the timelines of the
room's activities batch by batch, then each seller's takes. Nothing of the room changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.what_if import (
    Course,
    Stint,
    Take,
    course_of,
    refused_takes,
    would_lose_at,
)
from services.activities.queries.room_settings import require_company_in_room
from services.activities.storage import absences, directory, room_settings
from services.activities.storage import what_if as storage
from services.activities.storage.directory import COMPANY
from services.activities.storage.mapping import room_settings_of
from services.activities.storage.what_if import Finding, WhatIf
from shared.clock import EARLIEST, local_day, start_of_day
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Invalid
from shared.ids import ActivityId, EmployeeId, JobId
from shared.jobs import Job, enqueue
from shared.room_settings import DEFAULTS
from shared.tenancy import Caller

WHAT_IF = "what_if"
BATCH = 200
_NOTICED_WITHIN = timedelta(days=1)
"""After a deadline its reset stands in the timeline."""


@dataclass(frozen=True, slots=True)
class AskWhatIf:
    """Judge a past quarter, as `2026-Q3`, by other `numbers`; those that are left out are as they
    are now.
    """

    room_id: UUID
    company_id: UUID
    quarter: str
    numbers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WhatIfStep:
    """What a step has done; the next one begins at `cursor`, None at the end."""

    cursor: list[str] | None
    activities: int


async def ask_what_if(tx: Tx, command: AskWhatIf, caller: Caller) -> Job:
    """Starts the job.

    Raises:
        NotFound: there is no such room or company.
        NotSoldInRoom: the room does not sell for the company.
        Invalid: the quarter has not ended in the company's days.
    """
    await require_company_in_room(tx, command.room_id, command.company_id)
    company = await directory.get(tx, COMPANY, command.company_id, "company_id")
    zone, now = company["time_zone"], await tx.read_clock()
    first, following = quarter_days(command.quarter)
    if local_day(now, zone) < following:
        raise Invalid("quarter", "quarter_ended", max=quarter_of(local_day(now, zone)))
    present = room_settings_of(await room_settings.find(tx, command.room_id, command.company_id))
    numbers = {name: getattr(present, name) for name in DEFAULTS} | dict(command.numbers)
    job = await enqueue(
        tx,
        WHAT_IF,
        {
            "room_id": str(command.room_id),
            "company_id": str(command.company_id),
            "quarter": command.quarter,
        },
        owner_id=caller.employee_id,
        total=await storage.count_worked(tx, command.room_id),
    )
    since, until = start_of_day(first, zone), start_of_day(following, zone)
    asked = (command.room_id, command.company_id, command.quarter, since, until, numbers)
    await storage.add(tx, WhatIf(job.id, *asked))
    return job


def quarter_days(quarter: str) -> tuple[date, date]:
    """The first day of a quarter, and the day after its last."""
    year, number = int(quarter[:4]), int(quarter[-1])
    first = date(year, 3 * number - 2, 1)
    return first, date(year + number // 4, 3 * (number % 4) + 1, 1)


def quarter_of(day: date) -> str:
    """The quarter that a day belongs to."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


async def judge(tx: Tx, job_id: JobId, cursor: list[str] | None) -> WhatIfStep:
    """Judges the next batch of the room's activities; once they are through, the next seller's
    takes.
    """
    asked = await storage.find(tx, job_id)
    assert asked
    phase, after = cursor or ("activities", str(UUID(int=0)))
    if phase == "takes":
        return await _judge_takes(tx, asked, UUID(after))
    rows = await storage.worked(tx, asked.room_id, UUID(after), BATCH)
    await _judge_activities(tx, asked, [row for row in rows if _is_concerned(row, asked)])
    if len(rows) == BATCH:
        return WhatIfStep(["activities", str(rows[-1]["id"])], len(rows))
    return WhatIfStep(["takes", str(UUID(int=0))], len(rows))


def _is_concerned(row: Row, asked: WhatIf) -> bool:
    closed_at = row["won_at"] or row["lost_at"]
    return closed_at is None or closed_at >= asked.since


async def _judge_activities(tx: Tx, asked: WhatIf, rows: list[Row]) -> None:
    timelines = await storage.timelines(
        tx, [row["id"] for row in rows], asked.until + _NOTICED_WITHIN
    )
    courses = [
        (row, course_of(ActivityId(row["id"]), row["room_id"], timelines[row["id"]]))
        for row in rows
    ]
    settings = await _settings_of_sellers(tx, asked, [course for _, course in courses])
    findings = [
        finding
        for row, course in courses
        if row["company_id"] == asked.company_id
        for stint in course.stints
        if stint.room_id == asked.room_id
        for finding in _findings(row, stint, settings[stint.seller], asked)
    ]
    await storage.add_findings(tx, asked.job_id, findings)
    takes = [take for row, course in courses for take in _takes_of(row, course, asked)]
    await storage.add_takes(tx, asked.job_id, takes)


def _takes_of(row: Row, course: Course, asked: WhatIf) -> list[Take]:
    cooldown = timedelta(seconds=asked.numbers["retake_cooldown_seconds"])
    return [
        replace(take, judged=row["company_id"] == asked.company_id)
        for take in course.takes
        if asked.since - cooldown <= take.at < asked.until and take.room_id == asked.room_id
    ]


def _findings(row: Row, stint: Stint, settings: RoomSettings, asked: WhatIf) -> list[Finding]:
    at = would_lose_at(stint, settings, row["reset_paused_until"], asked.span)
    in_fact = stint.reset_at if stint.reset_at and asked.span.holds(stint.reset_at) else None
    activity_id = ActivityId(row["id"])
    if at:
        return [Finding("lost", at, activity_id, stint.seller, in_fact)]
    return [Finding("kept", in_fact, activity_id, stint.seller)] if in_fact else []


async def _settings_of_sellers(
    tx: Tx, asked: WhatIf, courses: list[Course]
) -> dict[EmployeeId, RoomSettings]:
    """The numbers as they would have held from the quarter's beginning on, with the notice of a
    shorter period, and the options and absences as they stand.
    """
    room_id, company_id = asked.room_id, asked.company_id
    present = room_settings_of(await room_settings.find(tx, room_id, company_id))
    then = await storage.numbers_at(tx, room_id, company_id, asked.since) or DEFAULTS
    before = RoomSettings(**then, options=present.options, calendar=present.calendar)
    proposed = RoomSettings(**asked.numbers).following(before, asked.since)
    company = await directory.get(tx, COMPANY, company_id)
    sellers = {stint.seller for course in courses for stint in course.stints}
    return {
        seller: proposed.of_seller(
            await absences.find_of_seller(tx, seller, company["time_zone"], EARLIEST)
        )
        for seller in sorted(sellers)
    }


async def _judge_takes(tx: Tx, asked: WhatIf, after: UUID) -> WhatIfStep:
    seller = await storage.next_seller(tx, asked.job_id, after)
    if seller is None:
        return WhatIfStep(None, 0)
    takes = await storage.takes_of(tx, asked.job_id, seller)
    cooldown = timedelta(seconds=asked.numbers["retake_cooldown_seconds"])
    findings = [
        Finding("refused", take.at, take.activity_id, seller, seconds=seconds)
        for take, seconds in refused_takes(takes, cooldown, asked.since)
    ]
    await storage.add_findings(tx, asked.job_id, findings)
    return WhatIfStep(["takes", str(seller)], 0)
