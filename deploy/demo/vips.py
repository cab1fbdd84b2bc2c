"""Very important clients of the demo: in development, by receipts, and an activity that goes
straight to the holder.
"""

import asyncio
from collections.abc import Callable

from deploy.demo import scenarios
from deploy.demo.catalogue import ROOMS
from deploy.demo.deal import Deal
from deploy.demo.directory import Tenant

MakeDeal = Callable[..., Deal]


async def important_clients(tenant: Tenant, make_deal: MakeDeal, first: int) -> list[Deal]:
    """Three clients for each seller of each room: one in talks, one who paid, one who came back and
    was led to the holder.
    """
    places = [(room, seller) for room in ROOMS for seller in range(len(tenant.sellers(room)))]
    led = [
        _lead(
            tenant,
            [
                make_deal(first + place * 4 + deal, room=room, company="gear", seller=seller)
                for deal in range(3)
            ],
            make_deal,
        )
        for place, (room, seller) in enumerate(places)
    ]
    return [deal for deals in await asyncio.gather(*led) for deal in deals]


async def _lead(tenant: Tenant, deals: list[Deal], make_deal: MakeDeal) -> list[Deal]:
    in_talks, paying, returning = deals
    await scenarios.in_talks(in_talks)
    await _entrust(in_talks, tenant)
    await scenarios.won_postpaid(paying)
    await _claim(paying)
    await scenarios.partly_paid(returning)
    await _claim(returning)
    again = make_deal(returning.number + 1, buyer=returning.number)
    again.order |= {name: returning.order[name] for name in ("company_id", "room_id", "products")}
    await again.register(by=tenant.staff["head"])
    return [*deals, again]


async def _claim(deal: Deal) -> None:
    await deal.seller.do(f"{deal.number}/vip", "/vip", _place(deal))


async def _entrust(deal: Deal, tenant: Tenant) -> None:
    """The head lets the seller hold the client."""
    given = {"employee_id": deal.view["responsible_id"], "reason": "Знает отрасль клиента"}
    await tenant.staff["head"].do(f"{deal.number}/vip", "/vip", _place(deal) | given)


def _place(deal: Deal) -> dict[str, str]:
    return {
        "company_id": deal.view["company_id"],
        "room_id": deal.view["room_id"],
        "client_id": deal.view["client"]["id"],
    }
