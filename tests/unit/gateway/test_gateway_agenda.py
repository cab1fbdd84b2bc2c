"""What people have before them, as activities change."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.gateway.domain.agenda import (
    Changes,
    Entry,
    Place,
    Stored,
    Workload,
    changes,
    entries_of,
)

ACTIVITY, ROOM, COMPANY, ANNA, BORIS, INVOICE = (UUID(int=number) for number in range(1, 7))
AT = datetime(2026, 11, 28, 9, tzinfo=UTC)
ON = date(2026, 12, 1)
WORK = Workload(ACTIVITY, 3, ROOM, COMPANY, "in_work", ANNA, AT, {INVOICE: ON})
STEP = Entry(Place(ANNA, "next_step", ACTIVITY), ACTIVITY, ROOM, COMPANY, at=AT)
BILL = Entry(Place(ANNA, "invoice", INVOICE), ACTIVITY, ROOM, COMPANY, on=ON)


@pytest.mark.parametrize(
    ("work", "entries"),
    [
        (WORK, [STEP, BILL]),
        (replace(WORK, status="won"), [STEP, BILL]),
        (replace(WORK, status="free"), []),
        (replace(WORK, status="lost"), []),
        (replace(WORK, responsible_id=None), []),
        (replace(WORK, next_step_due_at=None), [BILL]),
        (replace(WORK, due_invoices={}), [STEP]),
    ],
)
def test_the_responsible_has_steps_and_invoices_before_them(
    work: Workload, entries: list[Entry]
) -> None:
    assert entries_of(work) == entries


def stored(entry: Entry, version: int = 2, is_cancelled: bool = False) -> Stored:
    return Stored(entry, version, is_cancelled)


def test_what_is_there_already_stays() -> None:
    assert changes(WORK, [stored(STEP), stored(BILL)]) == Changes([], [])
    assert changes(WORK, [stored(STEP, 3), stored(BILL, 3)]) == Changes([], [])


def test_a_moved_step_is_written_anew() -> None:
    before = replace(STEP, at=AT - timedelta(hours=1))
    assert changes(WORK, [stored(before), stored(BILL)]) == Changes([STEP], [])


def test_a_cancelled_step_that_is_promised_again_is_written_anew() -> None:
    assert changes(WORK, [stored(STEP, is_cancelled=True), stored(BILL)]) == Changes([STEP], [])


def test_another_responsible_gets_the_step_and_the_former_loses_it() -> None:
    work = replace(WORK, responsible_id=BORIS, due_invoices={})
    moved = replace(STEP, place=STEP.place._replace(employee_id=BORIS))
    assert changes(work, [stored(STEP)]) == Changes([moved], [STEP.place])


def test_a_step_is_cancelled_once() -> None:
    work = replace(WORK, next_step_due_at=None, due_invoices={})
    assert changes(work, [stored(STEP)]) == Changes([], [STEP.place])
    assert changes(work, [stored(STEP, is_cancelled=True)]) == Changes([], [])


def test_an_overtaken_version_changes_nothing() -> None:
    assert changes(replace(WORK, version=3), [stored(STEP, 4)]) == Changes([], [])
