"""Which plan pays, and how plans get their versions."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from services.motivation.domain.plans import (
    Plan,
    PlanNotDraft,
    plan_for,
    publish,
    require_company_currency,
)
from services.motivation.domain.rules import Fixed, PercentOfReceipts
from shared.errors import Invalid
from shared.ids import CompanyId, PlanId, RoomId
from shared.money import Money
from tests.support.money import roubles
from tests.unit.motivation.deals import make_deal, make_plan, reopened

OCTOBER, NOVEMBER, LATE = (
    make_plan(date(2026, 10, 1), 1),
    make_plan(date(2026, 11, 1), 2),
    make_plan(date(2026, 11, 20), 3),
)


@pytest.mark.parametrize(
    ("won_on", "plans", "chosen"),
    [
        (date(2026, 9, 30), [OCTOBER, NOVEMBER], None),
        (date(2026, 10, 1), [OCTOBER, NOVEMBER], OCTOBER),
        (date(2026, 10, 31), [OCTOBER, NOVEMBER], OCTOBER),
        (date(2026, 11, 1), [OCTOBER, NOVEMBER], NOVEMBER),
        (date(2026, 11, 19), [LATE, NOVEMBER, OCTOBER], NOVEMBER),
        (date(2026, 11, 20), [OCTOBER, LATE, NOVEMBER], LATE),
    ],
)
def test_the_latest_plan_in_force_on_the_business_day_of_the_win_pays(
    won_on: date, plans: list[Plan], chosen: Plan | None
) -> None:
    assert plan_for(replace(make_deal(), won_on=won_on), plans) == chosen


def test_the_higher_version_of_plans_from_one_day_pays() -> None:
    later = make_plan(date(2026, 11, 1), 5)
    plans = [NOVEMBER, later, make_plan(date(2026, 11, 1), 4)]
    assert plan_for(make_deal(), plans) == later


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
    assert plan_for(make_deal(), [other]) is None


def test_no_plan_pays_for_an_activity_that_is_not_won() -> None:
    assert plan_for(reopened(make_deal()), [NOVEMBER]) is None


def test_publishing_gives_the_next_version_and_only_once() -> None:
    assert publish(replace(NOVEMBER, plan_version=None), 0) == 1
    assert publish(replace(NOVEMBER, plan_version=None), 6) == 7
    with pytest.raises(PlanNotDraft) as refused:
        publish(NOVEMBER, 6)
    assert refused.value.extra == {"plan_version": 2}


def test_fixed_amounts_must_be_in_the_companys_currency() -> None:
    euro = Fixed(Money(amount=Decimal(5), currency="EUR"))
    require_company_currency([Fixed(roubles("1")), PercentOfReceipts(Decimal(5))], "RUB")
    with pytest.raises(Invalid) as refusal:
        require_company_currency([Fixed(roubles("1")), euro], "RUB")
    assert refusal.value.extra["errors"] == [
        {"field": "rules.1.amount.currency", "rule": "company_currency", "currency": "RUB"}
    ]


def test_two_plans_of_one_day_and_version_are_no_error() -> None:
    twin = replace(NOVEMBER, id=PlanId(UUID(int=99)))
    assert plan_for(make_deal(), [NOVEMBER, twin]) == NOVEMBER
