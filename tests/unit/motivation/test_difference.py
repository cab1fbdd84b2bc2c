"""The ledger follows the earnings: accruals, then corrections of them."""

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.motivation.domain.deal import Deal
from services.motivation.domain.difference import differences
from services.motivation.domain.rules import Fixed, Limits, PercentOfReceipts, Rule, earnings
from shared.ids import EmployeeId
from tests.support.money import roubles
from tests.unit.motivation.deals import ANNA, BORIS, VERA, WON_AT, Ledger, make_deal, reopened

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
    (accrual,) = differences(earnings(make_deal("1000"), RULES[:1]), [])
    assert (accrual.kind, accrual.corrects, accrual.posted_before) == (
        "accrual",
        None,
        roubles("0"),
    )
    assert accrual.earning and accrual.earning.amount == accrual.amount == roubles("50")
    ledger.follow(make_deal("1000"), RULES[:1])
    (correction,) = differences(earnings(make_deal("400"), RULES[:1]), ledger.entries)
    assert (correction.kind, correction.corrects) == ("correction", ledger.entries[0].entry_id)
    assert (correction.posted_before, correction.amount) == (roubles("50"), roubles("-30"))
    (reversal,) = differences([], ledger.entries)
    assert (reversal.kind, reversal.amount, reversal.earning) == (
        "correction",
        roubles("-50"),
        None,
    )


def test_differences_are_ordered_by_rule_and_employee() -> None:
    rules: list[Rule] = [Fixed(roubles("10")), Fixed(roubles("20"))]
    employees = [EmployeeId(UUID(int=number)) for number in range(8, 0, -1)]
    deal = make_deal(shares=[(employee, "0.125") for employee in employees])
    assert [(each.rule, each.employee_id) for each in differences(earnings(deal, rules), [])] == [
        (rule, employee) for rule in ("1:fixed", "2:fixed") for employee in sorted(employees)
    ]
