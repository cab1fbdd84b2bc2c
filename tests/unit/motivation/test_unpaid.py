"""Why a win is without pay."""

from datetime import date
from decimal import Decimal

import pytest

from services.motivation.domain.deal import Deal
from services.motivation.domain.plans import Plan
from services.motivation.domain.rules import Limits, PercentOfReceipts
from services.motivation.domain.unpaid import Cause, cause_of, refusal_cause
from shared.clock import UnknownTimeZone
from shared.errors import NotFound
from tests.unit.motivation.deals import make_deal, make_plan

PAYING = make_plan(date(2026, 11, 1), 1, [PercentOfReceipts(Decimal(5))])
UNPAYING = make_plan(date(2026, 11, 2), 2, [PercentOfReceipts(Decimal(0))])
BY_MARGIN = make_plan(
    date(2026, 11, 3),
    3,
    [PercentOfReceipts(Decimal(5), Limits(product_category="service"), "margin")],
)


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
    ("deal", "plan", "cause"),
    [
        (make_deal(), None, "no_plan"),
        (make_deal(shares=()), None, "no_plan"),
        (make_deal(shares=()), PAYING, "nobody_responsible"),
        (make_deal(), UNPAYING, "pays_nothing"),
        (make_deal(receipts="0.00"), PAYING, "pays_nothing"),
        (make_deal(), PAYING, "not_yet_applied"),
        (make_deal(), BY_MARGIN, "cost_unknown"),
        (make_deal(products=[("other", "1000.00")]), BY_MARGIN, "pays_nothing"),
    ],
)
def test_a_win_without_pay_has_one_cause(deal: Deal, plan: Plan | None, cause: Cause) -> None:
    assert cause_of(deal, plan) == cause
