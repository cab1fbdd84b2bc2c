"""Rules of plans as JSON."""

from decimal import Decimal

import pytest

from services.motivation.domain.deal import SellerShare
from services.motivation.domain.rules import (
    Attainment,
    Cap,
    Draw,
    Fixed,
    Floor,
    Limits,
    PercentOfReceipts,
    Pool,
    Rule,
    Terms,
    Tier,
    Tiered,
)
from services.motivation.storage.rules import rule_from_json, rule_to_json
from tests.support.money import roubles, rub
from tests.unit.motivation.deals import ANNA


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
        (
            PercentOfReceipts(
                Decimal("7.1250"),
                base_of="margin",
                terms=Terms(vip_coefficient=Decimal("1.5"), cap=roubles("900"), recipients=(ANNA,)),
            ),
            {
                "kind": "percent_of_receipts",
                "percent": "7.125",
                "base": "margin",
                "vip_coefficient": "1.50",
                "cap": rub("900.00"),
                "recipients": [str(ANNA)],
            },
        ),
        (
            Fixed(roubles("300"), minimum_receipts=roubles("1000")),
            {"kind": "fixed", "amount": rub("300.00"), "minimum_receipts": rub("1000.00")},
        ),
        (
            Tiered(
                tiers=(Tier(Decimal(0), Decimal(3)), Tier(Decimal(100), Decimal("4.5"))),
                mode="retroactive",
                attainment=Attainment(scope="room", unit="percent_of_target", deals="all"),
                threshold=Decimal(50),
                base_of="net_of_vat",
            ),
            {
                "kind": "tiered_percent",
                "tiers": [
                    {"from": "0.00", "percent": "3.00"},
                    {"from": "100.00", "percent": "4.50"},
                ],
                "mode": "retroactive",
                "attainment": {
                    "measure": "receipts",
                    "scope": "room",
                    "unit": "percent_of_target",
                    "deals": "all",
                },
                "threshold": "50.00",
                "base": "net_of_vat",
            },
        ),
        (
            Tiered(
                tiers=(Tier(Decimal(0), Decimal(100)),),
                currency="RUB",
                attainment=Attainment(measure="count"),
                limits=Limits(sale="first"),
            ),
            {
                "kind": "tiered_fixed",
                "tiers": [{"from": "0.00", "amount": rub("100.00")}],
                "attainment": {
                    "measure": "count",
                    "scope": "seller",
                    "unit": "amount",
                    "deals": "matching",
                },
                "sale": "first",
            },
        ),
        (
            Pool(
                percent=Decimal(1),
                base_of="margin",
                limits=Limits(source_kind="cold"),
                shares=(SellerShare(ANNA, Decimal(1)),),
            ),
            {
                "kind": "pool",
                "percent": "1.00",
                "base": "margin",
                "source_kind": "cold",
                "shares": [{"employee_id": str(ANNA), "share": "1.0000"}],
            },
        ),
        (
            Pool(
                amount=roubles("5"),
                attainment=Attainment(scope="room", measure="count"),
                threshold=Decimal(3),
            ),
            {
                "kind": "pool",
                "amount": rub("5.00"),
                "attainment": {
                    "measure": "count",
                    "scope": "room",
                    "unit": "amount",
                    "deals": "matching",
                },
                "threshold": "3.00",
            },
        ),
        (Cap(roubles("5")), {"kind": "cap", "amount": rub("5.00")}),
        (
            Floor(roubles("5"), (ANNA,)),
            {"kind": "floor", "amount": rub("5.00"), "employee_ids": [str(ANNA)]},
        ),
        (Draw(roubles("5")), {"kind": "draw", "amount": rub("5.00")}),
        (
            Draw(roubles("5"), recoverable=False),
            {"kind": "draw", "amount": rub("5.00"), "recoverable": False},
        ),
    ],
)
def test_a_rule_survives_storage(rule: Rule, json: dict[str, object]) -> None:
    assert rule_to_json(rule) == json
    assert rule_from_json(json) == rule
