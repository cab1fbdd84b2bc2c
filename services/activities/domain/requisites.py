"""What a company's papers say of it, and what they cannot do without."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.activities.domain.bank_accounts import require_different, require_free
from services.activities.domain.identity import ORGANIZATION_DIGITS
from services.activities.domain.vat import require_different_days
from shared.errors import Invalid
from shared.money import VatPeriod
from shared.vocabulary import VatMode


def require_consistent(
    requisites: Mapping[str, Any],
    periods: Sequence[VatPeriod],
    inn: str | None,
    numbers_of_others: Sequence[str],
) -> None:
    """Raises `Invalid` for a KPP without an organisation's INN, an account or a day that is there
    twice; `DuplicateAccount` for the account of another company.
    """
    if requisites["kpp"] and (inn is None or len(inn) != ORGANIZATION_DIGITS):
        raise Invalid("kpp", "with_inn")
    numbers = [account["number"] for account in requisites["accounts"]]
    require_different(numbers)
    require_free(numbers, numbers_of_others)
    require_different_days(periods)


def missing_for_invoice(
    requisites: Mapping[str, Any], inn: str | None, mode: VatMode | None
) -> list[str]:
    """The names of what an invoice cannot be printed without, and the company has not given.

    `mode` is how it pays value added tax on the day of shipment, None where it has not said.
    """
    present = {
        "legal_name": requisites["legal_name"],
        "inn": inn,
        "address": requisites["address"],
        "accounts": requisites["accounts"],
        "vat": mode,
    }
    return [name for name, value in present.items() if not value]
