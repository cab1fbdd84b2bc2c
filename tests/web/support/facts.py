"""Facts of an activity, recorded by its page; and money that comes from outside."""

from typing import Any

from playwright.async_api import Locator, Page

from tests.e2e.office import Office
from tests.support.money import rub
from tests.web.support.hands import Hands

INVOICE, PAYMENT, SHIPMENT, DOCUMENTS = range(4)
"""Places in the checklist."""


def check(page: Page, place: int) -> Locator:
    """An item of the checklist."""
    return page.locator(".checklist > li").nth(place)


async def record(page: Page, hands: Hands, form: str, **fields: str) -> None:
    """Opens a fact's form, fills it in and sends it."""
    fact = page.locator(f"details#{form}")
    if await fact.get_attribute("open") is None:
        await hands.press(fact.locator("> summary"))
    for name, value in fields.items():
        field = fact.locator(f"[name={name}]")
        is_choice = await field.evaluate("field => field.tagName") == "SELECT"
        await (hands.choose(field, value) if is_choice else hands.fill(field, value))
    await hands.press(fact.locator(".go button"))


async def receive(office: Office, payer: str, amount: str) -> dict[str, Any]:
    """A payment to the main company's account, of somebody known by name alone."""
    body = {
        "external_id": payer,
        "company_id": office.companies["main"],
        "amount": rub(amount),
        "received_on": "2026-11-20",
        "payer": {"name": payer},
    }
    came: dict[str, Any] = await office.accountant.do("/inbound/payments", body)
    return came
