"""The month before: won deals, a closed and approved month of one company, and two disputes over
its lines, one answered. The other company's month is left for the accountant to close.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from deploy.demo.api_client import Person
from deploy.demo.catalogue import ROOMS
from deploy.demo.deal import Deal
from deploy.demo.directory import Tenant

MakeDeal = Callable[..., Deal]

CLOSED = "soft"
WON = (("new", 0), ("new", 1), ("new", 2), ("key", 0), ("key", 1), ("key", 2))
"""Rooms, and which of their sellers."""
SOLD = {"soft": "lessons", "gear": "printer"}
"""Without a term: a renewal of so long ago would be due already."""
OBJECTION = "Клиент новый: считаю, что доплата за первую продажу здесь тоже положена"
QUESTION = "Почему ставка по этой сделке меньше, чем я ожидала?"
ANSWER = "Ставка взята из плана по категории продукта, строка начислена верно"
_PATIENCE_SECONDS = 60


async def won_last_month(tenant: Tenant, make_deal: MakeDeal, first: int) -> list[Deal]:
    """A win of the month before for each of `WON` and company that their room sells for."""
    places = [(*place, company) for place in WON for company in ROOMS[place[0]][1]]
    deals = []
    for number, (room, seller, company) in enumerate(places):
        deal = make_deal(first + number, room=room, company=company, seller=seller)
        sold = {"product_id": tenant.products[SOLD[company]], "quantity": 1 + number % 3}
        deals.append(replace(deal, order={**deal.order, "products": [sold]}))
    await asyncio.gather(
        *(_win(deal, _days_ago(tenant, 8 + number)) for number, deal in enumerate(deals))
    )
    return deals


async def close_last_month(tenant: Tenant) -> None:
    """The accountant closes the month whatever warns, the admin approves it, two sellers object."""
    company_id, month = tenant.companies[CLOSED], _month_before(tenant).isoformat()[:7]
    path, query = f"/motivation/periods/{month}", f"company_id={company_id}"
    accountant = tenant.staff["accountant"]
    period = await _ready(accountant, f"{path}?{query}")
    if period["state"] == "open":
        warnings = [finding["code"] for finding in period["findings"]]
        period = await accountant.do("month/close", f"{path}/close?{query}", {"accept": warnings})
    if not period.get("approved_at"):
        await tenant.admin.do("month/approve", f"{path}/approve?{query}")
    paid = await accountant.see(f"/motivation/statements?{query}&period={month}")
    sellers = {person.id: person for person in tenant.staff.values()}
    objecting, asking = [sellers[each["employee_id"]] for each in paid["items"][:2]]
    await _dispute(tenant, objecting, company_id, month, OBJECTION)
    asked = await _dispute(tenant, asking, company_id, month, QUESTION)
    answer = f"/motivation/disputes/{asked['id']}/answer"
    await tenant.staff["head"].do("dispute/answer", answer, {"text": ANSWER})


async def _win(deal: Deal, days_ago: int) -> None:
    await deal.register(take=True)
    await deal.invoice()
    if deal.delivered:
        await deal.ship(days_ago=days_ago)
        await deal.documents("signed", days_ago=days_ago)
    await deal.pay(days_ago=days_ago)


async def _ready(accountant: Person, path: str) -> dict[str, Any]:
    """The month once all that was won in it has come to pay, or as it is after a minute."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        period: dict[str, Any] = await accountant.see(path)
        blocks = [each for each in period["findings"] if each["severity"] == "blocks"]
        if (period["statements"] and not blocks) or time.monotonic() > until:
            return period
        await asyncio.sleep(0.5)


async def _dispute(
    tenant: Tenant, seller: Person, company_id: str, month: str, reason: str
) -> dict[str, Any]:
    query = f"employee_id={seller.id}&period={month}"
    statement = await seller.see(f"/motivation/statement?{query}")
    line = next(each for each in statement["lines"] if each["company_id"] == company_id)
    body = {"entry_id": line["id"], "reason": reason}
    step = f"dispute/{seller.account.username}"
    dispute: dict[str, Any] = await seller.do(step, "/motivation/disputes", body)
    return dispute


def _month_before(tenant: Tenant) -> date:
    """Its first day."""
    return (tenant.today.date().replace(day=1) - timedelta(days=1)).replace(day=1)


def _days_ago(tenant: Tenant, day: int) -> int:
    """How long ago that day of the month before was."""
    return (tenant.today.date() - _month_before(tenant).replace(day=day)).days
