"""Lines of a month that belong to no deal: pools, caps, floors, draws."""

from dataclasses import replace
from decimal import Decimal

import pytest

from services.motivation.domain.deal import SellerShare
from services.motivation.domain.rules import (
    Attainment,
    Cap,
    Draw,
    Floor,
    Limits,
    PercentOfReceipts,
    Pool,
)
from services.motivation.domain.settlement import ROOM
from tests.support.money import roubles
from tests.unit.motivation.deals import ANNA, BORIS, VERA, make_deal
from tests.unit.motivation.months import ELENA, all_lines, lines_of, sales, settled, total_of

TEN = PercentOfReceipts(Decimal(10))


def test_a_pool_goes_by_its_shares() -> None:
    shares = (SellerShare(ANNA, Decimal("0.7")), SellerShare(ELENA, Decimal("0.3")))
    pool = Pool(percent=Decimal(1), shares=shares)
    settlement = settled(sales("600", "400.05"), pool)
    assert [(line.employee_id, line.amount) for line in settlement.month] == [
        (ANNA, roubles("7.00")),
        (ELENA, roubles("3.00")),
    ]
    line = settlement.month[1]
    assert (line.base, line.before_shares, line.share) == (
        roubles("1000.05"),
        roubles("10.00"),
        Decimal("0.3"),
    )


def test_a_pool_without_shares_goes_by_credit() -> None:
    deals = [*sales("600"), make_deal("400", shares=[(ANNA, "0.5"), (BORIS, "0.5")])]
    settlement = settled(deals, Pool(amount=roubles("100")))
    assert (lines_of(settlement), lines_of(settlement, BORIS)) == (["80.00"], ["20.00"])
    of_goods = Pool(amount=roubles("100"), limits=Limits(product_category="goods"))
    assert settled(deals, of_goods).month == []


@pytest.mark.parametrize(("target", "lines"), [("800", ["100.00"]), ("801", []), ("0", [])])
def test_a_pool_may_wait_for_the_room_to_reach_its_target(target: str, lines: list[str]) -> None:
    attainment = Attainment(scope="room", unit="percent_of_target")
    pool = Pool(amount=roubles("100"), attainment=attainment, threshold=Decimal(75))
    settlement = settled(sales("600"), pool, targets={(ROOM, "receipts"): Decimal(target)})
    assert lines_of(settlement) == lines
    missing = {(ROOM, "receipts")} if target == "0" else set()
    assert settlement.missing_targets == missing


def test_a_pool_may_need_a_number_of_sales() -> None:
    attainment = Attainment(scope="room", measure="count")
    pool = Pool(amount=roubles("100"), attainment=attainment, threshold=Decimal(2))
    assert lines_of(settled(sales("1"), pool)) == []
    assert lines_of(settled(sales("1", "1"), pool)) == ["100.00"]


def test_what_exceeds_the_months_cap_is_deducted() -> None:
    settlement = settled(sales("600", "600"), TEN, Cap(roubles("100")))
    assert lines_of(settlement) == ["60.00", "60.00", "-20.00"]
    assert lines_of(settled(sales("600"), TEN, Cap(roubles("60")))) == ["60.00"]
    named = settled(sales("600"), TEN, Cap(roubles("10"), (BORIS,)))
    assert lines_of(named) == ["60.00"]


def test_a_floor_tops_up_once_the_month_has_ended() -> None:
    floor = Floor(roubles("100"), (ANNA, VERA))
    settlement = settled(sales("600"), TEN, floor)
    assert (lines_of(settlement), lines_of(settlement, VERA)) == (["60.00", "40.00"], ["100.00"])
    assert lines_of(settled(sales("600"), TEN, floor, ended=False)) == ["60.00"]
    assert lines_of(settled(sales("1000"), TEN, floor)) == ["100.00"]
    line = settlement.month[0]
    assert (line.rule, line.base, line.before_shares) == ("2:floor", roubles("60"), roubles("100"))


def test_a_floor_without_names_is_for_who_earns() -> None:
    settlement = settled(sales("600"), TEN, Floor(roubles("100")))
    assert [line.employee_id for line in settlement.month] == [ANNA]


def test_month_rules_apply_in_one_order_whatever_the_plans() -> None:
    rules = (Draw(roubles("90"), recoverable=False), Floor(roubles("50")), Cap(roubles("80")), TEN)
    settlement = settled(sales("600"), *rules, Pool(amount=roubles("30")))
    assert [(line.rule, f"{line.amount.amount:.2f}") for line in all_lines(settlement)] == [
        ("4:percent_of_receipts", "60.00"),
        ("5:pool", "30.00"),
        ("3:cap", "-10.00"),
        ("1:draw", "10.00"),
    ]


@pytest.mark.parametrize(
    ("earned", "debt", "line", "debt_after"),
    [
        ("150", "0", [], "0"),  # more than the draw
        ("40", "0", ["60.00"], "60"),  # an advance
        ("150", "60", ["-50.00"], "10"),  # never below the draw
        ("200", "60", ["-60.00"], "0"),  # all of the debt
        ("100", "60", [], "60"),  # just the draw
        ("0", "10", ["100.00"], "110"),
    ],
)
def test_a_draw_is_taken_off_what_is_earned_beyond_it(
    earned: str, debt: str, line: list[str], debt_after: str
) -> None:
    deals = [make_deal(Decimal(earned) * 10, [("service", "1")])] if earned != "0" else []
    draw = Draw(roubles("100"), employee_ids=(ANNA,))
    settlement = settled(deals, TEN, draw, debts={ANNA: Decimal(debt)})
    assert [f"{own.amount.amount:.2f}" for own in settlement.month] == line
    assert settlement.debts.get(ANNA, Decimal(0)) == Decimal(debt_after)


def test_who_owes_pays_back_also_without_being_named() -> None:
    draw = Draw(roubles("0.01"))
    settlement = settled(sales("600"), TEN, draw, debts={ANNA: Decimal(5), BORIS: Decimal(7)})
    assert (total_of(settlement), total_of(settlement, BORIS)) == ("55.00", "0.01")
    assert settlement.debts == {ANNA: Decimal(0), BORIS: Decimal("7.01")}


def test_a_draw_that_is_not_recoverable_leaves_no_debt() -> None:
    draw = Draw(roubles("100"), recoverable=False)
    settlement = settled(sales("600"), TEN, draw, debts={BORIS: Decimal(5)})
    assert lines_of(settlement) == ["60.00", "40.00"]
    assert settlement.debts == {BORIS: Decimal(5)}
    assert settled(sales("600"), TEN, replace(draw, recoverable=True), ended=False).debts == {}
