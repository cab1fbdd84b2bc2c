"""From what was decided to the published language."""

from datetime import UTC, date, datetime

import pytest

from services.motivation import events
from services.motivation.domain.entries import NewEntry
from services.motivation.domain.statements import PayStatement
from shared.events.motivation import AccrualPosted, AdjustmentPosted, CorrectionPosted
from shared.ids import ActivityId, EntryId, PlanId, new_id
from shared.vocabulary import EntryKind
from tests.support.money import roubles
from tests.unit.motivation.deals import ANNA, COMPANY, ROOM, make_plan

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def moved_statement() -> PayStatement:
    statement = PayStatement.empty(COMPANY, ANNA, "2026-11", "RUB")
    statement.add(roubles("50.00"))
    return statement


@pytest.mark.parametrize(
    ("kind", "event_type"),
    [
        ("accrual", AccrualPosted),
        ("correction", CorrectionPosted),
        ("adjustment", AdjustmentPosted),
    ],
)
def test_each_kind_of_entry_has_its_event(kind: EntryKind, event_type: type) -> None:
    entry = NewEntry(
        kind=kind,
        employee_id=ANNA,
        company_id=COMPANY,
        room_id=ROOM,
        amount=roubles("50.00"),
        rule="1:fixed",
        activity_id=ActivityId(new_id()),
        plan_id=PlanId(new_id()),
        plan_version=3,
        corrects=EntryId(new_id()),
        reason="Премия",
        posted_by=ANNA,
    )
    event = events.entry_posted(entry, moved_statement(), "001", NOW)
    assert type(event) is event_type
    assert event.model_dump() == {
        "entry_id": entry.entry_id,
        "employee_id": ANNA,
        "personnel_number": "001",
        "company_id": COMPANY,
        "room_id": ROOM,
        "period": "2026-11",
        "amount": roubles("50.00").model_dump(),
        "activity_id": entry.activity_id,
        "plan_id": entry.plan_id,
        "plan_version": 3,
        "rule": "1:fixed",
        "corrects": entry.corrects,
        "posted_at": NOW,
        "statement_total": roubles("50.00").model_dump(),
        "by": ANNA,
        "corrected_period": None,
    }


def test_a_closed_statement_is_published_with_its_checksum() -> None:
    statement = moved_statement()
    event = events.statement_closed(statement, "001", "ab" * 32, NOW, ANNA)
    assert event.by == ANNA
    assert (event.statement_id, event.period, event.total) == (
        statement.id,
        "2026-11",
        roubles("50.00"),
    )
    assert (event.lines, event.checksum, event.closed_at) == (1, "ab" * 32, NOW)
    assert event.personnel_number == "001"


def test_a_published_plan_names_its_version() -> None:
    plan = make_plan(date(2026, 11, 1), None)
    event = events.plan_published(plan, 4, ANNA)
    assert event.by == ANNA
    assert (event.plan_id, event.plan_version) == (plan.id, 4)
    assert event.effective_from == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("month", "named"), [("2026-10", "2026-10"), ("2026-11", None), (None, None)]
)
def test_an_entry_names_its_month_where_it_stands_in_a_later_one(
    month: str | None, named: str | None
) -> None:
    entry = NewEntry(
        kind="accrual",
        employee_id=ANNA,
        company_id=COMPANY,
        room_id=ROOM,
        amount=roubles("50.00"),
        month=month,
    )
    event = events.entry_posted(entry, moved_statement(), "001", NOW)
    assert (event.period, event.corrected_period) == ("2026-11", named)
