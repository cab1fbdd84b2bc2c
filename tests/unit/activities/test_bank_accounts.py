"""Numbers of bank accounts and the control digit that ties one to its bank."""

import pytest

from services.activities.domain.bank_accounts import (
    is_account,
    is_correspondent_account,
    is_in_roubles,
    require_different,
    require_free,
)
from services.activities.domain.refusals import DuplicateAccount
from shared.errors import Invalid

SBER, ALFA = "044525225", "044525593"
ACCOUNT = "40702810638050013199"


@pytest.mark.parametrize(
    ("number", "bic", "fits"),
    [
        (ACCOUNT, SBER, True),
        (ACCOUNT, ALFA, False),
        ("40702810500000001234", SBER, True),
        ("40702810100000001234", ALFA, True),
        ("40702810638050013198", SBER, False),
        ("47002810638050013199", SBER, False),
        (ACCOUNT[:-1], SBER, False),
        (ACCOUNT + "0", SBER, False),
        ("4070281063805001319x", SBER, False),
        ("٤٠٧٠٢٨١٠٦٣٨٠٥٠٠١٣١٩٩", SBER, False),
        ("", SBER, False),
    ],
)
def test_an_account_fits_its_bank_by_the_control_digit(number: str, bic: str, fits: bool) -> None:
    assert is_account(number, bic) is fits


@pytest.mark.parametrize("office", ["000", "001", "002"])
def test_an_account_at_an_office_of_the_bank_of_russia_is_weighed_by_its_region(
    office: str,
) -> None:
    bic = f"044525{office}"
    fitting = [f"40702810{digit}00000001234" for digit in range(10)]
    (number,) = [number for number in fitting if is_account(number, bic)]
    # 7·0 + 1·2 + 3·5 stands before the account, whichever office it is.
    assert number == "40702810300000001234"


@pytest.mark.parametrize(
    ("number", "bic", "fits"),
    [
        ("30101810400000000225", SBER, True),
        ("30101810400000000225", ALFA, False),
        ("30101810200000000593", ALFA, True),
        ("30101810500000000225", SBER, False),
        ("30101810400000000226", SBER, False),
        ("40102810545370000003", "004525988", True),
        ("40102810645370000003", "004525988", False),
        (ACCOUNT, SBER, False),
        ("3010181040000000022", SBER, False),
    ],
)
def test_a_correspondent_account_fits_its_bank(number: str, bic: str, fits: bool) -> None:
    assert is_correspondent_account(number, bic) is fits


@pytest.mark.parametrize(
    ("number", "in_roubles"),
    [
        ("40702810638050013199", True),
        ("40702643638050013199", True),
        ("40702840638050013199", False),
        ("81070240638050013810", False),
    ],
)
def test_the_currency_of_an_account_stands_in_its_number(number: str, in_roubles: bool) -> None:
    assert is_in_roubles(number) is in_roubles


def test_an_account_stands_once_in_a_list() -> None:
    require_different([])
    require_different(["1", "2"])
    with pytest.raises(Invalid) as refused:
        require_different(["1", "2", "1"])
    assert refused.value.extra["errors"] == [{"field": "accounts.2.number", "rule": "distinct"}]


def test_an_account_of_another_company_is_refused_by_its_number() -> None:
    require_free(["1", "2"], [])
    with pytest.raises(DuplicateAccount) as refused:
        require_free(["1", "3", "2"], ["2", "3"])
    assert refused.value.extra == {"number": "2"}
