"""Commands of different kinds that meet on one activity: each outcome is that of some order."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.activities.handlers.commands import MergeClients
from services.activities.handlers.merging import merge_clients
from services.activities.handlers.moving import MoveActivity, move_activity
from shared.db import Database, Tx
from shared.ids import ActivityId, ClientId
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.shop import Shop
from tests.integration.activities.tenant import Tenant, all_at_once, statuses
from tests.integration.activities.test_merging import new_client
from tests.support.client import Response
from tests.support.money import rub
from tests.support.wait import eventually

Handler = Callable[[Tx], Awaitable[Any]]

INVOICE = {"amount": rub(300)}
RECORDED: dict[str, dict[str, Any]] = {
    "payments": {"amount": rub(300)},
    "invoices": INVOICE,
    "interactions": {"kind": "call"},
    "shipments": {"note": "Отгрузка"},
    "documents": {"state": "sent", "number": "1"},
    "refunds": {"amount": rub(1), "reason": "Брак"},
}


async def meeting(
    tenant: Tenant, database: Database, first: Handler, second: Awaitable[Response]
) -> Response:
    """The response to `second`, which waits for a lock until the handler `first` commits."""
    async with database.begin(tenant.caller_of(tenant.admin)) as tx:
        await first(tx)
        waiting = asyncio.ensure_future(second)
        await eventually(lambda: _waits_for_a_lock(tenant))
    return await waiting


async def _waits_for_a_lock(tenant: Tenant) -> bool:
    count: int = await tenant.reader.fetchval(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    return count > 0


def merging(tenant: Tenant, client_id: str, into_id: str) -> Handler:
    command = MergeClients(ClientId(UUID(client_id)), ClientId(UUID(into_id)))
    return lambda tx: merge_clients(tx, command, tenant.caller_of(tenant.admin))


@pytest.mark.parametrize("command", [*RECORDED, "take"])
async def test_a_command_that_waits_for_a_merge_goes_on_with_the_client_that_stays(
    new_tenant: NewTenant, database: Database, command: str
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register(seller, take=command != "take")
    if command == "refunds":
        await tenant.do(seller, activity, "payments", amount=rub(100))
    into = await new_client(tenant, tenant.admin, "ООО Ромашка")
    merge = merging(tenant, activity["client"]["id"], into)
    recording = tenant.command(seller, activity, command, **RECORDED.get(command, {}))
    recorded = await meeting(tenant, database, merge, recording)
    assert (recorded.status, recorded.body.get("client", {}).get("id")) == (200, into), recorded
    assert (await tenant.see(activity))["client"]["id"] == into
    assert (await tenant.event_types(activity))[-2] == "activity.client_merged"


async def test_a_renewal_taken_while_its_client_is_merged_is_of_the_one_that_stays(
    shop: Shop, database: Database
) -> None:
    contract, tenant = await shop.contract(), shop.tenant
    renewal = await shop.one_of(contract)
    into = await new_client(tenant, tenant.admin, "ООО Ромашка")
    merge = merging(tenant, contract["client"]["id"], into)
    take = tenant.call(shop.seller, "POST", f"/renewals/{renewal['id']}/take")
    taken = await meeting(tenant, database, merge, take)
    assert (taken.status, taken.body.get("client", {}).get("id")) == (200, into), taken
    assert (await tenant.see(taken.body))["client"]["id"] == into


@pytest.mark.parametrize("command", ["interactions", "invoices"])
async def test_a_command_that_waits_for_a_move_is_judged_by_the_settings_of_the_new_room(
    new_tenant: NewTenant, database: Database, command: str
) -> None:
    tenant = await new_tenant(activity_reset_days=5)
    there = await tenant.another_room()
    path = f"/rooms/{there}/settings?company_id={tenant.company_id}"
    numbers = {"activity_reset_days": 21}
    assert (await tenant.call(tenant.admin, "PATCH", path, numbers)).status == 200
    seller = await tenant.user_of_rooms([tenant.room_id, there])
    activity = await tenant.register(seller, take=True)
    move = MoveActivity(ActivityId(UUID(activity["id"])), there, "Ближе", None)
    admin = tenant.caller_of(tenant.admin)
    recording = tenant.command(seller, activity, command, **RECORDED[command])
    recorded = await meeting(tenant, database, lambda tx: move_activity(tx, move, admin), recording)
    assert recorded.status == 200, recorded
    period = await tenant.reader.fetchval(
        "SELECT reset_due_at - progress_at FROM activity WHERE tenant_id = $1 AND id = $2",
        tenant.tenant_id,
        UUID(activity["id"]),
    )
    assert period == timedelta(days=21)
    assert "activity.deadline_moved" not in await tenant.event_types(activity)


async def test_an_invoice_against_a_smaller_order_is_issued_before_it_or_refused(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    for _ in range(6):
        activity = await tenant.register(seller, take=True)
        line = {"product_id": tenant.product_id, "quantity": 1, "price": rub(200)}
        path = f"/activities/{activity['id']}/order"
        invoiced, changed = await all_at_once(
            [
                tenant.command(seller, activity, "invoices", **INVOICE),
                tenant.call(seller, "PUT", path, {"products": [line]}),
            ]
        )
        assert changed.status == 200, changed
        types, now = await tenant.event_types(activity), await tenant.see(activity)
        assert (now["agreed"], now["to_invoice"]["amount"] >= "0") == (rub(200), True)
        if invoiced.status == 200:
            assert types[-2:] == ["invoice.issued", "order.changed"]
            assert (now["invoiced"], now["to_invoice"]) == (rub(300), rub(0))
        else:
            assert (invoiced.status, invoiced.code) == (409, "exceeds_agreed")
            assert invoiced.body["left"] == rub(200)
            assert "invoice.issued" not in types


async def test_eight_payments_at_once_win_once(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    for _ in range(3):
        activity = await tenant.register(seller, take=True)
        responses = await all_at_once(
            tenant.command(seller, activity, "payments", amount=rub(200)) for _ in range(8)
        )
        assert statuses(responses) == [200] * 8
        assert (await tenant.see(activity))["paid"] == rub(1600)
        types = await tenant.event_types(activity)
        assert (types.count("payment.received"), types.count("activity.won")) == (8, 1)


async def test_refunds_and_strikes_at_once_never_take_more_than_came(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller, accountant = await tenant.user(), await tenant.user("accountant")
    for _ in range(4):
        activity = await tenant.register(seller, take=True)
        paid = await tenant.do(accountant, activity, "payments", amount=rub(1000))
        strike = f"payments/{paid['created']['payment_id']}/strike"
        refunds = [{"amount": rub(600), "reason": "Брак"}] * 3
        struck, *refunded = await all_at_once(
            [
                tenant.command(accountant, activity, strike, reason="Ошибка"),
                *(tenant.command(accountant, activity, "refunds", **body) for body in refunds),
            ]
        )
        passed = [response for response in [struck, *refunded] if response.status == 200]
        codes = {response.code for response in [struck, *refunded] if response.status != 200}
        assert len(passed) == 1
        assert codes <= {"already_refunded", "refund_exceeds_paid"}
        now = await tenant.see(activity)
        assert now["paid"] == (rub(0) if struck.status == 200 else rub(400))
        assert now["status"] == ("in_work" if struck.status == 200 else "won")


async def test_losing_against_money_keeps_either(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    for _ in range(6):
        activity = await tenant.register(seller, take=True)
        lost, paid = await all_at_once(
            [
                tenant.command(seller, activity, "lose", reason="Дорого"),
                tenant.command(seller, activity, "payments", amount=rub(300)),
            ]
        )
        assert paid.status == 200
        types = await tenant.event_types(activity)
        if lost.status == 200:
            assert types[-3:] == ["activity.lost", "payment.received", "activity.paid_after_loss"]
        else:
            assert (lost.status, lost.code) == (409, "has_money")


@pytest.mark.parametrize("place", ["sources", "companies", "rooms"])
async def test_registrations_against_an_archiving_come_before_it_or_are_refused(
    new_tenant: NewTenant, place: str
) -> None:
    tenant = await new_tenant()
    sellers = await tenant.users(4)
    ids = {
        "sources": tenant.source_id,
        "companies": tenant.company_id,
        "rooms": tenant.room_id,
    }

    def register() -> list[Any]:
        body = tenant.registration()
        return [tenant.call(seller, "POST", "/activities", body) for seller in sellers]

    path = f"/{place}/{ids[place]}"
    archived, *registered = await all_at_once(
        [tenant.call(tenant.admin, "PATCH", path, {"archived": True}), *register()]
    )
    assert archived.status == 200, archived
    assert all(response.status == 201 or _is_archived(response) for response in registered)
    assert all(_is_archived(response) for response in await all_at_once(register()))


def _is_archived(response: Response) -> bool:
    return response.status == 422 and set(response.fields.values()) == {"archived"}
