"""The purpose on an invoice is read again when a bank statement brings it back."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain.invoice_mentions import find_mentions
from services.activities.domain.match_reasons import names
from services.activities.domain.payment_code import payment_code, purpose_of
from shared.paper_numbers import search_number

DAY = date(2026, 11, 27)
TAXES = {22: Decimal("18.03"), 10: Decimal("1.00")}


@pytest.mark.parametrize("taxed", [True, False])
@pytest.mark.parametrize(
    "number",
    ["2026-118", "СЧ-118", "А/1", "7", "0118", "12/2026-К", "1-2-3", "Б-22", "4500000123"],
)
def test_a_number_is_found_in_the_purpose_that_we_wrote(number: str, taxed: bool) -> None:
    mentions = find_mentions(purpose_of(number, DAY, TAXES if taxed else {}, taxed))
    assert any(names(mention, search_number(number)) for mention in mentions)
    assert {mention.issued_on for mention in mentions} == {DAY}


@given(
    st.fixed_dictionaries(
        {name: st.text(max_size=300) for name in ("Name", "BankName", "Purpose", "KPP")}
    )
)
def test_whatever_is_typed_the_code_has_its_parts_and_lengths(values: dict[str, str]) -> None:
    head, *parts = payment_code(values).split("|")
    assert head == "ST00012"
    told = dict(part.split("=", 1) for part in parts)
    assert [*told][:5] == ["Name", "PersonalAcc", "BankName", "BIC", "CorrespAcc"]
    assert len(told) == len(parts)
    assert all(len(told.get(name, "")) <= most for name, most in (("Name", 160), ("Purpose", 210)))
