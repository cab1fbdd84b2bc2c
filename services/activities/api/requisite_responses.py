"""Views of a company's requisites."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from shared.ids import CompanyId, EmployeeId
from shared.vocabulary import VatMode


class AccountView(BaseModel):
    """A bank account of a company."""

    number: str = Field(description="Its 20 digits.", examples=["40702810638050013199"])
    bic: str = Field(description="The BIC of the bank.", examples=["044525225"])
    bank_name: str = Field(description="The bank.", examples=["ПАО СБЕРБАНК г. Москва"])
    correspondent_account: str | None = Field(
        description="The bank's account at the Bank of Russia.", examples=["30101810400000000225"]
    )


class VatPeriodView(BaseModel):
    """From which day on a company pays value added tax in which way."""

    effective_from: date = Field(description="The first day, of shipment.")
    mode: VatMode = Field(description="In general, by a reduced rate, or not at all.")


class Requisites(BaseModel):
    """What a company's papers say of it."""

    legal_name: str | None = Field(description="The full name as papers have it.")
    kpp: str | None = Field(description="The KPP.")
    address: str | None = Field(description="The legal address.")
    director_name: str | None = Field(description="Who signs as director.")
    accountant_name: str | None = Field(description="Who signs as chief accountant.")
    vat: list[VatPeriodView] = Field(description="How value added tax is paid, by day.")
    accounts: list[AccountView] = Field(description="Bank accounts; papers name the first.")


class RequisitesView(Requisites):
    """A company's requisites. The INN is changed with the company; version 0 means that nothing
    was given yet.
    """

    version: int
    company_id: CompanyId
    inn: str | None


class RequisitesChangeView(BaseModel):
    """A change of a company's requisites: by whom, when, from what (null at first), to what."""

    version: int
    changed_at: datetime
    changed_by: EmployeeId | None
    before: Requisites | None = Field(description="The requisites before; null the first time.")
    after: Requisites = Field(description="The requisites afterwards.")
