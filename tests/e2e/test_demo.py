"""The demo tenant: what a newcomer finds, and that loading it again changes nothing."""

import asyncio
import json
import os
import stat
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.demo.catalogue import COMPANIES, MONTHLY_COSTS
from tests.e2e.conftest import Product
from tests.support.client import ApiClient, User
from tests.support.servers import ROOT

ACTIVITIES = 342


async def _start(product: Product, path: Path) -> asyncio.subprocess.Process:
    own = {
        "SALES_GATEWAY_URL": product.url,
        "SALES_OPERATOR_KEY": product.operator_key,
        "SALES_DEMO_FILE": str(path),
    }
    command = (sys.executable, "-m", "deploy.demo")
    return await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env=os.environ | own,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def _load(product: Product, path: Path) -> None:
    loading = await _start(product, path)
    said, _ = await loading.communicate()
    assert loading.returncode == 0, said.decode()


async def _load_and_be_interrupted(product: Product, path: Path) -> None:
    """Killed in the middle of its activities, commands under way."""
    loading = await _start(product, path)
    assert loading.stdout
    async for line in loading.stdout:
        if b"plans are there" in line:
            break
    await asyncio.sleep(1)
    loading.kill()
    await loading.wait()
    assert not path.exists()


async def _everything(person: User, path: str) -> list[dict[str, Any]]:
    found, cursor = [], ""
    while cursor is not None:
        page = await person.see(f"{path}?limit=200" + (f"&cursor={cursor}" if cursor else ""))
        found += page["items"]
        cursor = page["next_cursor"]
    return found


@pytest.mark.timeout(600)
async def test_the_demo_loads_resumes_after_an_interruption_and_repeats_nothing(
    product: Product, gateway: ApiClient, tmp_path: Path
) -> None:
    path = tmp_path / "demo.json"
    await _load_and_be_interrupted(product, path)
    await _load(product, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    accounts = json.loads(path.read_text())["accounts"]
    roles = Counter(role for account in accounts for role in account["roles"])
    assert roles == {"seller": 8, "head": 1, "accountant": 1, "marketer": 1, "admin": 1}

    people = [
        await gateway.log_in(account["username"], account["password"]) for account in accounts
    ]
    assert [person.id for person in people] == [account["employee_id"] for account in accounts]
    admin = people[0]
    assert len(await _everything(admin, "/companies")) == 2
    assert len(await _everything(admin, "/rooms")) == 2
    products = await _everything(admin, "/products")
    assert {each["delivered"] for each in products} == {True, False} and {
        bool(each["term_months"]) for each in products
    } == {True, False}
    plans = await _everything(admin, "/motivation/plans")
    assert plans and {plan["status"] for plan in plans} == {"published"}

    activities = await _everything(admin, "/activities")
    assert len(activities) == ACTIVITIES, "each once, though some were registered twice"
    stages = {
        "new",
        "in_work",
        "invoiced",
        "part_paid",
        "paid",
        "shipped",
        "documents_signed",
        "won",
        "lost",
    }
    assert {each["stage"] for each in activities} == stages
    assert {each["how"] for each in activities} == {
        None,
        "taken",
        "assigned",
        "registered",
        "vip_routed",
    }
    assert any(each["checklist"]["overdue"] for each in activities)
    assert any(len(each["shares"]) == 2 for each in activities)
    assert {vip["kind"] for vip in await _everything(admin, "/vip")} == {
        "in_development",
        "by_receipts",
    }

    assert {line["state"] for line in await _everything(admin, "/bank-statements/lines")} == {
        "unmatched"
    }
    (statement,) = await _everything(admin, "/bank-statements")
    lines = await _everything(admin, f"/bank-statements/{statement['id']}/lines")
    assert [line["state"] for line in lines] == ["sure", "sure", "suggested", "unmatched"]
    (imported,) = await _everything(admin, "/imports")
    assert imported["state"] == "done"
    assert (imported["imported"]["created"], imported["imported"]["refused"]) == (3, 3)

    disputes = await _everything(admin, "/motivation/disputes")
    assert sorted(each["state"] for each in disputes) == ["answered", "open"]
    assert all(each["due_on"] and not each["overdue"] for each in disputes)
    assert await _months(admin) == {COMPANIES["soft"]: ["approved"], COMPANIES["gear"]: ["open"]}

    (client,) = (await admin.see("/clients?q=Зоя Лучина"))["items"]
    persons = await _everything(admin, f"/clients/{client['id']}/persons")
    assert [(each["name"], each["position"]) for each in persons] == [("Зоя Лучина", "Директор")]
    reports = await _everything(admin, "/inbound/unprocessed")
    assert [each["reason"] for each in reports] == ["unusable_contact"]
    missed = [each for each in activities if each["note"] == "Пропущенный звонок"]
    assert len(missed) == 1
    chosen = [await person.see("/me/notifications") for person in people]
    assert sum(each["version"] > 0 for each in chosen) == 1
    sources = await _everything(admin, "/sources")
    costs = [await _everything(admin, f"/sources/{source['id']}/costs") for source in sources]
    assert sum(map(bool, costs)) == len(MONTHLY_COSTS)

    before = await _state(people)
    await _load(product, path)
    assert json.loads(path.read_text())["accounts"] == accounts
    assert await _state(people) == before


async def _months(admin: User) -> dict[str, list[str]]:
    """The states of the months before this one, by company."""
    today = datetime.now(UTC).strftime("%Y-%m")
    months = {}
    for company in await _everything(admin, "/companies"):
        page = await admin.see(f"/motivation/periods?company_id={company['id']}")
        past = [each["state"] for each in page["items"] if each["period"] < today]
        months[company["name"]] = past
    return months


async def _state(people: list[User]) -> dict[str, Any]:
    admin = people[0]
    nouns = (
        "/companies",
        "/rooms",
        "/employees",
        "/products",
        "/sources",
        "/clients",
        "/activities",
        "/vip",
        "/motivation/plans",
        "/motivation/disputes",
        "/imports",
    )
    state: dict[str, Any] = {noun: await _everything(admin, noun) for noun in nouns}
    return state | {person.id: await person.see("/motivation/statement") for person in people}
