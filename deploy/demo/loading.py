"""The demo from nothing to everything, in order."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from random import Random
from typing import Any

from deploy.demo import scenarios
from deploy.demo.api_client import ApiClient
from deploy.demo.bank_day import upload_bank_day
from deploy.demo.calls import calls
from deploy.demo.catalogue import NUMBERS, PRODUCTS, ROOMS, STAFF
from deploy.demo.clients import client
from deploy.demo.deal import Deal
from deploy.demo.directory import (
    Tenant,
    create_directory,
    create_tenant,
    enter_costs,
    publish_plans,
    set_room_settings,
)
from deploy.demo.imports import import_clients
from deploy.demo.inbound import messages
from deploy.demo.last_month import close_last_month, won_last_month
from deploy.demo.reminders import choose_reminders
from deploy.demo.reported_payments import report_payments
from deploy.demo.vips import important_clients

Say = Callable[[str], None]

SEED = "Запуск Продаж"
SETTLED_SECONDS = 30


async def load(client: ApiClient, operator_key: str, say: Say) -> list[dict[str, object]]:
    """Enters the demo tenant; the log-ins of its people.

    Raises `Refused` where the gateway does.
    """
    tenant = await create_tenant(client, operator_key)
    say("tenant and admin are there")
    await create_directory(tenant, operator_key)
    await publish_plans(tenant)
    await enter_costs(tenant)
    say(
        f"companies, rooms, {len(STAFF) + 1} people, products, sources, numbers and plans are there"
    )
    deals = await play(tenant)
    say(f"{len(deals)} activities are registered and worked")
    deals += await play_specials(tenant, len(deals))
    deals += await important_clients(
        tenant, lambda number, **chosen: make_deal(tenant, number, **chosen), len(deals)
    )
    past = await won_last_month(
        tenant, lambda number, **chosen: make_deal(tenant, number, **chosen), len(deals)
    )
    imported = await import_clients(tenant)
    await set_room_settings(tenant, "daily", NUMBERS)
    await messages(tenant)
    await calls(tenant)
    await choose_reminders(tenant)
    in_all = len(deals) + len(past)
    say(f"very important clients, splits and returns are there: {in_all} activities in all")
    await upload_bank_day(tenant, deals)
    await report_payments(tenant, deals)
    say("a bank statement and reported payments wait for the accountant")
    say(f"a table of clients is imported: {imported['imported']['refused']} rows refused")
    missing = await settled(tenant, deals)
    say("pay is settled" if not missing else f"pay of {missing} activities is still on its way")
    await close_last_month(tenant)
    say("the month before is closed and approved, and two of its lines are disputed")
    return [dict(asdict(person.account)) for person in (tenant.admin, *tenant.staff.values())]


def make_deal(
    tenant: Tenant,
    number: int,
    room: str = "",
    company: str = "",
    seller: int | None = None,
    buyer: int | None = None,
) -> Deal:
    """The deal of that number: what is not chosen is drawn, always alike."""
    random = Random(f"{SEED} {number}")
    room = room or random.choice(list(ROOMS))
    company = company or random.choice(ROOMS[room][1])
    sellers = tenant.sellers(room)
    chosen = sellers[seller % len(sellers)] if seller is not None else random.choice(sellers)
    sold = random.sample(
        [short for short, product in PRODUCTS.items() if product["company"] == company],
        random.choice((1, 1, 2)),
    )
    order = {
        "company_id": tenant.companies[company],
        "room_id": tenant.rooms[room],
        "client": client(buyer if buyer is not None else number),
        "source_id": tenant.sources[
            random.choice(
                ("cold", "cold", "cold", "site", "site", "ads", "fair", "friend", "friend")
            )
        ],
        "products": [
            {"product_id": tenant.products[short], "quantity": random.choice((1, 1, 1, 2, 3, 5))}
            for short in sold
        ],
        "note": random.choice(
            (
                None,
                None,
                "Просили звонить после обеда",
                "Работали с нами два года назад",
                "Нужен договор с отсрочкой",
            )
        ),
    }
    return Deal(
        number,
        random,
        tenant.today,
        chosen,
        tenant.staff["head"],
        tenant.staff["accountant"],
        order,
    )


async def play(tenant: Tenant) -> list[Deal]:
    """Every story as often as it is told, all at once."""
    fields = [story for story, times in scenarios.STORIES for _ in range(times)]
    Random(SEED).shuffle(fields)
    deals = [make_deal(tenant, number) for number in range(len(fields))]
    await asyncio.gather(*(story(deal) for story, deal in zip(fields, deals, strict=True)))
    return deals


async def play_specials(tenant: Tenant, first: int) -> list[Deal]:
    """Shared pay, a win that the head reopened, a client who comes again: to the room that knows
    them, for no other sees them.
    """
    rooms = list(ROOMS)
    deals = [
        make_deal(
            tenant,
            first + step,
            room=rooms[step // 2 % len(rooms)],
            seller=step,
            buyer=first + step // 2,
        )
        for step in range(8)
    ]
    for number, deal in enumerate(deals):
        await scenarios.won_prepaid(deal)
        room = next(
            room for room, room_id in tenant.rooms.items() if room_id == deal.order["room_id"]
        )
        colleague = next(seller for seller in tenant.sellers(room) if seller.id != deal.seller.id)
        if number in (0, 3, 5):
            await deal.split(colleague, "0.70", "0.30")
        if number == 6:
            await deal.reopen(tenant.staff["head"])
    return deals


async def settled(tenant: Tenant, deals: list[Deal]) -> int:
    """Waits until pay knows every won activity; how many it does not know yet after half a
    minute.
    """
    until = time.monotonic() + SETTLED_SECONDS
    won = {deal.id for deal in deals if deal.view["status"] == "won"}
    while missing := won - await _paid_for(tenant):
        if time.monotonic() > until:
            return len(missing)
        await asyncio.sleep(0.3)
    return 0


async def _paid_for(tenant: Tenant) -> set[str]:
    accountant = tenant.staff["accountant"]
    sellers = [person for person in tenant.staff.values() if "seller" in person.account.roles]
    pay: list[dict[str, Any]] = await asyncio.gather(
        *(accountant.see(f"/motivation/statement?employee_id={seller.id}") for seller in sellers)
    )
    return {
        line["activity_id"]
        for statement in pay
        for line in statement["lines"]
        if Decimal(line["amount"]["amount"])
    }
