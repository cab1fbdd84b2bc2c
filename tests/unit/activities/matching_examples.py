"""Payments and invoices of one company for tests of matching."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.activities.domain.inbound_payments import InboundPayment, Payer
from services.activities.domain.match_reasons import Candidate
from shared.ids import ActivityId, CompanyId
from shared.money import Money

COMPANY = CompanyId(UUID(int=1))
INN, OTHER_INN = "7701234567", "7707654321"
DAY = date(2026, 11, 20)


def payment(purpose: str, amount: str = "1000.00", **changes: Any) -> InboundPayment:
    """Money from the client of `INN`, unless `changes` say otherwise; `inn` is its payer's."""
    inn = changes.pop("inn", INN)
    money = Money.build(amount=Decimal(amount), currency="RUB")
    base = InboundPayment(
        "api", "id", COMPANY, "in", money, DAY, payer=Payer(inn=inn), purpose=purpose
    )
    return replace(base, **changes)


def invoice(number: int, form: str, due: str = "1000.00", **changes: Any) -> Candidate:
    """An invoice of that client, unpaid; `number` makes its id."""
    base = Candidate(
        UUID(int=number),
        ActivityId(UUID(int=1000 + number)),
        COMPANY,
        form,
        DAY,
        INN,
        "RUB",
        Decimal(due),
        Decimal(0),
    )
    return replace(base, **changes)
