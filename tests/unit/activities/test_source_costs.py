"""What sources cost, spread over days to the kopeck."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain.source_costs import LONGEST_DAYS, Cost, require_cost_days
from shared.errors import Invalid

FIRST = date(2026, 5, 1)
TODAY = date(2026, 11, 27)


def day(number: int) -> date:
    """The day that many days after the first."""
    return FIRST + timedelta(days=number)


def cost(amount: str, days: int) -> Cost:
    return Cost(Decimal(amount), FIRST, day(days - 1))


@pytest.mark.parametrize(
    ("amount", "days", "parts"),
    [
        ("10.00", 4, ["2.50", "2.50", "2.50", "2.50"]),
        ("10.00", 3, ["3.34", "3.33", "3.33"]),
        ("0.02", 3, ["0.01", "0.01", "0.00"]),
        ("7.00", 1, ["7.00"]),
    ],
)
def test_kopecks_left_over_go_to_the_first_days(amount: str, days: int, parts: list[str]) -> None:
    spent = cost(amount, days)
    assert [spent.part(day(n), day(n)) for n in range(days)] == list(map(Decimal, parts))


@pytest.mark.parametrize(
    ("since", "until", "part"),
    [(-9, -1, "0"), (3, 9, "0"), (-9, 0, "3.34"), (2, 9, "3.33"), (-9, 9, "10"), (1, 0, "0")],
)
def test_days_outside_the_cost_have_none_of_it(since: int, until: int, part: str) -> None:
    assert cost("10.00", 3).part(day(since), day(until)) == Decimal(part)


@given(
    kopecks=st.integers(0, 10**14),
    days=st.integers(1, LONGEST_DAYS),
    cuts=st.lists(st.integers(-10, LONGEST_DAYS + 10), max_size=8),
)
def test_periods_that_follow_one_another_add_up_to_the_cost(
    kopecks: int, days: int, cuts: list[int]
) -> None:
    spent = Cost(Decimal(kopecks) / 100, FIRST, day(days - 1))
    bounds = [-20, *sorted(cuts), LONGEST_DAYS + 20]
    parts = [spent.part(day(since), day(until - 1)) for since, until in pairwise(bounds)]
    assert sum(parts) == spent.amount
    assert all(part >= 0 for part in parts)


@given(kopecks=st.integers(0, 10**9), days=st.integers(1, 400), number=st.integers(0, 399))
def test_each_day_has_its_share_within_a_kopeck(kopecks: int, days: int, number: int) -> None:
    number %= days
    share = Cost(Decimal(kopecks) / 100, FIRST, day(days - 1)).part(day(number), day(number))
    assert abs(share - Decimal(kopecks) / 100 / days) < Decimal("0.01")


@pytest.mark.parametrize("days", [1, LONGEST_DAYS])
def test_a_cost_of_up_to_three_years_is_taken(days: int) -> None:
    require_cost_days(date(2024, 1, 1), date(2024, 1, 1) + timedelta(days=days - 1), TODAY)
    require_cost_days(TODAY, TODAY + timedelta(days=2 * 366), TODAY)


@pytest.mark.parametrize(
    ("first_on", "last_on", "rule", "limit"),
    [
        (FIRST, day(-1), "not_before", {"min": "2026-05-01"}),
        (date(2024, 1, 1), date(2027, 1, 3), "not_after", {"max": "2027-01-02"}),
        (TODAY, TODAY + timedelta(days=733), "not_after", {"max": "2028-11-28"}),
    ],
)
def test_days_that_nobody_means_are_refused(
    first_on: date, last_on: date, rule: str, limit: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refused:
        require_cost_days(first_on, last_on, TODAY)
    assert refused.value.extra["errors"] == [{"field": "last_on", "rule": rule, **limit}]
