"""The directory, entered by the tenant's admin; log-ins derived from the operator's key, so that a
second run knows them.
"""

import asyncio
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from deploy.demo.api_client import Account, ApiClient, Person
from deploy.demo.catalogue import (
    ADMIN,
    COMPANIES,
    MONTHLY_COSTS,
    NO_WAITING,
    PRODUCTS,
    REQUISITES,
    ROOMS,
    RULES,
    SEGMENTS,
    SOURCES,
    STAFF,
    TENANT,
    Someone,
    rub,
)
from deploy.demo.clients import inn10


@dataclass
class Tenant:
    """What was entered: ids by the catalogue's short names.

    `today` is the moment of the tenant's making.
    """

    admin: Person
    today: datetime
    companies: Mapping[str, str] = field(default_factory=dict)
    rooms: Mapping[str, str] = field(default_factory=dict)
    products: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    staff: Mapping[str, Person] = field(default_factory=dict)

    def sellers(self, room: str) -> list[Person]:
        return [
            self.staff[member.login]
            for member in STAFF
            if room in member.rooms and "seller" in member.roles
        ]


def password(operator_key: str, email: str) -> str:
    """As random as the installation's operator key, and the same in every run."""
    return hmac.new(operator_key.encode(), f"demo:{email}".encode(), "sha256").hexdigest()[:20]


async def create_tenant(client: ApiClient, operator_key: str) -> Tenant:
    """The tenant with its admin, or the one that is there already."""
    secret = password(operator_key, ADMIN.email)
    body = TENANT | {"admin": {"name": ADMIN.name, "email": ADMIN.email, "password": secret}}
    created = await client.send("POST", "/tenants", operator_key, "demo/tenant", json=body)
    account = Account(
        ADMIN.email, secret, created["admin"]["employee_id"], list(ADMIN.roles), ADMIN.name
    )
    return Tenant(await client.log_in(account), _moment_of(created["id"]))


def _moment_of(tenant_id: str) -> datetime:
    """A UUIDv7 begins with its milliseconds: dates of a run that goes on count from where the first
    run did.
    """
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=UUID(tenant_id).int >> 80)


async def create_directory(tenant: Tenant, operator_key: str) -> None:
    """Everything of the catalogue."""
    legal = {
        short: {"name": name, "inn": inn10(900 + number)}
        for number, (short, name) in enumerate(COMPANIES.items())
    }
    tenant.companies = await _create(tenant, "companies", legal)
    rooms = {
        short: {"name": name, "company_ids": [tenant.companies[member] for member in sells]}
        for short, (name, sells) in ROOMS.items()
    }
    tenant.rooms, tenant.sources, tenant.products = await asyncio.gather(
        _create(tenant, "rooms", rooms),
        _create(tenant, "sources", SOURCES),
        _create(
            tenant,
            "products",
            {short: _sold(tenant, product) for short, product in PRODUCTS.items()},
        ),
    )
    await asyncio.gather(*(_want_segments(tenant, company) for company in COMPANIES))
    await asyncio.gather(*(_give_requisites(tenant, company) for company in COMPANIES))
    await set_room_settings(tenant, "open", NO_WAITING)
    people = await asyncio.gather(*(_employ(tenant, operator_key, someone) for someone in STAFF))
    tenant.staff = {someone.login: person for someone, person in zip(STAFF, people, strict=True)}


async def enter_costs(tenant: Tenant) -> None:
    """What each source cost this month and the one before, entered by the marketer."""
    this_month = tenant.today.date().replace(day=1)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    next_month = (this_month + timedelta(days=32)).replace(day=1)
    for first_on, after in ((last_month, this_month), (this_month, next_month)):
        days = {"first_on": first_on, "last_on": after - timedelta(days=1)}
        about = {name: day.isoformat() for name, day in days.items()}
        for short, amount in MONTHLY_COSTS.items():
            path = f"/sources/{tenant.sources[short]}/costs"
            body = {"amount": rub(amount), **about}
            await tenant.staff["marketer"].do(f"costs/{short}/{first_on}", path, body)


def _sold(tenant: Tenant, product: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in product.items() if name != "company"} | {
        "company_id": tenant.companies[product["company"]]
    }


async def _create(tenant: Tenant, noun: str, bodies: Mapping[str, Any]) -> dict[str, str]:
    responses = await asyncio.gather(
        *(tenant.admin.do(f"{noun}/{short}", f"/{noun}", body) for short, body in bodies.items())
    )
    return {short: response["id"] for short, response in zip(bodies, responses, strict=True)}


async def _want_segments(tenant: Tenant, company: str) -> None:
    """A field of the company's own: which segment a client is of."""
    path = f"/companies/{tenant.companies[company]}/custom-fields"
    await tenant.admin.do(f"custom-fields/{company}", path, SEGMENTS)


async def _give_requisites(tenant: Tenant, company: str) -> None:
    """What the company's papers say of it, so that invoices are printed."""
    path = f"/companies/{tenant.companies[company]}/requisites"
    await tenant.admin.do(f"requisites/{company}", path, REQUISITES[company], "PATCH")


async def _employ(tenant: Tenant, operator_key: str, someone: Someone) -> Person:
    secret = password(operator_key, someone.email)
    body: dict[str, Any] = {
        "name": someone.name,
        "email": someone.email,
        "password": secret,
        "roles": someone.roles,
    }
    body |= {
        "room_ids": [tenant.rooms[room] for room in someone.rooms],
        "personnel_number": someone.personnel_number,
    }
    entered = await tenant.admin.do(f"employees/{someone.login}", "/employees", body)
    return await tenant.admin.client.log_in(
        Account(someone.email, secret, entered["id"], list(someone.roles), someone.name)
    )


async def set_room_settings(tenant: Tenant, step: str, numbers: Mapping[str, int]) -> None:
    """The room settings of every company in every room that sells for it."""
    for room, (_, sells) in ROOMS.items():
        for company in sells:
            path = f"/rooms/{tenant.rooms[room]}/settings?company_id={tenant.companies[company]}"
            await tenant.admin.do(f"numbers/{room}/{company}/{step}", path, numbers, "PUT")


async def publish_plans(tenant: Tenant) -> None:
    """A plan for each, in force since the month before last."""
    since = (tenant.today.replace(day=1) - timedelta(days=40)).date().replace(day=1).isoformat()
    for room, (title, sells) in ROOMS.items():
        for company in sells:
            body = {
                "company_id": tenant.companies[company],
                "room_id": tenant.rooms[room],
                "name": f"Мотивация: {title}",
            }
            plan = await tenant.admin.do(
                f"plans/{room}/{company}",
                "/motivation/plans",
                body | {"effective_from": since, "rules": RULES[company]},
            )
            await tenant.admin.do(
                f"plans/{room}/{company}/publish", f"/motivation/plans/{plan['id']}/publish"
            )
