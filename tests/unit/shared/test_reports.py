"""Days and periods of reports, and whose rooms they cover."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Forbidden, Invalid, NotFound
from shared.ids import EmployeeId, RoomId, TenantId
from shared.reports import (
    ReportDays,
    ReportGroup,
    SellersScope,
    rooms_of_report,
    scope_of_sellers,
)
from shared.tenancy import Caller

ME = EmployeeId(UUID(int=1))
HERE, THERE, ELSEWHERE = (RoomId(UUID(int=number)) for number in (2, 3, 4))


def days(first: str, last: str, group: ReportGroup | None = None) -> ReportDays:
    return ReportDays(date.fromisoformat(first), date.fromisoformat(last), group)


@pytest.mark.parametrize(
    ("group", "first", "last", "begins"),
    [
        (None, "2026-11-03", "2026-12-31", ["2026-11-03"]),
        ("day", "2026-11-30", "2026-12-01", ["2026-11-30", "2026-12-01"]),
        ("week", "2026-11-27", "2026-12-07", ["2026-11-27", "2026-11-30", "2026-12-07"]),
        ("week", "2026-11-23", "2026-11-29", ["2026-11-23"]),
        ("month", "2026-11-30", "2027-01-01", ["2026-11-30", "2026-12-01", "2027-01-01"]),
        ("month", "2026-11-01", "2026-11-30", ["2026-11-01"]),
    ],
)
def test_periods_begin_with_calendar_days_weeks_and_months(
    group: ReportGroup | None, first: str, last: str, begins: list[str]
) -> None:
    report = days(first, last, group)
    periods = report.periods()
    assert [begin.isoformat() for begin, _ in periods] == begins
    assert periods[-1][1].isoformat() == last
    assert report.bounds()[-1] == report.last_on + timedelta(days=1)


@given(
    st.dates(date(2000, 1, 1), date(2050, 1, 1)),
    st.integers(0, 99),
    st.sampled_from([None, "day", "week", "month"]),
)
def test_periods_follow_one_another_without_a_gap(
    first: date, length: int, group: ReportGroup | None
) -> None:
    report = ReportDays(first, first + timedelta(days=length), group)
    report.check()
    periods = report.periods()
    covered = [
        begin + timedelta(days=number)
        for begin, end in periods
        for number in range((end - begin).days + 1)
    ]
    assert covered == [first + timedelta(days=number) for number in range(length + 1)]


@pytest.mark.parametrize(("group", "most"), [(None, 1830), ("day", 100), ("week", 700)])
def test_a_report_has_a_limit_of_days(group: ReportGroup | None, most: int) -> None:
    first = date(2026, 1, 1)
    ReportDays(first, first + timedelta(days=most - 1), group).check()
    with pytest.raises(Invalid) as refused:
        ReportDays(first, first + timedelta(days=most), group).check()
    latest = (first + timedelta(days=most - 1)).isoformat()
    assert refused.value.extra["errors"] == [{"field": "to", "rule": "not_after", "max": latest}]


def test_days_that_run_backwards_are_refused() -> None:
    with pytest.raises(Invalid) as refused:
        days("2026-11-02", "2026-11-01").check()
    error = {"field": "to", "rule": "not_before", "min": "2026-11-02"}
    assert refused.value.extra["errors"] == [error]


def caller(*roles: str, headed: frozenset[RoomId] | None = None) -> Caller:
    rooms = frozenset({HERE, THERE})
    return Caller(TenantId(UUID(int=9)), ME, frozenset(roles), rooms, headed_room_ids=headed)


@pytest.mark.parametrize("role", ["marketer", "accountant", "admin"])
def test_who_sees_figures_sees_those_of_all_rooms(role: str) -> None:
    assert rooms_of_report(caller(role), None) is None
    assert rooms_of_report(caller(role), ELSEWHERE) == [ELSEWHERE]
    assert scope_of_sellers(caller(role), None) == SellersScope(None, None)
    assert scope_of_sellers(caller(role), ELSEWHERE) == SellersScope([ELSEWHERE], None)


def test_a_head_sees_the_rooms_that_they_head() -> None:
    head = caller("head", "seller", headed=frozenset({HERE}))
    assert rooms_of_report(head, None) == [HERE]
    assert rooms_of_report(head, HERE) == [HERE]
    with pytest.raises(Forbidden):
        rooms_of_report(head, THERE)
    with pytest.raises(NotFound):
        rooms_of_report(head, ELSEWHERE)
    assert scope_of_sellers(head, None) == SellersScope([HERE], None)
    assert scope_of_sellers(head, HERE) == SellersScope([HERE], None)
    assert scope_of_sellers(head, THERE) == SellersScope([THERE], ME)


def test_a_seller_sees_their_own_line() -> None:
    seller = caller("seller")
    assert scope_of_sellers(seller, None) == SellersScope([HERE, THERE], ME)
    assert scope_of_sellers(seller, HERE) == SellersScope([HERE], ME)
    with pytest.raises(NotFound):
        scope_of_sellers(seller, ELSEWHERE)
