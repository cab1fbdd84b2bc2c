"""The ledger follows what was earned: accruals, then corrections of them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.motivation.domain.deal import Deal
from services.motivation.domain.rules import Fixed, Limits, PercentOfReceipts, Rule, earned
from tests.unit.motivation.deals import ANNA, BORIS, VERA, WON_AT, Ledger, deal, in_work, rub

RULES: list[Rule] = [
    PercentOfReceipts(Decimal("5.00")),
    Fixed(rub("300.00"), Limits(source_kind="cold")),
    PercentOfReceipts(Decimal("3.33"), Limits(product_category="service")),
]


@st.composite
def deals(draw: st.DrawFn) -> Deal:
    """Any state that an activity may come to."""
    first = draw(st.integers(0, 100))
    parts = [
        (ANNA, Decimal(first) / 100),
        (draw(st.sampled_from([BORIS, VERA])), Decimal(100 - first) / 100),
    ]
    return deal(
        draw(st.decimals(min_value=0, max_value=10**6, places=2)),
        draw(
            st.lists(
                st.tuples(st.sampled_from(["service", "goods"]), st.integers(0, 1000).map(Decimal)),
                min_size=1,
                max_size=3,
            )
        ),
        [(seller, share) for seller, share in parts if share],
        draw(st.sampled_from([WON_AT, None])),
        draw(st.sampled_from(["cold", "inbound"])),
    )


def test_the_first_line_is_an_accrual_and_each_difference_corrects_it() -> None:
    ledger = Ledger()
    ledger.follow(deal("1000.00"), RULES[:1])
    ledger.follow(deal("800.00"), RULES[:1])
    ledger.follow(deal("1200.00"), RULES[:1])
    accrual, refund, overpayment = ledger.lines
    assert [line.amount for line in ledger.lines] == [rub("50.00"), rub("-10.00"), rub("20.00")]
    assert accrual.corrects is None
    assert refund.corrects == overpayment.corrects == accrual.entry_id


@pytest.mark.parametrize(
    ("states", "sums"),
    [
        ([deal("1000")], {ANNA: "50.00"}),
        ([deal("1000"), deal("400")], {ANNA: "20.00"}),
        ([deal("1000"), in_work(deal("1000"))], {}),
        ([deal("1000"), in_work(deal("0")), deal("600")], {ANNA: "30.00"}),
        (
            [deal("1000"), deal("1000", parts=[(ANNA, "0.7"), (BORIS, "0.3")])],
            {ANNA: "35.00", BORIS: "15.00"},
        ),
        ([deal("1000"), deal("1000", parts=[(BORIS, "1")])], {BORIS: "50.00"}),
        ([deal("1000"), deal("1500")], {ANNA: "75.00"}),
    ],
    ids=["win", "refund", "reversal", "won again", "split", "another's", "overpayment"],
)
def test_pay_follows_the_activity(states: list[Deal], sums: dict[object, str]) -> None:
    ledger = Ledger()
    for state in states:
        ledger.follow(state, RULES[:1])
    assert {employee: amount for (employee, _), amount in ledger.sums().items()} == {
        who: Decimal(sum_) for who, sum_ in sums.items()
    }


def test_a_seller_who_comes_by_a_split_gets_an_accrual_of_their_own() -> None:
    ledger = Ledger()
    ledger.follow(deal(), RULES[:1])
    ledger.follow(deal(parts=[(ANNA, "0.5"), (BORIS, "0.5")]), RULES[:1])
    assert [(line.employee_id, line.corrects is None) for line in ledger.lines] == [
        (ANNA, True),
        (ANNA, False),
        (BORIS, True),
    ]


@given(deals())
def test_settling_twice_posts_nothing(state: Deal) -> None:
    ledger = Ledger()
    ledger.follow(state, RULES)
    assert ledger.follow(state, RULES) == 0


@given(st.lists(deals(), min_size=1, max_size=8))
def test_the_last_state_decides_whatever_came_before(states: list[Deal]) -> None:
    ledger = Ledger()
    for state in states:
        ledger.follow(state, RULES)
    assert ledger.sums() == {
        (line.employee_id, line.rule): line.amount.amount for line in earned(states[-1], RULES)
    }


@given(st.lists(deals(), min_size=1, max_size=8))
def test_a_win_refunded_in_full_and_reversed_leaves_nothing(states: list[Deal]) -> None:
    ledger = Ledger()
    for state in [*states, in_work(deal("0.00"))]:
        ledger.follow(state, RULES)
    assert ledger.sums() == {}


@given(st.lists(deals(), min_size=1, max_size=6), st.data())
def test_any_order_and_repetition_of_facts_gives_the_same_sums(
    states: list[Deal], data: st.DataObject
) -> None:
    """As the inbox hands them over: of versions, only one that is newer than the state kept takes
    effect.
    """
    facts = list(enumerate(states, 1))
    heard = data.draw(
        st.permutations(facts + data.draw(st.lists(st.sampled_from(facts), max_size=6)))
    )
    ledger, kept = Ledger(), 0
    for version, state in heard:
        if version > kept:
            ledger.follow(state, RULES)
            kept = version
    straight = Ledger()
    for state in states:
        straight.follow(state, RULES)
    assert ledger.sums() == straight.sums()


@given(st.lists(deals(), min_size=1, max_size=8))
def test_corrections_point_at_an_accrual_of_the_same_seller_and_rule(states: list[Deal]) -> None:
    ledger = Ledger()
    for state in states:
        ledger.follow(state, RULES)
    accruals = {
        line.entry_id: (line.employee_id, line.rule)
        for line in ledger.lines
        if line.corrects is None
    }
    assert len(set(accruals.values())) == len(accruals)
    assert all(
        accruals[line.corrects] == (line.employee_id, line.rule)
        for line in ledger.lines
        if line.corrects
    )
