"""Which plan pays, in which month, and what a closed month is sealed with."""

import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from services.motivation.domain.periods import period_for, require_begun
from services.motivation.domain.plans import Plan, PlanNotDraft, plan_for, publish
from services.motivation.domain.statements import CheckedLine, checksum, totals
from shared.errors import Invalid
from shared.ids import CompanyId, EntryId, RoomId, new_id
from shared.money import Money
from tests.unit.motivation.deals import deal, in_work, plan, rub

MOSCOW = "Europe/Moscow"
OCTOBER, NOVEMBER, LATE = (
    plan(date(2026, 10, 1), 1),
    plan(date(2026, 11, 1), 2),
    plan(date(2026, 11, 20), 3),
)


@pytest.mark.parametrize(
    ("won_at", "plans", "chosen"),
    [
        (datetime(2026, 9, 30, 12, tzinfo=UTC), [OCTOBER, NOVEMBER], None),
        (datetime(2026, 10, 15, tzinfo=UTC), [OCTOBER, NOVEMBER], OCTOBER),
        (datetime(2026, 10, 31, 20, 59, tzinfo=UTC), [OCTOBER, NOVEMBER], OCTOBER),
        (
            datetime(2026, 10, 31, 21, 0, tzinfo=UTC),
            [OCTOBER, NOVEMBER],
            NOVEMBER,
        ),  # 1 November in Moscow
        (datetime(2026, 11, 19, 20, 59, tzinfo=UTC), [LATE, NOVEMBER, OCTOBER], NOVEMBER),
        (datetime(2026, 11, 19, 21, 0, tzinfo=UTC), [OCTOBER, LATE, NOVEMBER], LATE),
    ],
)
def test_the_latest_plan_in_force_on_the_day_of_the_win_pays(
    won_at: datetime, plans: list[Plan], chosen: Plan | None
) -> None:
    assert plan_for(replace(deal(), won_at=won_at), plans, MOSCOW) == chosen


def test_of_plans_from_one_day_the_higher_version_pays() -> None:
    later = plan(date(2026, 11, 1), 5)
    assert plan_for(deal(), [NOVEMBER, later, plan(date(2026, 11, 1), 4)], MOSCOW) == later


@pytest.mark.parametrize(
    "other",
    [
        replace(NOVEMBER, plan_version=None),
        replace(NOVEMBER, company_id=CompanyId(UUID(int=99))),
        replace(NOVEMBER, room_id=RoomId(UUID(int=99))),
    ],
    ids=["a draft", "another company's", "another room's"],
)
def test_no_other_plan_pays(other: Plan) -> None:
    assert plan_for(deal(), [other], MOSCOW) is None


def test_no_plan_pays_for_what_is_not_won() -> None:
    assert plan_for(in_work(deal()), [NOVEMBER], MOSCOW) is None


def test_each_publication_is_the_next_version_and_none_is_published_twice() -> None:
    assert publish(replace(NOVEMBER, plan_version=None), 0) == 1
    assert publish(replace(NOVEMBER, plan_version=None), 6) == 7
    with pytest.raises(PlanNotDraft):
        publish(NOVEMBER, 6)


@pytest.mark.parametrize(
    ("now", "closed", "period"),
    [
        (datetime(2026, 11, 15, tzinfo=UTC), set(), "2026-11"),
        (datetime(2026, 10, 31, 21, tzinfo=UTC), set(), "2026-11"),
        (datetime(2026, 10, 31, 20, 59, tzinfo=UTC), set(), "2026-10"),
        (datetime(2026, 11, 15, tzinfo=UTC), {"2026-10"}, "2026-11"),
        (datetime(2026, 11, 15, tzinfo=UTC), {"2026-11"}, "2026-12"),
        (datetime(2026, 11, 15, tzinfo=UTC), {"2026-11", "2026-12"}, "2027-01"),
    ],
)
def test_a_line_lands_in_the_next_open_month(now: datetime, closed: set[str], period: str) -> None:
    assert period_for(now, MOSCOW, closed) == period


@pytest.mark.parametrize(
    ("period", "begun"),
    [("2026-10", True), ("2026-11", True), ("2026-12", False), ("2027-01", False)],
)
def test_a_month_that_has_not_begun_is_refused(period: str, begun: bool) -> None:
    now = datetime(2026, 11, 15, tzinfo=UTC)
    if begun:
        require_begun(period, now, MOSCOW)
    else:
        with pytest.raises(Invalid):
            require_begun(period, now, MOSCOW)


def test_a_shell_computes_the_same_checksum() -> None:
    accrual = EntryId(new_id())
    lines = [
        CheckedLine(accrual, "0042", "2026-11", "accrual", Decimal("50"), None),
        CheckedLine(EntryId(new_id()), None, "2026-11", "correction", Decimal("-10.5"), accrual),
        CheckedLine(EntryId(UUID(int=1)), "Ж-1", "2026-11", "adjustment", Decimal("0.01"), None),
    ]
    texts = "".join(line.text() + "\n" for line in lines)
    found = subprocess.run(
        ["sh", "-c", "LC_ALL=C sort | sha256sum"],
        input=texts.encode(),
        capture_output=True,
        check=True,
    )
    assert checksum(lines) == checksum(reversed(lines)) == found.stdout.decode().split()[0]
    assert lines[1].text() == f"{lines[1].entry_id};;2026-11;correction;-10.50;{accrual}"


def test_currencies_never_meet() -> None:
    euro = Money(amount=Decimal(5), currency="EUR")
    assert totals([rub("1"), euro, rub("2.50"), euro]) == [
        Money(amount=Decimal(10), currency="EUR"),
        rub("3.50"),
    ]
    assert totals([]) == []
