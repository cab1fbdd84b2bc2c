"""Money: an amount with two places and its currency, never a float.

`Money` is what somebody enters, within limits. What adds up over many of them is a `MoneySum`,
which every sum and product here gives: a type checker lets none into a place of `Money`.

Of value added tax, what amounts include of it: how a company pays it on a day, and the rate of a
product. Rates are data with dates (НК РФ, 164; 18 % until 2018, 20 % until 2025, 22 % since
1 January 2026).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic.json_schema import JsonSchemaMode

from shared.rules import rule_broken
from shared.unvalidated import FastModel
from shared.vocabulary import VatCategory, VatMode

KOPECK = Decimal("0.01")
LARGEST = Decimal("999999999999.99")
"""The largest amount that somebody may enter."""
LARGEST_SUM = Decimal("99999999999999999999.99")
"""The largest sum: a hundred million times `LARGEST`. Products with a percentage stay exact within
the 28 digits of a `Decimal`.
"""
_EXACT = Context(prec=80)


_WRITTEN = {places: re.compile(rf"-?[0-9]{{1,40}}(\.[0-9]{{1,{places}}})?") for places in (2, 4)}


def is_plain_decimal(value: Any, places: int = 2) -> bool:
    """Whether a value is a decimal of ours, or text of plain digits with up to `places` (2 or 4)
    behind the point. `Decimal` itself reads more: `1_000`, `1e3`, ` 5 `, `.5`, other digits.
    """
    return isinstance(value, Decimal) or (
        isinstance(value, str) and _WRITTEN[places].fullmatch(value) is not None
    )


def _exact(value: Any) -> Any:
    """JSON's numbers are refused: 0.1 + 0.2 has no place in somebody's pay."""
    if not is_plain_decimal(value):
        raise rule_broken("money")
    return value


def _amount(largest: Decimal) -> Any:
    """The type of amounts up to `largest`, sent with two places; fewer are understood."""
    digits = len(str(largest)) - len(".99")
    return Annotated[
        Decimal,
        # Before what wraps it, so that it is checked by the decimal's own validator and not by
        # functions around that.
        Field(ge=-largest, le=largest, decimal_places=2, allow_inf_nan=False),
        BeforeValidator(_exact, json_schema_input_type=str),
        PlainSerializer(lambda amount: f"{amount:.2f}", return_type=str, when_used="json"),
        _as_text(rf"^-?\d{{1,{digits}}}(\.\d{{1,2}})?$", "validation"),
        _as_text(rf"^-?\d{{1,{digits}}}\.\d{{2}}$", "serialization"),
    ]


def _as_text(pattern: str, mode: JsonSchemaMode) -> WithJsonSchema:
    schema = {"type": "string", "pattern": pattern, "examples": ["1500.00"]}
    return WithJsonSchema(schema, mode=mode)


if TYPE_CHECKING:
    Amount = Decimal
    SumAmount = Decimal
else:
    Amount = _amount(LARGEST)
    SumAmount = _amount(LARGEST_SUM)


def rounded(amount: Decimal) -> Decimal:
    """`amount` to the kopeck, halves away from zero."""
    return amount.quantize(KOPECK, ROUND_HALF_UP)


class MoneySum(FastModel):
    """A sum of money in one currency (ISO 4217), without the limit of what somebody may enter.

    Amounts of different currencies never meet: adding them is an error.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: SumAmount
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["RUB"])]

    @staticmethod
    @lru_cache(maxsize=256)
    def zero(currency: str) -> "Money":
        return Money.build(amount=Decimal("0.00"), currency=currency)

    def __eq__(self, other: object) -> bool:
        """The same sum, whichever kind of money says it: what was asked for as `PositiveMoney` is
        stored as `Money`.
        """
        return isinstance(other, MoneySum) and (self.amount, self.currency) == (
            other.amount,
            other.currency,
        )

    def __hash__(self) -> int:
        return hash((self.amount, self.currency))

    def _like(self, other: "MoneySum") -> Decimal:
        if other.currency != self.currency:
            raise ValueError(f"{other.currency} does not add to {self.currency}")
        return other.amount

    def __add__(self, other: "MoneySum") -> "MoneySum":
        return MoneySum.build(amount=self.amount + self._like(other), currency=self.currency)

    def __sub__(self, other: "MoneySum") -> "MoneySum":
        return MoneySum.build(amount=self.amount - self._like(other), currency=self.currency)

    def __lt__(self, other: "MoneySum") -> bool:
        return self.amount < self._like(other)

    def __le__(self, other: "MoneySum") -> bool:
        return self.amount <= self._like(other)


class Money(MoneySum):
    """An amount in one currency (ISO 4217), as somebody enters it."""

    amount: Amount


class PositiveMoney(Money):
    """Money that changes hands: more than nothing."""

    amount: Annotated[Amount, Field(gt=0)]


def total(amounts: Iterable[MoneySum], currency: str) -> MoneySum:
    """The sum, in `currency` even when there is nothing to add."""
    nothing = Money.zero(currency)
    whole = sum((nothing._like(amount) for amount in amounts), nothing.amount)
    if whole is nothing.amount:
        return nothing
    return MoneySum.build(amount=whole, currency=currency)


def shared_out(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """`amount`, in whole kopecks, divided by `weights` by the largest remainder: nothing is lost,
    each part is within a kopeck of its exact share and has the amount's sign, or is nothing.

    Each part is cut to the kopeck; the kopecks left over go one by one to the largest cuts, of
    equal ones to the largest weight, and then to the first. No weight is below zero, and one is
    above.
    """
    # Two sums multiplied have more digits than a decimal keeps by itself.
    with localcontext(_EXACT):
        whole = sum(weights, Decimal(0))
        kopecks = amount.scaleb(2)
        cut = [divmod(kopecks * weight, whole) for weight in weights]
        parts = [int(part) for part, _ in cut]
        left = int(kopecks) - sum(parts)
        by_remainder = sorted(
            range(len(cut)), key=lambda place: (-abs(cut[place][1]), -weights[place], place)
        )
        for place in by_remainder[: abs(left)]:
            parts[place] += 1 if left > 0 else -1
        return [Decimal(part).scaleb(-2) for part in parts]


_STANDARD: Sequence[tuple[date, int]] = (
    (date(2026, 1, 1), 22),
    (date(2019, 1, 1), 20),
    (date.min, 18),
)
"""The standard rate in percent, from a day on; the newest first."""
_REDUCED = 10
_OF_MODES: Mapping[VatMode, int] = MappingProxyType({"reduced_5": 5, "reduced_7": 7})


@dataclass(frozen=True, slots=True)
class VatPeriod:
    """From which day on a company pays the tax in which way, until the next period."""

    effective_from: date
    mode: VatMode


def mode_on(periods: Sequence[VatPeriod], day: date) -> VatMode | None:
    """How a company pays on a day; None for before its first period."""
    past = [period for period in periods if period.effective_from <= day]
    return max(past, key=lambda period: period.effective_from).mode if past else None


def rate_on(day: date, mode: VatMode, category: VatCategory) -> int | None:
    """The rate in percent of a product of `category` on `day`; None: without tax.

    Exempt products are so for everybody, and exports are at zero whoever pays; the reduced rates of
    the simplified system take the place of both 22 and 10 %.
    """
    if mode == "none" or category == "exempt":
        return None
    if category == "zero":
        return 0
    if mode in _OF_MODES:
        return _OF_MODES[mode]
    if category == "reduced":
        return _REDUCED
    return next(rate for since, rate in _STANDARD if since <= day)
