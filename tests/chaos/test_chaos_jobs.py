"""Files are taken in by jobs whose processes are killed amid them: each row and each line once."""

import asyncio
import csv
import io
import random
from collections import Counter
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import pytest

from tests.chaos.calls import Caller, Json
from tests.chaos.cluster import Cluster
from tests.chaos.conftest import NewShop
from tests.chaos.shop import Shop, rub
from tests.support.bank_file import BankPayment, bank_file
from tests.support.wait import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

ROWS, LINES, SOLD = 6_000, 10_000, 80
PHASE_SECONDS = 180
KILLS = 2
"""Of each kind of job, at work."""
Database: TypeAlias = "asyncpg.Connection[Any]"


async def test_killed_jobs_take_in_each_row_and_each_line_once(
    cluster: Cluster, new_shop: NewShop, activities_db: Database
) -> None:
    shop, chance = await new_shop(2), random.Random(5)
    client_id = await _payer(shop)
    payments = await asyncio.gather(*(_sold(shop, client_id, number) for number in range(SOLD)))
    place = f"company_id={shop.company}&room_id={shop.room}"
    path = f"/imports?filename=clients.csv&kind=clients&{place}"
    import_ = await _upload(shop.head, path, _table())
    path = f"/bank-statements?filename=kl_to_1c.txt&company_id={shop.company}"
    statement = await _upload(shop.accountant, path, bank_file([*payments, *_unknown()]))
    await shop.head.must("check", f"/imports/{import_['id']}/check")
    killed = await _kill_until_done(cluster, activities_db, shop, chance)
    await shop.head.must("run", f"/imports/{import_['id']}/run")
    booking = await shop.accountant.must("book", f"/bank-statements/{statement['id']}/book")
    killed |= await _kill_until_done(cluster, activities_db, shop, chance)
    kinds = ("read_bank_statement", "check_import", "run_import", "book_bank_statement")
    assert {kind: killed[kind] for kind in kinds} == dict.fromkeys(kinds, KILLS)
    await _require_each_once(activities_db, shop)
    seen = await shop.head.get(f"/imports/{import_['id']}")
    assert (seen["state"], seen["imported"]["created"]) == ("done", ROWS)
    seen = await shop.accountant.get(f"/bank-statements/{statement['id']}")
    assert (seen["state"], seen["documents"]) == ("ready", LINES)
    booked = await shop.accountant.get(f"/jobs/{booking['id']}")
    assert (booked["state"], booked["done"]) == ("succeeded", SOLD)


async def _payer(shop: Shop) -> str:
    """The client with the INN that a `BankPayment` has."""
    body = {**shop.order(), "client": {**shop.new_client(), "inn": BankPayment().inn}}
    activity = await shop.head.must("register", "/activities", body)
    return str(activity["client"]["id"])


async def _sold(shop: Shop, client_id: str, number: int) -> BankPayment:
    seller = shop.sellers[number % 2]
    activity = await shop.register(by=seller, client_id=client_id, take=True)
    path = f"/activities/{activity['id']}"
    await seller.must("invoice", f"{path}/invoices", {"amount": rub(1000)})
    invoice = (await seller.get(path))["invoices"][0]
    purpose = f"Оплата по счету № {invoice['number']}"
    return BankPayment(str(number), "1000.00", purpose)


def _unknown() -> list[BankPayment]:
    return [
        BankPayment(f"x{number}", "5.17", "Взнос", "7736207543") for number in range(LINES - SOLD)
    ]


def _table() -> bytes:
    buffer = io.StringIO()
    lines = csv.writer(buffer, delimiter=";")
    lines.writerow(("Код", "Название", "Почта"))
    lines.writerows((n, f"Импортный {n}", f"c{n}@import.example") for n in range(ROWS))
    return buffer.getvalue().encode()


async def _upload(caller: Caller, path: str, content: bytes) -> Json:
    status, body = await caller.gateways.request_once(
        "POST", "/api/v1" + path, caller.token, content, **{"content-type": "text/plain"}
    )
    assert status in (201, 202), body
    assert isinstance(body, dict)
    return body


async def _kill_until_done(
    cluster: Cluster, database: Database, shop: Shop, chance: random.Random
) -> Counter[str]:
    """Kills both processes now and then until no job of the tenant is open; how often a job of each
    kind was at work then, up to `KILLS`.
    """
    killed: Counter[str] = Counter()
    async with asyncio.timeout(PHASE_SECONDS):
        while under_way := await _open_jobs(database, shop):
            await asyncio.sleep(chance.uniform(0.05, 0.3))
            if not any(job["lease"] and killed[job["kind"]] < KILLS for job in under_way):
                continue
            for replica in cluster.of("activities"):
                replica.service.kill()
            for job in await _open_jobs(database, shop):
                if job["lease"] and killed[job["kind"]] < KILLS:
                    killed[job["kind"]] += 1
            # As time does, once the leases of the dead have run out.
            await database.execute(
                "UPDATE job SET next_run_at = now() WHERE tenant_id = $1 AND finished_at IS NULL",
                UUID(shop.tenant),
            )
            cluster.spawn()
            await cluster.wait_ready()
    return killed


async def _open_jobs(database: Database, shop: Shop) -> list[Any]:
    rows: list[Any] = await database.fetch(
        "SELECT kind, lease FROM job WHERE tenant_id = $1 AND finished_at IS NULL",
        UUID(shop.tenant),
    )
    return rows


async def _require_each_once(database: Database, shop: Shop) -> None:
    tenant_id = UUID(shop.tenant)
    imported = await database.fetchrow(
        "SELECT count(*), count(DISTINCT name) FROM client WHERE tenant_id = $1 AND name LIKE $2",
        tenant_id,
        "Импортный %",
    )
    assert tuple(imported) == (ROWS, ROWS)
    lines = await database.fetchrow(
        "SELECT count(*), count(DISTINCT line_id) FROM bank_statement_line WHERE tenant_id = $1",
        tenant_id,
    )
    assert tuple(lines) == (LINES, LINES)

    async def all_booked() -> bool:
        booked = await database.fetchrow(
            "SELECT count(*), count(DISTINCT activity_id), sum(amount) FROM payment"
            " WHERE tenant_id = $1",
            tenant_id,
        )
        return tuple(booked) == (SOLD, SOLD, SOLD * 1000)

    await eventually(all_booked)
