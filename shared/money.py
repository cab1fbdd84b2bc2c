"""Money: an amount with two places and its currency, never a float."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from shared.rules import rule_broken
from shared.unvalidated import FastModel

KOPECK = Decimal("0.01")
LARGEST = Decimal("999999999999.99")


def _exact(value: Any) -> Any:
    """Floats are refused: 0.1 + 0.2 has no place in somebody's pay.

    So are other scripts' digits, which `Decimal` would read.
    """
    if isinstance(value, float) or (isinstance(value, str) and not value.isascii()):
        raise rule_broken("money")
    return value


Amount = Annotated[
    Decimal,
    # Before what wraps it, so that it is checked by the decimal's own validator and not by
    # functions around that.
    Field(ge=-LARGEST, le=LARGEST, decimal_places=2, allow_inf_nan=False),
    BeforeValidator(_exact, json_schema_input_type=str),
    PlainSerializer(lambda amount: f"{amount:.2f}", return_type=str, when_used="json"),
    # What is sent has two places; fewer are understood.
    WithJsonSchema({"type": "string", "pattern": r"^-?\d{1,12}\.\d{2}$", "examples": ["1500.00"]}),
]


def rounded(amount: Decimal) -> Decimal:
    """`amount` to the kopeck, halves away from zero."""
    return amount.quantize(KOPECK, ROUND_HALF_UP)


class Money(FastModel):
    """An amount in one currency (ISO 4217).

    Amounts of different currencies never meet: adding them is an error.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: Amount
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["RUB"])]

    @staticmethod
    @lru_cache(maxsize=256)
    def zero(currency: str) -> "Money":
        return Money.build(amount=Decimal("0.00"), currency=currency)

    def __eq__(self, other: object) -> bool:
        """The same sum, whichever kind of money says it: what was asked for as `PositiveMoney` is
        stored as `Money`.
        """
        return isinstance(other, Money) and (self.amount, self.currency) == (
            other.amount,
            other.currency,
        )

    def __hash__(self) -> int:
        return hash((self.amount, self.currency))

    def _like(self, other: "Money") -> Decimal:
        if other.currency != self.currency:
            raise ValueError(f"{other.currency} does not add to {self.currency}")
        return other.amount

    def __add__(self, other: "Money") -> "Money":
        return Money.build(amount=self.amount + self._like(other), currency=self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money.build(amount=self.amount - self._like(other), currency=self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._like(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._like(other)


class PositiveMoney(Money):
    """Money that changes hands: more than nothing."""

    amount: Annotated[Amount, Field(gt=0)]


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum, in `currency` even when there is nothing to add."""
    nothing = Money.zero(currency)
    whole = sum((nothing._like(amount) for amount in amounts), nothing.amount)
    return Money.build(amount=whole, currency=currency) if whole is not nothing.amount else nothing


def shared_out(amount: Decimal, weights: list[Decimal]) -> list[Decimal]:
    """`amount` divided by `weights` to the kopeck, nothing lost: the first of the largest weights
    takes what rounding leaves over.
    """
    whole = sum(weights)
    parts = [rounded(amount * weight / whole) for weight in weights]
    parts[weights.index(max(weights))] += amount - sum(parts)
    return parts
