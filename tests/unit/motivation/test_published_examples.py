"""Worked examples that the field has published, each with its source: the same amounts here.

Clawback: the rule is the source's, the numbers are our own; of a threshold with a cliff the sources
give no numbers at all, so that one is our own.
"""

from decimal import Decimal

import pytest

from services.motivation.domain.rules import (
    Attainment,
    Draw,
    PercentOfReceipts,
    Rule,
    Terms,
    Tier,
    Tiered,
)
from services.motivation.domain.settlement import Targets
from tests.support.money import roubles
from tests.unit.motivation.deals import ANNA, BORIS, make_deal
from tests.unit.motivation.months import ELENA, lines_of, sales, settled, total_of

ECLIPSE = "Eclipse help, 'Tiered Commission Plan Details' (PRICE_CON_TieredCommissionPlanDetails)"
SPARROW_MARGINAL = "sparrowgenie.com/sales-commission-models/non-retroactive-commission"
SPARROW_RETROACTIVE = "sparrowgenie.com/sales-commission-models/retroactive-commission"
SPARROW_CAP = "sparrowgenie.com/sales-commission-models/capped-commission"
REFERELLO = "referello.com/tools/tiered-commission-calculator"
DIGITAL_HELP = "get-digital-help.com/how-to-do-tiered-calculations-in-one-formula"
EXCELFORUM = "excelforum.com thread 861932: quota accelerators"
REMUNER = "remuner.com/blog/split-commission-calculator"
PROWI = "prowi.io/en/glossary/override-commission"
ORACLE = "docs.oracle.com, Incentive Compensation Administration Guide, 'Recoverable Draw Scenario'"
QUOTA_CLAWBACK = "americadataset.store/viewtopic.php?t=34657: attainment falls retroactively"
OWN = "our own"


def tiers(*starts_and_rates: tuple[str, str], **terms: object) -> Tiered:
    steps = tuple(Tier(Decimal(start), Decimal(rate)) for start, rate in starts_and_rates)
    return Tiered(tiers=steps, **terms)  # type: ignore[arg-type]


GROSS_PROFIT = (("0", "2"), ("200", "3"), ("500", "4"), ("1000", "5.5"))
DEVICES = (("0", "3"), ("300000", "5"), ("500000", "7"))
LEVELS = (("0", "4.5"), ("100000", "2"), ("250000", "1.2"), ("500000", "0.2"))
OF_TARGET = Attainment(unit="percent_of_target")
QUOTA: Targets = {(ANNA, "receipts"): Decimal("100000")}


@pytest.mark.parametrize(
    ("source", "sold", "rule", "paid"),
    [
        (ECLIPSE, "1200", tiers(*GROSS_PROFIT), "44.00"),
        (ECLIPSE, "1200", tiers(*GROSS_PROFIT, mode="retroactive"), "66.00"),
        (SPARROW_MARGINAL, "600000", tiers(*DEVICES), "26000.00"),
        (REFERELLO, "15000", tiers(("0", "10"), ("10000", "20")), "2000.00"),
        (DIGITAL_HELP, "65000", tiers(*LEVELS), "2925.00"),
        (DIGITAL_HELP, "125000", tiers(*LEVELS), "5000.00"),
        (DIGITAL_HELP, "280000", tiers(*LEVELS), "7860.00"),
        (DIGITAL_HELP, "540000", tiers(*LEVELS), "10580.00"),
        (
            SPARROW_RETROACTIVE,
            "1000000",
            tiers(("0", "5"), ("1000000", "7"), mode="retroactive"),
            "70000.00",
        ),
        (
            SPARROW_RETROACTIVE,
            "999999.99",
            tiers(("0", "5"), ("1000000", "7"), mode="retroactive"),
            "50000.00",
        ),
        (
            EXCELFORUM,
            "150000",
            tiers(("0", "5"), ("100", "6"), ("125", "7"), attainment=OF_TARGET),
            "8250.00",
        ),
        (
            SPARROW_CAP,
            "400000",
            PercentOfReceipts(Decimal(3), terms=Terms(cap=roubles("10000"))),
            "10000.00",
        ),
        (PROWI, "300000", tiers(("225000", "3")), "2250.00"),
        (OWN, "74999", tiers(("0", "10"), threshold=Decimal(75), attainment=OF_TARGET), "0.00"),
        (OWN, "75000", tiers(("0", "10"), threshold=Decimal(75), attainment=OF_TARGET), "7500.00"),
    ],
)
def test_a_months_sales_pay_what_was_published(
    source: str, sold: str, rule: Rule, paid: str
) -> None:
    whole = Decimal(sold)
    assert total_of(settled(sales(whole), rule, targets=QUOTA)) == paid, source
    parts = [whole / 4, whole / 2, whole - whole / 4 - whole / 2]
    in_parts = sales(*(part.quantize(Decimal("0.01")) for part in parts[:2]))
    rest = whole - sum(deal.receipts.amount for deal in in_parts)
    assert total_of(settled([*in_parts, *sales(rest)], rule, targets=QUOTA)) == paid, source


@pytest.mark.parametrize(
    ("sold", "percent", "shares", "paid"),
    [
        ("50000", "10", ("0.5", "0.5"), ("2500.00", "2500.00")),
        ("100000", "6", ("0.7", "0.3"), ("4200.00", "1800.00")),
    ],
)
def test_a_split_pays_what_was_published(
    sold: str, percent: str, shares: tuple[str, str], paid: tuple[str, str]
) -> None:
    deal = make_deal(sold, shares=list(zip((ANNA, BORIS), shares, strict=True)))
    settlement = settled([deal], PercentOfReceipts(Decimal(percent)))
    assert (total_of(settlement), total_of(settlement, BORIS)) == paid, REMUNER


def test_an_override_pays_what_was_published() -> None:
    override = PercentOfReceipts(Decimal(3), terms=Terms(recipients=(ELENA,)))
    team = sales("75000", "60000", "67500", "52500", "45000")
    settlement = settled(team, PercentOfReceipts(Decimal(10)), override)
    assert lines_of(settlement, ELENA) == ["2250.00", "1800.00", "2025.00", "1575.00", "1350.00"]
    assert (total_of(settlement, ELENA), total_of(settlement)) == ("9000.00", "30000.00"), PROWI


def test_a_recoverable_draw_pays_what_was_published() -> None:
    months = [
        ("2750", "2750", "0"),
        ("3000", "3000", "0"),
        ("1500", "2000", "500"),
        ("2375", "2000", "125"),
        ("3000", "2875", "0"),
        ("2750", "2750", "0"),
    ]
    debts = {ANNA: Decimal(0)}
    for earned, paid, debt in months:
        settlement = settled(
            sales(earned), PercentOfReceipts(Decimal(100)), Draw(roubles("2000")), debts=debts
        )
        debts = dict(settlement.debts)
        assert (Decimal(total_of(settlement)), debts) == (Decimal(paid), {ANNA: Decimal(debt)}), (
            ORACLE
        )


def test_a_clawback_takes_the_higher_rate_back_too() -> None:
    rule = tiers(("0", "5"), ("450000", "10"))
    before = settled(sales("50000", "400000", "30000"), rule)
    assert lines_of(before) == ["2500.00", "20000.00", "3000.00"]
    after = settled(sales("0", "400000", "30000"), rule)
    assert lines_of(after) == ["20000.00", "1500.00"], QUOTA_CLAWBACK
