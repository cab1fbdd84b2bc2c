"""Rules of plans as JSON."""

from decimal import Decimal

import pytest

from services.motivation.domain.rules import Fixed, Limits, PercentOfReceipts, Rule
from services.motivation.storage.rules import rule_from_json, rule_to_json
from tests.support.money import roubles


@pytest.mark.parametrize(
    ("rule", "json"),
    [
        (PercentOfReceipts(Decimal("5")), {"kind": "percent_of_receipts", "percent": "5.00"}),
        (
            PercentOfReceipts(Decimal("1.25"), Limits(source_kind="cold", sale="first")),
            {
                "kind": "percent_of_receipts",
                "percent": "1.25",
                "source_kind": "cold",
                "sale": "first",
            },
        ),
        (
            Fixed(roubles("300"), Limits(product_category="service")),
            {
                "kind": "fixed",
                "amount": {"amount": "300.00", "currency": "RUB"},
                "product_category": "service",
            },
        ),
    ],
)
def test_a_rule_survives_storage(rule: Rule, json: dict[str, object]) -> None:
    assert rule_to_json(rule) == json
    assert rule_from_json(json) == rule
