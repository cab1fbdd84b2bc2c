"""The ledger follows the earnings: accruals, then corrections of them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.motivation.domain.deal import Deal
from services.motivation.domain.difference import Target, Version, differences, target_of
from services.motivation.domain.rules import Fixed, Limits, PercentOfReceipts, Rule, earnings
from shared.ids import EmployeeId, PlanId
from tests.support.money import roubles
from tests.unit.motivation.deals import (
    ANNA,
    BORIS,
    FIRST_VERSION,
    VERA,
    WON_AT,
    Ledger,
    make_deal,
    make_plan,
    reopened,
    target,
)

RULES: list[Rule] = [
    PercentOfReceipts(Decimal("5.00")),
    Fixed(roubles("300.00"), Limits(source_kind="cold")),
    PercentOfReceipts(Decimal("3.33"), Limits(product_category="service")),
]


@st.composite
def deals(draw: st.DrawFn) -> Deal:
    """Any state that an activity may reach."""
    first = draw(st.integers(0, 100))
    shares = [
        (ANNA, Decimal(first) / 100),
        (draw(st.sampled_from([BORIS, VERA])), Decimal(100 - first) / 100),
    ]
    return make_deal(
        draw(st.decimals(min_value=0, max_value=10**6, places=2)),
        draw(
            st.lists(
                st.tuples(st.sampled_from(["service", "goods"]), st.integers(0, 1000).map(Decimal)),
                min_size=1,
                max_size=3,
            )
        ),
        [(seller, share) for seller, share in shares if share],
        draw(st.sampled_from([WON_AT, None])),
        draw(st.sampled_from(["cold", "inbound"])),
    )


def test_the_first_entry_is_an_accrual_and_each_difference_corrects_it() -> None:
    ledger = Ledger()
    ledger.follow(make_deal("1000.00"), RULES[:1])
    ledger.follow(make_deal("800.00"), RULES[:1])
    ledger.follow(make_deal("1200.00"), RULES[:1])
    accrual, refund, overpayment = ledger.entries
    assert [entry.amount for entry in ledger.entries] == [
        roubles("50.00"),
        roubles("-10.00"),
        roubles("20.00"),
    ]
    assert accrual.corrects is None
    assert refund.corrects == overpayment.corrects == accrual.entry_id


@pytest.mark.parametrize(
    ("states", "sums"),
    [
        ([make_deal("1000")], {ANNA: "50.00"}),
        ([make_deal("1000"), make_deal("400")], {ANNA: "20.00"}),
        ([make_deal("1000"), reopened(make_deal("1000"))], {}),
        ([make_deal("1000"), reopened(make_deal("0")), make_deal("600")], {ANNA: "30.00"}),
        (
            [make_deal("1000"), make_deal("1000", shares=[(ANNA, "0.7"), (BORIS, "0.3")])],
            {ANNA: "35.00", BORIS: "15.00"},
        ),
        ([make_deal("1000"), make_deal("1000", shares=[(BORIS, "1")])], {BORIS: "50.00"}),
        ([make_deal("1000"), make_deal("1500")], {ANNA: "75.00"}),
    ],
    ids=["win", "refund", "reversal", "won again", "split", "another's", "overpayment"],
)
def test_pay_follows_the_activity(states: list[Deal], sums: dict[object, str]) -> None:
    ledger = Ledger()
    for state in states:
        ledger.follow(state, RULES[:1])
    assert {employee: amount for (employee, _), amount in ledger.sums().items()} == {
        employee: Decimal(amount) for employee, amount in sums.items()
    }


def test_a_seller_added_by_a_split_gets_an_accrual_of_their_own() -> None:
    ledger = Ledger()
    ledger.follow(make_deal(), RULES[:1])
    ledger.follow(make_deal(shares=[(ANNA, "0.5"), (BORIS, "0.5")]), RULES[:1])
    assert [(entry.employee_id, entry.corrects is None) for entry in ledger.entries] == [
        (ANNA, True),
        (ANNA, False),
        (BORIS, True),
    ]


@given(deals())
def test_following_the_same_state_twice_posts_nothing(state: Deal) -> None:
    ledger = Ledger()
    ledger.follow(state, RULES)
    assert ledger.follow(state, RULES) == 0


@given(st.lists(deals(), min_size=1, max_size=8))
def test_the_last_state_decides_whatever_came_before(states: list[Deal]) -> None:
    ledger = Ledger()
    for state in states:
        ledger.follow(state, RULES)
    assert ledger.sums() == {
        (earning.employee_id, earning.rule): earning.amount.amount
        for earning in earnings(states[-1], RULES)
    }


@given(st.lists(deals(), min_size=1, max_size=8))
def test_a_win_refunded_in_full_and_reversed_leaves_nothing(states: list[Deal]) -> None:
    ledger = Ledger()
    for state in [*states, reopened(make_deal("0.00"))]:
        ledger.follow(state, RULES)
    assert ledger.sums() == {}


@given(st.lists(deals(), min_size=1, max_size=6), st.data())
def test_any_order_and_repetition_of_events_gives_the_same_sums(
    states: list[Deal], data: st.DataObject
) -> None:
    """As the inbox delivers them: only a version newer than the stored one takes effect."""
    versions = list(enumerate(states, 1))
    repeated = data.draw(st.lists(st.sampled_from(versions), max_size=6))
    ledger, stored = Ledger(), 0
    for version, state in data.draw(st.permutations(versions + repeated)):
        if version > stored:
            ledger.follow(state, RULES)
            stored = version
    in_order = Ledger()
    for state in states:
        in_order.follow(state, RULES)
    assert ledger.sums() == in_order.sums()


@given(st.lists(deals(), min_size=1, max_size=8))
def test_corrections_point_at_an_accrual_of_the_same_seller_and_rule(states: list[Deal]) -> None:
    ledger = Ledger()
    for state in states:
        ledger.follow(state, RULES)
    accruals = {
        entry.entry_id: (entry.employee_id, entry.rule)
        for entry in ledger.entries
        if entry.corrects is None
    }
    assert len(set(accruals.values())) == len(accruals)
    assert all(
        accruals[entry.corrects] == (entry.employee_id, entry.rule)
        for entry in ledger.entries
        if entry.corrects
    )


def test_a_difference_names_its_kind_its_accrual_and_what_was_posted_before() -> None:
    ledger = Ledger()
    (accrual,) = differences(target(make_deal("1000"), RULES[:1]), [])
    assert (accrual.kind, accrual.corrects, accrual.posted_before) == (
        "accrual",
        None,
        roubles("0"),
    )
    assert (accrual.month, accrual.won_on) == ("2026-11", WON_AT.date())
    assert accrual.earning and accrual.earning.amount == accrual.amount == roubles("50")
    ledger.follow(make_deal("1000"), RULES[:1])
    (correction,) = differences(target(make_deal("400"), RULES[:1]), ledger.entries)
    assert (correction.kind, correction.corrects) == ("correction", ledger.entries[0].entry_id)
    assert (correction.posted_before, correction.amount) == (roubles("50"), roubles("-30"))
    (reversal,) = differences(None, ledger.entries)
    assert (reversal.kind, reversal.amount, reversal.earning) == (
        "correction",
        roubles("-50"),
        None,
    )
    assert (reversal.month, reversal.won_on) == ("2026-11", WON_AT.date())


def test_differences_are_ordered_by_rule_and_employee() -> None:
    rules: list[Rule] = [Fixed(roubles("10")), Fixed(roubles("20"))]
    employees = [EmployeeId(UUID(int=number)) for number in range(8, 0, -1)]
    deal = make_deal(shares=[(employee, "0.125") for employee in employees])
    assert [(each.rule, each.employee_id) for each in differences(target(deal, rules), [])] == [
        (rule, employee) for rule in ("1:fixed", "2:fixed") for employee in sorted(employees)
    ]


def won(day: date, receipts: str = "1000") -> Deal:
    return replace(make_deal(receipts), won_on=day)


OCTOBER, NOVEMBER = date(2026, 10, 31), date(2026, 11, 2)
SECOND_VERSION = Version(PlanId(UUID(int=31)), 2)


def test_a_win_of_another_month_takes_the_old_line_back_and_accrues_anew() -> None:
    ledger = Ledger()
    ledger.follow(won(OCTOBER), RULES[:1])
    ledger.follow(won(NOVEMBER, "600"), RULES[:1])
    accrual, reversal, anew = ledger.entries
    assert (reversal.month, reversal.amount, reversal.won_on) == (
        "2026-10",
        roubles("-50"),
        OCTOBER,
    )
    assert reversal.corrects == accrual.entry_id
    assert (anew.month, anew.amount, anew.corrects) == ("2026-11", roubles("30"), None)


def test_another_day_of_the_month_changes_nothing() -> None:
    ledger = Ledger()
    ledger.follow(won(NOVEMBER), RULES[:1])
    assert ledger.follow(won(WON_AT.date()), RULES[:1]) == 0


def test_a_win_under_another_version_takes_the_line_of_the_old_one_back() -> None:
    ledger = Ledger()
    ledger.follow(won(NOVEMBER), RULES[:1])
    ledger.follow(won(NOVEMBER, "600"), [PercentOfReceipts(Decimal(10))], SECOND_VERSION)
    assert [(entry.version, entry.amount) for entry in ledger.entries[1:]] == [
        (FIRST_VERSION, roubles("-50")),
        (SECOND_VERSION, roubles("60")),
    ]


@pytest.mark.parametrize(
    ("deal", "plan", "entries"),
    [
        (won(OCTOBER), FIRST_VERSION, []),
        (won(OCTOBER, "400"), FIRST_VERSION, [("2026-10", "-30")]),
        (reopened(won(OCTOBER)), FIRST_VERSION, [("2026-11", "-50")]),
        (won(OCTOBER), SECOND_VERSION, [("2026-10", "50"), ("2026-11", "-50")]),
    ],
)
def test_an_entry_from_before_business_days_stays_where_it_stands(
    deal: Deal, plan: Version, entries: list[tuple[str, str]]
) -> None:
    """Posted in November for a win of 31 October."""
    ledger = Ledger()
    ledger.follow(won(NOVEMBER), RULES[:1])
    ledger.entries = [replace(entry, won_on=None) for entry in ledger.entries]
    ledger.follow(deal, RULES[:1], plan)
    assert [(entry.month, entry.amount) for entry in ledger.entries[1:]] == [
        (month, roubles(amount)) for month, amount in entries
    ]


def test_differences_are_ordered_by_month_first() -> None:
    ledger = Ledger()
    ledger.follow(won(NOVEMBER), RULES[:2])
    found = differences(target(won(OCTOBER), RULES[:2]), ledger.entries)
    assert [(each.month, each.rule[0]) for each in found] == [
        ("2026-10", "1"),
        ("2026-10", "2"),
        ("2026-11", "1"),
        ("2026-11", "2"),
    ]


def test_only_a_win_under_a_plan_has_a_target() -> None:
    plan = make_plan(NOVEMBER, 3, RULES[:1])
    assert target_of(won(NOVEMBER), None) is None
    assert target_of(reopened(won(NOVEMBER)), plan) is None
    assert target_of(won(NOVEMBER), plan) == Target(
        NOVEMBER, Version(plan.id, 3), earnings(won(NOVEMBER), RULES[:1])
    )
