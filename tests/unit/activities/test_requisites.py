"""What a company's papers say of it, and what they cannot do without."""

from datetime import date
from typing import Any

import pytest

from services.activities.domain.refusals import DuplicateAccount
from services.activities.domain.requisites import missing_for_invoice, require_consistent
from shared.errors import Invalid
from shared.money import VatPeriod

DAY = date(2026, 1, 1)
FULL: dict[str, Any] = {
    "legal_name": "ООО «Степь»",
    "kpp": "770101001",
    "address": "Москва",
    "director_name": None,
    "accountant_name": None,
    "accounts": [{"number": "1"}, {"number": "2"}],
}


@pytest.mark.parametrize("inn", [None, "500100732259"])
def test_a_kpp_goes_with_the_inn_of_an_organisation(inn: str | None) -> None:
    require_consistent(FULL, [], "7707083893", [])
    require_consistent({**FULL, "kpp": None}, [], inn, [])
    with pytest.raises(Invalid) as refused:
        require_consistent(FULL, [], inn, [])
    assert refused.value.extra["errors"] == [{"field": "kpp", "rule": "with_inn"}]


def test_accounts_and_days_stand_once() -> None:
    with pytest.raises(Invalid):
        require_consistent({**FULL, "accounts": [{"number": "1"}] * 2}, [], "7707083893", [])
    with pytest.raises(DuplicateAccount):
        require_consistent(FULL, [], "7707083893", ["2"])
    with pytest.raises(Invalid):
        require_consistent(FULL, [VatPeriod(DAY, "none")] * 2, "7707083893", [])


def test_an_invoice_names_what_its_company_lacks() -> None:
    assert missing_for_invoice(FULL, "7707083893", "none") == []
    lacking = {**FULL, "legal_name": None, "address": None, "accounts": []}
    names = ["legal_name", "inn", "address", "accounts", "vat"]
    assert missing_for_invoice(lacking, None, None) == names
    assert missing_for_invoice(FULL, None, "none") == ["inn"]
