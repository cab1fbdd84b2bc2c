"""A command that makes something answers with its id."""

from typing import Any
from uuid import uuid4

import pytest

from tests.integration.activities.conftest import NewTenant
from tests.support.money import rub


@pytest.mark.parametrize(
    ("command", "body", "name", "shown"),
    [
        ("invoices", {"amount": rub(1000)}, "invoice_id", "invoices"),
        ("payments", {"amount": rub(100)}, "payment_id", "payments"),
        ("refunds", {"amount": rub(1), "reason": "Брак"}, "refund_id", "refunds"),
        ("shipments", {}, "shipment_id", "shipments"),
        ("documents", {"state": "sent"}, "document_id", "timeline"),
        ("interactions", {"kind": "call"}, "interaction_id", "timeline"),
    ],
)
async def test_what_was_made_is_named(
    new_tenant: NewTenant, command: str, body: Any, name: str, shown: str
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    assert "created" not in activity
    await tenant.do(seller, activity, "payments", amount=rub(10))
    path, key = f"/activities/{activity['id']}/{command}", str(uuid4())
    first = await tenant.call(seller, "POST", path, body, key)
    assert first.status == 200, first.body
    created = first.body["created"]
    assert set(created) == {name, "entry_id"}
    seen = await tenant.see(activity)
    assert created["entry_id"] == seen["timeline"][0]["id"]
    if shown == "timeline":
        assert created[name]
    else:
        assert created[name] == seen[shown][-1]["id"]
    again = await tenant.call(seller, "POST", path, body, key)
    assert again.body == first.body


@pytest.mark.parametrize(
    ("command", "name"), [("payments", "payment_id"), ("refunds", "refund_id")]
)
async def test_money_that_comes_again_has_the_id_of_the_first_time(
    new_tenant: NewTenant, command: str, name: str
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    await tenant.do(seller, activity, "payments", amount=rub(10))
    reason = {"reason": "Брак"} if command == "refunds" else {}
    body = {"amount": rub(1), "external_id": "bank-1", **reason}
    first, again = [await tenant.do(seller, activity, command, **body) for _ in range(2)]
    assert again["created"] == {name: first["created"][name]}
    assert again["version"] == first["version"]


async def test_what_makes_nothing_names_nothing(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    invoiced = await tenant.do(seller, activity, "invoices", amount=rub(1000))
    cancel = f"invoices/{invoiced['created']['invoice_id']}/cancel"
    assert "created" not in await tenant.do(seller, activity, cancel, reason="Ошибка")
    assert "created" not in await tenant.do(seller, activity, "release", reason="Не моё")
