"""Numbers of bank accounts in Russia, and the control digit that ties one to its bank.

The Bank of Russia's order of computing the control key (No. 515 of 8 September 1997): the number
behind three digits of the BIC, weighed 7, 1, 3 over and over, adds up to a multiple of ten.
"""

from collections.abc import Iterable

from services.activities.domain.refusals import DuplicateAccount
from shared.errors import Invalid

_WEIGHTS = (7, 1, 3)
_ACCOUNT_DIGITS = 20
_OF_THE_BANK_OF_RUSSIA = frozenset({"000", "001", "002"})
"""The last three digits of BICs of the Bank of Russia's own offices and of treasuries."""
_ROUBLES = frozenset({"810", "643"})


def is_account(number: str, bic: str) -> bool:
    """Whether a customer's account can be one of the bank with that BIC, by its control digit."""
    return _is_account(number) and _adds_up(_behind(bic) + number)


def is_correspondent_account(number: str, bic: str) -> bool:
    """Whether a bank with that BIC can have this account at the Bank of Russia.

    A treasury's single account (`40102…`) stands in this place too.
    """
    if not _is_account(number):
        return False
    if number.startswith("301"):
        return number[-3:] == bic[-3:] and _adds_up(f"0{bic[4:6]}{number}")
    return number.startswith("40102") and _adds_up(f"0{bic[4:6]}{number}")


def is_in_roubles(number: str) -> bool:
    """Whether an account is kept in roubles, as the code in its number has it."""
    return number[5:8] in _ROUBLES


def require_different(numbers: Iterable[str]) -> None:
    """Raises `Invalid` at the first number that a list has twice."""
    seen: set[str] = set()
    for place, number in enumerate(numbers):
        if number in seen:
            raise Invalid(f"accounts.{place}.number", "distinct")
        seen.add(number)


def require_free(numbers: Iterable[str], of_others: Iterable[str]) -> None:
    """Raises `DuplicateAccount` for a number that another company of the tenant has."""
    if taken := sorted({*numbers} & {*of_others}):
        raise DuplicateAccount(number=taken[0])


def _is_account(number: str) -> bool:
    return len(number) == _ACCOUNT_DIGITS and number.isascii() and number.isdigit()


def _behind(bic: str) -> str:
    """The digits of a BIC that stand before a customer's account: the bank's number, or an
    office's of the Bank of Russia.
    """
    return f"0{bic[4:6]}" if bic[-3:] in _OF_THE_BANK_OF_RUSSIA else bic[-3:]


def _adds_up(digits: str) -> bool:
    weighed = (int(digit) * _WEIGHTS[place % 3] for place, digit in enumerate(digits))
    return sum(weighed) % 10 == 0
