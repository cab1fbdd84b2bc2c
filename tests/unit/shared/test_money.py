"""Money: two places, one currency, nothing lost."""

import itertools
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic.json_schema import JsonSchemaMode

from shared.money import LARGEST, Money, PositiveMoney, _amount, rounded, shared_out, total

amounts = st.integers(-(10**14) + 1, 10**14 - 1).map(lambda kopecks: Decimal(kopecks).scaleb(-2))
weights = st.lists(
    st.integers(0, 10_000).map(lambda part: Decimal(part).scaleb(-4)), min_size=1, max_size=10
)


@pytest.mark.parametrize(
    ("exact", "kopecks"),
    [
        ("0.005", "0.01"),
        ("0.004999", "0.00"),
        ("-0.005", "-0.01"),
        ("2.675", "2.68"),
        ("1.015", "1.02"),
        ("1E-9", "0.00"),
    ],
)
def test_halves_round_away_from_zero(exact: str, kopecks: str) -> None:
    assert str(rounded(Decimal(exact))) == kopecks


@given(amount=amounts, parts=weights.filter(lambda parts: sum(parts) > 0))
def test_sharing_out_loses_nothing_and_gives_each_part_within_a_kopeck(
    amount: Decimal, parts: list[Decimal]
) -> None:
    shares = shared_out(amount, parts)
    assert sum(shares) == amount
    assert all(share.as_tuple().exponent == -2 for share in shares)
    whole = Fraction(sum(parts))
    for share, part in zip(shares, parts, strict=True):
        assert abs(Fraction(share) - Fraction(amount) * Fraction(part) / whole) < Fraction(1, 100)
        assert not share * amount < 0


@given(amount=amounts, parts=weights.filter(lambda parts: sum(parts) > 0))
def test_a_larger_weight_never_gets_less_and_the_sign_changes_nothing(
    amount: Decimal, parts: list[Decimal]
) -> None:
    shares = shared_out(abs(amount), parts)
    by_weight = sorted(zip(parts, shares, strict=True), key=lambda pair: (pair[0], -pair[1]))
    for (weight, share), (more_weight, more) in itertools.pairwise(by_weight):
        assert share <= more or weight == more_weight
    assert shared_out(-abs(amount), parts) == [-share for share in shares]


@pytest.mark.parametrize(
    ("amount", "parts", "shares"),
    [
        ("100.00", ["0.3333", "0.3333", "0.3334"], ["33.33", "33.33", "33.34"]),
        ("0.01", ["0.5", "0.5"], ["0.01", "0.00"]),
        ("0.02", ["0.5", "1.5"], ["0.00", "0.02"]),  # halves cut from both: to the largest weight
        ("-0.02", ["0.5", "1.5"], ["0.00", "-0.02"]),
        ("0.01", ["0.4", "0.6"], ["0.00", "0.01"]),
        ("0.03", ["0", "1", "1"], ["0.00", "0.02", "0.01"]),
        ("0.05", ["0.1"] * 10, ["0.01"] * 5 + ["0.00"] * 5),
        ("16.67", ["0.1"] * 10, ["1.67"] * 7 + ["1.66"] * 3),
        ("0.00", ["1", "2"], ["0.00", "0.00"]),
        ("10.00", ["1", "1", "1"], ["3.34", "3.33", "3.33"]),
        ("-10.00", ["1", "1", "1"], ["-3.34", "-3.33", "-3.33"]),
        ("5.00", ["1"], ["5.00"]),
    ],
)
def test_kopecks_left_over_go_to_the_largest_remainders(
    amount: str, parts: list[str], shares: list[str]
) -> None:
    found = shared_out(Decimal(amount), [Decimal(part) for part in parts])
    assert [str(share) for share in found] == shares


@pytest.mark.parametrize(
    "amount",
    [
        1500.0,
        0.1,
        "1.005",
        "NaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "1_000.00",
        "_1_",
        "1e3",
        "1E+2",
        " 100.00 ",
        "+100",
        "100.",
        ".5",
        "100.000",
        "-",
        "1.00\n",
        100,
        "1234567890123",
        str(LARGEST + Decimal("0.01")),
        "1 500",
        "",
        None,
        True,
        "0x10",
        [],
        "١e",
    ],
)
def test_what_is_not_an_amount_of_money_is_refused(amount: Any) -> None:
    with pytest.raises(ValidationError):
        Money.model_validate({"amount": amount, "currency": "RUB"})


@pytest.mark.parametrize("currency", ["rub", "RU", "RUBL", "", None, "РУБ", "RUB\n"])
def test_what_is_not_a_currency_is_refused(currency: Any) -> None:
    with pytest.raises(ValidationError):
        Money.model_validate({"amount": "1.00", "currency": currency})


@pytest.mark.parametrize("amount", ["0", "0.00", "-0.01"])
def test_what_changes_hands_is_more_than_nothing(amount: str) -> None:
    with pytest.raises(ValidationError):
        PositiveMoney.model_validate({"amount": amount, "currency": "RUB"})


@pytest.mark.parametrize(
    ("said", "shown"),
    [("1500", "1500.00"), ("0.5", "0.50"), ("-007.10", "-7.10")],
)
def test_money_is_shown_with_two_places(said: str, shown: str) -> None:
    money = Money.model_validate({"amount": said, "currency": "RUB"})
    assert money.model_dump(mode="json") == {"amount": shown, "currency": "RUB"}


def test_currencies_never_meet() -> None:
    roubles, dollars = Money(amount="1.00", currency="RUB"), Money(amount="1.00", currency="USD")
    for meeting in (
        lambda: roubles + dollars,
        lambda: roubles - dollars,
        lambda: roubles < dollars,
        lambda: total([dollars], "RUB"),
    ):
        with pytest.raises(ValueError, match="does not add"):
            meeting()


@given(st.lists(amounts, max_size=20))
def test_a_total_is_exact(parts: list[Decimal]) -> None:
    money = [Money.model_construct(amount=part, currency="RUB") for part in parts]
    assert total(money, "RUB") == Money.model_construct(
        amount=sum(parts, Decimal("0.00")), currency="RUB"
    )


@pytest.mark.parametrize(
    ("one", "other", "comparison"),
    [("1.00", "2.00", -1), ("2.00", "2.00", 0), ("3.00", "2.00", 1)],
)
def test_money_of_one_currency_is_compared_by_amount(one: str, other: str, comparison: int) -> None:
    left, right = Money(amount=one, currency="RUB"), Money(amount=other, currency="RUB")
    assert (left < right, left <= right) == (comparison < 0, comparison <= 0)
    assert (left == right) == (comparison == 0)


def test_sums_and_differences_keep_the_currency() -> None:
    three, two = Money(amount="3.00", currency="EUR"), Money(amount="2.00", currency="EUR")
    assert three + two == Money(amount="5.00", currency="EUR")
    assert two - three == Money(amount="-1.00", currency="EUR")
    assert total([three, two], "EUR") == three + two
    assert total([], "EUR") == Money.zero("EUR") == Money(amount="0.00", currency="EUR")


def test_money_is_equal_to_the_same_sum_of_either_kind_and_to_nothing_else() -> None:
    money = Money(amount="1.00", currency="RUB")
    positive = PositiveMoney(amount="1.00", currency="RUB")
    assert money == positive and hash(money) == hash(positive)
    assert len({money, positive, Money(amount="1.00", currency="EUR")}) == 2
    assert hash(money) != hash(Money(amount="2.00", currency="RUB"))
    assert hash(money) != hash(Money(amount="1.00", currency="EUR"))
    assert money != Money(amount="1.00", currency="EUR")
    assert money != Decimal("1.00")


@pytest.mark.parametrize(("amount", "rule"), [(1.5, "money"), ("١", "money"), ("1.005", "money")])
def test_a_refused_amount_names_the_broken_rule(amount: Any, rule: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Money.model_validate({"amount": amount, "currency": "RUB"})
    assert [error["type"] for error in refused.value.errors()] == [rule]


def test_a_total_of_nothing_has_two_places() -> None:
    assert str(total([], "RUB").amount) == "0.00"


def small_amounts() -> TypeAdapter[Any]:
    """Amounts up to 999.99: made by each test, as the types of `Money` were before any began."""
    return TypeAdapter(_amount(Decimal("999.99")))


@pytest.mark.parametrize(
    ("mode", "pattern"),
    [
        ("validation", r"^-?\d{1,3}(\.\d{1,2})?$"),
        ("serialization", r"^-?\d{1,3}\.\d{2}$"),
    ],
)
def test_the_schema_of_an_amount_is_text_of_as_many_digits(
    mode: JsonSchemaMode, pattern: str
) -> None:
    assert small_amounts().json_schema(mode=mode) == {
        "type": "string",
        "pattern": pattern,
        "examples": ["1500.00"],
    }


@pytest.mark.parametrize("amount", ["999.99", "-999.99", "0.01", "7"])
def test_an_amount_within_its_bounds_is_taken_as_it_is(amount: str) -> None:
    assert small_amounts().validate_python(amount) == Decimal(amount)


@pytest.mark.parametrize(
    ("amount", "rule"),
    [
        ("1000.00", "less_than_equal"),
        ("-1000.00", "greater_than_equal"),
        ("1.005", "money"),
        (1.5, "money"),
        (Decimal("1.005"), "decimal_max_places"),
        (Decimal("NaN"), "finite_number"),
    ],
)
def test_an_amount_beyond_its_bounds_names_the_broken_rule(amount: Any, rule: str) -> None:
    with pytest.raises(ValidationError) as refused:
        small_amounts().validate_python(amount)
    assert [error["type"] for error in refused.value.errors()] == [rule]


def test_an_amount_is_sent_with_two_places_and_stays_a_decimal_within() -> None:
    assert small_amounts().dump_json(Decimal("5"), warnings="error") == b'"5.00"'
    assert small_amounts().dump_python(Decimal("5")) == Decimal("5")


def test_parts_are_exact_whatever_the_size() -> None:
    """The 29th digit decides about the kopeck; `Decimal` keeps 28 unless it is told otherwise."""
    half = Decimal("0.5")
    parts = shared_out(Decimal("20000000000000000000000000.01"), [half, half])
    assert parts == [
        Decimal("10000000000000000000000000.01"),
        Decimal("10000000000000000000000000.00"),
    ]
