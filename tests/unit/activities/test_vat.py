"""Rates of value added tax by day, and the tax that a sum contains."""

from datetime import date
from decimal import Decimal

import pytest

from services.activities.domain.vat import require_different_days, tax_in, taxes_in
from shared.errors import Invalid
from shared.money import VatPeriod, mode_on, rate_on
from shared.vocabulary import VatCategory, VatMode

OLD, NEW = date(2025, 12, 31), date(2026, 1, 1)


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        (date(2018, 12, 31), 18),
        (date(2019, 1, 1), 20),
        (OLD, 20),
        (NEW, 22),
        (date(2030, 1, 1), 22),
    ],
)
def test_the_standard_rate_follows_the_day_of_shipment(day: date, rate: int) -> None:
    assert rate_on(day, "general", "standard") == rate


@pytest.mark.parametrize("day", [OLD, NEW])
@pytest.mark.parametrize(
    ("mode", "category", "rate"),
    [
        ("general", "reduced", 10),
        ("general", "zero", 0),
        ("general", "exempt", None),
        ("reduced_5", "standard", 5),
        ("reduced_5", "reduced", 5),
        ("reduced_5", "zero", 0),
        ("reduced_5", "exempt", None),
        ("reduced_7", "standard", 7),
        ("none", "standard", None),
        ("none", "zero", None),
    ],
)
def test_other_rates_stay(
    day: date, mode: VatMode, category: VatCategory, rate: int | None
) -> None:
    assert rate_on(day, mode, category) == rate


def test_a_company_pays_as_its_latest_period_says() -> None:
    periods = [VatPeriod(NEW, "reduced_5"), VatPeriod(date(2025, 1, 1), "none")]
    assert mode_on(periods, date(2024, 12, 31)) is None
    assert mode_on(periods, date(2025, 1, 1)) == "none"
    assert mode_on(periods, OLD) == "none"
    assert mode_on(periods, NEW) == "reduced_5"
    assert mode_on([], NEW) is None


def test_two_periods_do_not_begin_on_one_day() -> None:
    require_different_days([VatPeriod(OLD, "none"), VatPeriod(NEW, "none")])
    with pytest.raises(Invalid) as refused:
        require_different_days([VatPeriod(NEW, "none"), VatPeriod(NEW, "general")])
    assert refused.value.extra["errors"] == [{"field": "vat.1.effective_from", "rule": "distinct"}]


@pytest.mark.parametrize(
    ("amount", "rate", "tax"),
    [
        ("122.00", 22, "22.00"),
        ("120.00", 20, "20.00"),
        ("110.00", 10, "10.00"),
        ("105.00", 5, "5.00"),
        ("100.00", 22, "18.03"),
        ("0.03", 20, "0.01"),
        ("0.02", 20, "0.00"),
        ("100.00", 0, "0.00"),
        ("999999999999.99", 22, "180327868852.46"),
    ],
)
def test_the_tax_within_a_sum_is_rounded_halves_up(amount: str, rate: int, tax: str) -> None:
    assert tax_in(Decimal(amount), rate) == Decimal(tax)


def test_the_tax_of_many_lines_is_rounded_once_a_rate() -> None:
    lines = [
        (Decimal("0.02"), 20),
        (Decimal("110.00"), 10),
        (Decimal("0.02"), 20),
        (Decimal("7.00"), None),
        (Decimal("5.00"), 0),
    ]
    taxes = taxes_in(lines)
    assert list(taxes.items()) == [(20, Decimal("0.01")), (10, Decimal("10.00")), (0, Decimal("0"))]
    assert taxes_in([(Decimal("7.00"), None)]) == {}
