"""The text of the payment code, and the purpose of the payment that comes of it."""

from datetime import date
from decimal import Decimal

import pytest

from services.activities.domain.payment_code import kopecks, payment_code, purpose_of

DAY = date(2026, 11, 27)
FULL = {
    "Purpose": "Счёт № 2026-118",
    "Name": "ООО «Лес»",
    "PersonalAcc": "40702810638050013199",
    "BankName": "ПАО СБЕРБАНК",
    "BIC": "044525225",
    "CorrespAcc": "30101810400000000225",
    "Sum": "150000",
    "PayeeINN": "7707083893",
    "KPP": "770701001",
}


def test_the_code_has_the_required_values_first() -> None:
    assert payment_code(FULL) == (
        "ST00012|Name=ООО «Лес»|PersonalAcc=40702810638050013199|BankName=ПАО СБЕРБАНК"
        "|BIC=044525225|CorrespAcc=30101810400000000225|Sum=150000|Purpose=Счёт № 2026-118"
        "|PayeeINN=7707083893|KPP=770701001"
    )


def test_what_a_company_does_not_have_is_left_out_unless_it_is_required() -> None:
    code = payment_code({**FULL, "KPP": "", "CorrespAcc": ""})
    assert "KPP" not in code
    assert "|CorrespAcc=0|" in code
    assert payment_code({}) == "ST00012|Name=|PersonalAcc=|BankName=|BIC=|CorrespAcc=0"


def test_the_separator_and_blanks_stay_out_of_values() -> None:
    code = payment_code({**FULL, "Name": " ООО |«Лес»|\nи  Ко| "})
    assert "|Name=ООО «Лес» и Ко|PersonalAcc=" in code
    assert code.count("|") == 9


@pytest.mark.parametrize(
    ("name", "most"), [("Name", 160), ("BankName", 45), ("Purpose", 210), ("Sum", 18)]
)
def test_values_are_cut_to_their_lengths(name: str, most: int) -> None:
    longest = "я" * most
    assert f"{name}={longest}|" in payment_code({**FULL, name: longest})
    assert f"{name}={longest}|" in payment_code({**FULL, name: longest + "я"})
    cut = "я" * (most - 1)
    assert f"{name}={cut}|" in payment_code({**FULL, name: f"{cut} я"})


def test_the_purpose_begins_with_the_number() -> None:
    taxes = {22: Decimal("18.03"), 10: Decimal("1.00")}
    assert purpose_of("2026-118", DAY, taxes, True) == (
        "Счёт № 2026-118 от 27.11.2026. В т.ч. НДС 22% 18.03 руб., НДС 10% 1.00 руб."
    )
    assert purpose_of("A/1", DAY, {}, False) == "Счёт № A/1 от 27.11.2026. НДС не облагается"
    assert purpose_of(None, DAY, {}, False) == "Счёт от 27.11.2026. НДС не облагается"


@pytest.mark.parametrize(
    ("amount", "text"), [("0.01", "1"), ("1500.00", "150000"), ("999999999999.99", "9" * 14)]
)
def test_a_sum_is_told_in_kopecks(amount: str, text: str) -> None:
    assert kopecks(Decimal(amount)) == text
