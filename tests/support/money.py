"""Roubles of tests: in requests and in the domain."""

from decimal import Decimal

from shared.money import Money


def rub(amount: int | str) -> dict[str, str]:
    """Roubles as the API takes them; a whole number of them, or the text of an amount."""
    return {"amount": f"{amount}.00" if isinstance(amount, int) else amount, "currency": "RUB"}


def roubles(amount: int | str | Decimal) -> Money:
    """Roubles as events and domain rules have them."""
    return Money(amount=Decimal(amount).quantize(Decimal("0.01")), currency="RUB")
