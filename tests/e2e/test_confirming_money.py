"""A seller's word is not money: pay follows what an accountant has confirmed."""

from decimal import Decimal
from typing import Any

import pytest_asyncio

from tests.e2e.office import Office
from tests.support.client import User
from tests.support.money import rub
from tests.support.wait import eventually


@pytest_asyncio.fixture(scope="module", autouse=True)
async def plan(office: Office) -> None:
    """Ten percent of what is received; the company wants payments confirmed."""
    await office.publish_plan([{"kind": "percent_of_receipts", "percent": "10.00"}])
    path = f"/companies/{office.companies['main']}"
    await office.admin.do(path, {"payment_confirmation": "required"}, method="PATCH")


async def claimed(office: Office, seller: User) -> tuple[str, str]:
    """The paths of an activity that is paid as its seller says, and of its payment."""
    activity = await office.register("plain", by=seller, take=True)
    path = f"/activities/{activity['id']}"
    await seller.do(f"{path}/invoices", {"amount": rub("1000.00")})
    await seller.do(f"{path}/payments", {"amount": rub("1000.00")})
    (payment,) = (await seller.see(path))["payments"]
    return path, f"{path}/payments/{payment['id']}"


async def earned(seller: User, path: str, total: str) -> None:
    """Waits until the lines of the activity add up to `total`."""

    async def look() -> Any:
        lines = (await seller.see("/motivation/statement"))["lines"]
        amounts = [
            Decimal(line["amount"]["amount"])
            for line in lines
            if line["activity_id"] == path.rpartition("/")[2]
        ]
        return amounts and sum(amounts) == Decimal(total)

    assert await eventually(look)


async def test_confirmed_money_pays_and_struck_money_takes_the_pay_back(office: Office) -> None:
    path, payment = await claimed(office, office.anna)
    seen = await office.anna.see(path)
    assert (seen["status"], seen["claimed"]) == ("in_work", rub("1000.00"))
    won = await office.accountant.do(f"{payment}/confirm")
    assert won["status"] == "won"
    await earned(office.anna, path, "100.00")
    back = await office.accountant.do(f"{payment}/strike", {"reason": "платёж не наш"})
    assert (back["status"], back["paid"]) == ("in_work", rub("0.00"))
    assert (await office.anna.see(path))["payments"][0]["state"] == "struck"
    await earned(office.anna, path, "0.00")


async def test_claims_wait_in_the_accountants_and_the_heads_list(office: Office) -> None:
    _, payment = await claimed(office, office.boris)
    for person in (office.accountant, office.head):
        page = await person.see("/payments?state=claimed")
        assert payment.rpartition("/")[2] in {item["id"] for item in page["items"]}
    for person in (office.boris, office.people["marketer"]):
        assert (await person.call("GET", "/payments")).status == 403
    assert (await office.head.refused(f"{payment}/confirm")).status == 403
    assert (await office.vera.refused(f"{payment}/strike", {"reason": "чужой"})).status == 404


async def test_an_idempotency_key_confirms_once(office: Office) -> None:
    path, payment = await claimed(office, office.boris)
    headers = {"Idempotency-Key": f"confirm {payment}"}
    first, again = [
        await office.accountant.call("POST", f"{payment}/confirm", headers=headers)
        for _ in range(2)
    ]
    assert (first.status, again.status) == (200, 200)
    assert first.body["version"] == again.body["version"]
    assert (await office.boris.see(path))["paid"] == rub("1000.00")
