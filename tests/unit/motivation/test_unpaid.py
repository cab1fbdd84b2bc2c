"""Why a win is without pay."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from services.motivation.domain.deal import Deal
from services.motivation.domain.plans import Plan
from services.motivation.domain.rules import Fixed, PercentOfReceipts
from services.motivation.domain.unpaid import Cause, cause_of, refusal_cause
from shared.clock import UnknownTimeZone
from shared.errors import NotFound
from tests.support.money import roubles
from tests.unit.motivation.deals import make_deal, make_plan

MOSCOW = "Europe/Moscow"
PAYING = make_plan(date(2026, 11, 1), 1, [PercentOfReceipts(Decimal(5))])
UNPAYING = make_plan(date(2026, 11, 2), 2, [PercentOfReceipts(Decimal(0))])
LATER = make_plan(date(2026, 11, 21), 3, [Fixed(roubles("1.00"))])


@pytest.mark.parametrize(
    ("failure", "cause"),
    [
        (UnknownTimeZone("Moon/Tycho"), "unknown_time_zone"),
        (NotFound("room"), "refused"),
        (LookupError("a key"), "failed"),
        (ValueError("a currency"), "failed"),
    ],
)
def test_a_failed_posting_says_whether_a_rule_refused_it(failure: Exception, cause: Cause) -> None:
    assert refusal_cause(failure) == cause


@pytest.mark.parametrize(
    ("deal", "published", "time_zone", "cause"),
    [
        (make_deal(), [PAYING], None, "company_missing"),
        (make_deal(), [PAYING], "Moon/Tycho", "unknown_time_zone"),
        (make_deal(), [], MOSCOW, "no_plan"),
        (make_deal(), [LATER], MOSCOW, "no_plan"),
        (make_deal(shares=()), [], MOSCOW, "no_plan"),
        (make_deal(shares=()), [PAYING], MOSCOW, "nobody_responsible"),
        (make_deal(), [PAYING, UNPAYING], MOSCOW, "pays_nothing"),
        (make_deal(receipts="0.00"), [PAYING], MOSCOW, "pays_nothing"),
        (make_deal(), [PAYING], MOSCOW, "not_yet_applied"),
        (make_deal(), [PAYING, LATER], MOSCOW, "not_yet_applied"),
    ],
)
def test_a_win_without_pay_has_one_cause(
    deal: Deal, published: list[Plan], time_zone: str | None, cause: Cause
) -> None:
    assert cause_of(deal, published, time_zone) == cause


def test_the_day_of_the_win_is_the_companys_for_the_cause_too() -> None:
    late = make_plan(date(2026, 11, 21), 1, [PercentOfReceipts(Decimal(5))])
    deal = make_deal()
    assert deal.won_at is not None
    deal = replace(deal, won_at=deal.won_at.replace(hour=22))
    assert cause_of(deal, [late], MOSCOW) == "not_yet_applied"
    assert cause_of(deal, [late], "UTC") == "no_plan"
