"""Bodies of requests about a company's requisites."""

import re
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from services.activities.api.requests import Body, Change
from services.activities.domain.bank_accounts import is_account, is_correspondent_account
from services.activities.domain.vat import MOST_PERIODS
from shared.clock import Day
from shared.contacts import Kpp
from shared.rules import rule_broken
from shared.text import Line, Name
from shared.vocabulary import VatMode

MOST_ACCOUNTS = 20
_BETWEEN_DIGITS = re.compile(r"[\s.-]")


def _account_number(typed: str) -> str:
    number = _BETWEEN_DIGITS.sub("", typed)
    if not re.fullmatch(r"[0-9]{20}", number):
        raise rule_broken("account_number")
    return number


def _bic(typed: str) -> str:
    if not re.fullmatch(r"[0-9]{9}", typed):
        raise rule_broken("bic")
    return typed


AccountNumber = Annotated[str, StringConstraints(max_length=40), AfterValidator(_account_number)]
Bic = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20), AfterValidator(_bic)]


class AccountBody(Body):
    """A bank account, whose control digits fit the bank's BIC."""

    number: AccountNumber = Field(
        description="Its 20 digits; blanks, dots and hyphens between them are left out.",
        examples=["40702810638050013199"],
    )
    bic: Bic = Field(description="The BIC of the bank, 9 digits.", examples=["044525225"])
    bank_name: Name = Field(
        description="The bank, with its town.", examples=["ПАО СБЕРБАНК г. Москва"]
    )
    correspondent_account: AccountNumber | None = Field(
        None,
        description="The bank's account at the Bank of Russia; null for a bank without one.",
        examples=["30101810400000000225"],
    )

    @model_validator(mode="after")
    def _of_the_bank(self) -> Self:
        if not is_account(self.number, self.bic):
            raise rule_broken("account_of_bank", field="number")
        correspondent = self.correspondent_account
        if correspondent and not is_correspondent_account(correspondent, self.bic):
            raise rule_broken("account_of_bank", field="correspondent_account")
        return self


class VatPeriodBody(Body):
    """From which day on the company pays value added tax in which way."""

    effective_from: Day = Field(description="The first day, of shipment.", examples=["2026-01-01"])
    mode: VatMode = Field(
        description="`general` (22 %, 10 %, 0 %), `reduced_5`, `reduced_7`, or `none`."
    )


class RequisitesChange(Change):
    """What changes; null removes a text. `accounts` and `vat` are whole lists."""

    legal_name: Name | None = Field(
        None,
        description="The full name as papers have it.",
        examples=["Общество с ограниченной ответственностью «Степь»"],
    )
    kpp: Kpp | None = Field(None, description="The KPP, with an INN of 10 digits.")
    address: Name | None = Field(
        None, description="The legal address.", examples=["119021, Москва, ул. Льва Толстого, 16"]
    )
    director_name: Line | None = Field(
        None, description="Who signs as director.", examples=["Иванов И. И."]
    )
    accountant_name: Line | None = Field(
        None, description="Who signs as chief accountant.", examples=["Петрова П. П."]
    )
    accounts: Annotated[list[AccountBody], Field(max_length=MOST_ACCOUNTS)] = Field(
        [], description="All bank accounts; papers name the first."
    )
    vat: Annotated[list[VatPeriodBody], Field(max_length=MOST_PERIODS)] = Field(
        [], description="How value added tax is paid, from which day on."
    )

    def changes(self) -> dict[str, Any]:
        """The fields that were sent, as they are stored."""
        return self.model_dump(mode="json", include=self.model_fields_set)
