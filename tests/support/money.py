"""Money in requests."""


def rub(amount: int | str) -> dict[str, str]:
    """Roubles as the API takes them; a whole number of them, or the text of an amount."""
    return {"amount": f"{amount}.00" if isinstance(amount, int) else amount, "currency": "RUB"}
