"""One client has one holder, and the last place one winner, whatever races for them."""

import asyncio
from datetime import timedelta
from random import Random

import pytest

from services.vip.timers import reset_overdue
from shared.errors import Unavailable
from shared.events import PublishedEvent
from shared.events.activities import ActivityEvent
from shared.ids import RoomId, new_id
from shared.jobs.worker import JobWorker
from shared.service_context import ServiceContext
from tests.integration.vip.conftest import NewTenant
from tests.integration.vip.tenant import Tenant, concurrently


@pytest.mark.parametrize("attempt", range(3))
async def test_concurrent_claims_of_the_last_place_have_one_winner(
    new_tenant: NewTenant, attempt: int
) -> None:
    tenant = await new_tenant(development=3)
    seller, clients = await tenant.seller(), await tenant.clients(10)
    for client in clients[:2]:
        await tenant.claim(seller, client)
    responses = await concurrently(*(tenant.claim(seller, client) for client in clients[2:]))
    assert sorted(response.status for response in responses) == [201] + [409] * 7
    refused = [response.body for response in responses if response.status == 409]
    assert {(body["code"], body["held"]) for body in refused} == {("vip_limit_reached", 3)}
    await tenant.assert_versions_have_no_gaps()


@pytest.mark.parametrize("attempt", range(3))
async def test_eight_concurrent_claims_have_one_winner(new_tenant: NewTenant, attempt: int) -> None:
    tenant = await new_tenant()
    client, sellers = await tenant.client(), [await tenant.seller() for _ in range(8)]
    responses = await concurrently(*(tenant.claim(seller, client) for seller in sellers))
    assert sorted(response.status for response in responses) == [201] + [409] * 7
    codes = {response.body["code"] for response in responses if response.status == 409}
    assert codes == {"vip_of_another"}
    (vip,) = [response.body for response in responses if response.status == 201]
    assert (await tenant.get_vip(vip["id"]))["responsible_id"] == vip["responsible_id"]
    assert len(await tenant.events_of()) == 1


async def test_eight_concurrent_claims_of_an_overdue_vip_have_one_winner(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    client, sellers = await tenant.client(), [await tenant.seller() for _ in range(8)]
    vip = (await tenant.claim(await tenant.seller(), client)).body
    await tenant.make_overdue(vip["id"])
    *responses, _ = await concurrently(
        *(tenant.claim(seller, client) for seller in sellers), reset_overdue(context)
    )
    assert sorted(response.status for response in responses) == [201] + [409] * 7
    types = await tenant.event_types_of(vip["id"])
    assert types == ["vip.claimed", "vip.released", "vip.claimed"]


async def test_a_claim_repeated_concurrently_takes_effect_once(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(development=1)
    seller, client = await tenant.seller(), await tenant.client()
    responses = await concurrently(*(tenant.claim(seller, client) for _ in range(8)))
    assert sorted(response.status for response in responses) == [200] * 7 + [201]
    assert len(await tenant.events_of()) == 1


async def test_concurrent_assignments_stay_within_the_sellers_limit(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant(development=1)
    seller = await tenant.seller()
    vips = [
        (await tenant.claim(await tenant.seller(), await tenant.client())).body["id"]
        for _ in range(6)
    ]
    responses = await concurrently(*(tenant.assign(vip_id, seller) for vip_id in vips))
    assert sorted(response.status for response in responses) == [200] + [409] * 5
    await tenant.assert_versions_have_no_gaps()


async def test_concurrent_timers_free_each_vip_once(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant(development=40)
    seller, clients = await tenant.seller(), await tenant.clients(40)
    for vip_id in [(await tenant.claim(seller, client)).body["id"] for client in clients]:
        await tenant.make_overdue(vip_id)
    await concurrently(*(reset_overdue(context) for _ in range(4)))
    types = await tenant.event_types_of()
    assert (types.count("vip.claimed"), types.count("vip.released")) == (40, 40)


async def test_concurrent_first_money_fills_no_more_than_the_places(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant(receipts=2)
    seller, clients = await tenant.seller(), await tenant.clients(8)
    for client in clients:
        await tenant.claim(seller, client)
    payments = tenant.published_all(
        [tenant.payment(client, seller, 100 * number) for number, client in enumerate(clients, 1)]
    )
    await concurrently(*(_consume_patiently(tenant, [payment]) for payment in payments))
    held = (await tenant.request(seller, "GET", "")).body["items"]
    receipts = [vip["receipts"]["amount"] for vip in held if vip["kind"] == "by_receipts"]
    assert sorted(receipts) == ["700.00", "800.00"]
    await tenant.assert_versions_have_no_gaps()


@pytest.mark.parametrize("seed", range(3))
async def test_consumers_and_claims_together_lose_nothing(new_tenant: NewTenant, seed: int) -> None:
    """Two consumers apply batches about the same clients in opposite orders while sellers claim
    and release.
    """
    tenant = await new_tenant(development=8, receipts=3)
    sellers, clients = [await tenant.seller() for _ in range(3)], await tenant.clients(9)
    for number, client in enumerate(clients):
        await tenant.claim(sellers[number % 3], client)
    dice = Random(seed)
    events: list[ActivityEvent] = [
        tenant.payment(client, sellers[number % 3], 10 + number)
        for number, client in enumerate(clients)
        for _ in range(4)
    ]
    events += [tenant.interaction(client, sellers[0]) for client in clients]
    dice.shuffle(events)
    published = tenant.published_all(events)

    async def claim_and_release(seller_number: int) -> None:
        seller = sellers[seller_number]
        for client in dice.sample(clients, 9):
            claimed = await tenant.claim(seller, client)
            assert claimed.status in (200, 201, 409), claimed
            if claimed.status in (200, 201) and dice.random() < 0.5:
                released = await tenant.release(seller, claimed.body["id"])
                assert released.status in (200, 403, 409), released

    await concurrently(
        *(_consume_patiently(tenant, published[start::2]) for start in (0, 1)),
        *(claim_and_release(number) for number in range(3)),
    )
    held = (await tenant.request(sellers[0], "GET", "?limit=200")).body["items"]
    receipts = {
        (str(client), str(sellers[number % 3])): f"{4 * (10 + number)}.00"
        for number, client in enumerate(clients)
    }
    for vip in held:
        pair = vip["client"]["id"], vip["responsible_id"]
        assert vip["receipts"]["amount"] == receipts.get(pair, "0.00"), "only the holder's own"
    for seller in sellers:
        kinds = [vip["kind"] for vip in held if vip["responsible_id"] == str(seller)]
        assert kinds.count("in_development") <= 8
        assert kinds.count("by_receipts") <= 3
    await tenant.assert_versions_have_no_gaps()


async def test_settings_changed_during_claims_govern_every_vip(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant(development=50, reset_days=30)
    seller, clients = await tenant.seller(), await tenant.clients(20)

    async def change() -> None:
        for days in (20, 15, 10):
            await tenant.set_room_settings(development=50, reset_days=days)

    await concurrently(*(tenant.claim(seller, client) for client in clients), change())
    await job_worker.run_until_idle()
    assert await _periods(tenant) == {timedelta(days=10)}


@pytest.mark.parametrize("attempt", range(3))
async def test_first_settings_set_during_claims_govern_every_vip(
    new_tenant: NewTenant, job_worker: JobWorker, attempt: int
) -> None:
    tenant = await new_tenant()
    tenant.room_id, tenant.settings_version = RoomId(new_id()), 0
    await tenant.apply(tenant.room_changed(tenant.room_id), tenant.room_id)
    clients = await tenant.clients(6)
    sellers = [await tenant.seller() for _ in clients]
    pairs = zip(sellers, clients, strict=True)
    await concurrently(
        *(tenant.claim(seller, client) for seller, client in pairs),
        tenant.set_room_settings(reset_days=10),
    )
    await job_worker.run_until_idle()
    assert await _periods(tenant) == {timedelta(days=10)}


async def _periods(tenant: Tenant) -> set[timedelta]:
    """How long after their progress the tenant's VIPs reset."""
    rows = await tenant.reader.fetch(
        "SELECT reset_due_at - progress_at AS period FROM vip WHERE tenant_id = $1",
        tenant.tenant_id,
    )
    return {row["period"] for row in rows}


async def _consume_patiently(tenant: Tenant, batch: list[PublishedEvent]) -> None:
    """Applies a batch as the consumer does: again, whole, if it could not be applied."""
    for _ in range(20):
        try:
            await tenant.consume(batch)
            return
        except Unavailable:
            await asyncio.sleep(0.1)
    raise AssertionError("the batch was never applied")
