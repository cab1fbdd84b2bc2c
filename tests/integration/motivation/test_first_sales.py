"""Exactly one win of a client is the first, whatever the order, the batch and the replica."""

import asyncio
import random
from contextlib import suppress
from typing import Any

import pytest

from shared.errors import Unavailable
from shared.events import PublishedEvent
from shared.events.activities import ActivityClientMerged, ActivityState
from shared.ids import ActivityId, ClientId, new_id
from tests.integration.motivation.checks import assert_ledger_is_whole, recomputed
from tests.integration.motivation.tenant import Tenant, ids
from tests.support.money import roubles
from tests.support.months import THIS_MONTH

FIRST = {"kind": "fixed", "amount": roubles("500").model_dump(mode="json"), "sale": "first"}
REPEAT = {"kind": "fixed", "amount": roubles("1").model_dump(mode="json"), "sale": "repeat"}
RENEWAL = {"kind": "fixed", "amount": roubles("7").model_dump(mode="json"), "sale": "renewal"}


def client() -> ClientId:
    return ClientId(new_id())


day = THIS_MONTH.day


async def pay_of(tenant: Tenant, *activities: ActivityId) -> list[str]:
    """What each activity has earned."""
    rows = await tenant.query(
        "SELECT activity_id, sum(amount) AS sum FROM entry GROUP BY activity_id"
    )
    sums = {row["activity_id"]: str(row["sum"]) for row in rows}
    return [sums.get(activity, "0") for activity in activities]


async def test_wins_of_one_client_at_two_replicas_have_one_first(tenant: Tenant) -> None:
    await tenant.publish(FIRST, REPEAT)
    deals = []
    for buyer in [client() for _ in range(15)]:
        won = tenant.state("100", client_id=buyer, won_on=day(3))
        deals += [tenant.event(activity, 1, won) for activity in ids(2)]
    await asyncio.gather(
        *(tenant.consume(*deals[start:30:2]) for start in (0, 1)),
        *(tenant.consume(deal) for deal in deals),
    )
    assert await tenant.sums() == {tenant.sellers[0]: f"{15 * 501}.00"}
    await assert_ledger_is_whole(tenant)


async def test_the_next_win_becomes_the_first_and_both_corrections_name_the_cause(
    tenant: Tenant,
) -> None:
    await tenant.publish(FIRST, REPEAT)
    buyer, (first, second) = client(), ids(2)
    won = tenant.state("100", client_id=buyer, won_on=day(3))
    later = tenant.state("100", client_id=buyer, won_on=day(4))
    back = tenant.event(first, 2, tenant.state("100", "in_work", client_id=buyer))
    await tenant.consume(tenant.event(first, 1, won), tenant.event(second, 1, later))
    assert await pay_of(tenant, first, second) == ["500.00", "1.00"]
    await tenant.consume(back)
    assert await pay_of(tenant, first, second) == ["0.00", "500.00"]
    rows = await tenant.query(
        "SELECT activity_id, inputs->>'caused_by' AS caused_by, outbox.causation_id FROM entry"
        " JOIN outbox ON outbox.aggregate_id = statement_id"
        " AND aggregate_version = statement_version ORDER BY entry_id OFFSET 2"
    )
    assert {row["causation_id"] for row in rows} == {str(back.envelope.id)}
    assert [(row["activity_id"], row["caused_by"]) for row in rows] == [
        (first, None),
        (second, str(first)),
        (second, str(first)),
    ]
    await tenant.consume(tenant.event(first, 3, won))
    assert await pay_of(tenant, first, second) == ["500.00", "1.00"]
    await assert_ledger_is_whole(tenant)


async def test_a_win_typed_later_and_won_earlier_is_the_first(tenant: Tenant) -> None:
    await tenant.publish(FIRST, REPEAT)
    buyer, (typed_first, won_first) = client(), ids(2)
    for activity, won_on in ((typed_first, day(9)), (won_first, day(5))):
        state = tenant.state("100", client_id=buyer, won_on=won_on)
        await tenant.consume(tenant.event(activity, 1, state))
    assert await pay_of(tenant, typed_first, won_first) == ["1.00", "500.00"]
    await assert_ledger_is_whole(tenant)


async def test_a_loss_of_the_first_win_that_was_never_heard_of_is_followed(tenant: Tenant) -> None:
    await tenant.publish(FIRST, REPEAT)
    buyer, (first, second) = client(), ids(2)
    for activity, won_on in ((first, day(3)), (second, day(4))):
        state = tenant.state("100", client_id=buyer, won_on=won_on)
        await tenant.consume(tenant.event(activity, 1, state))
    taken_back = tenant.state("100", "in_work", client_id=buyer)
    await tenant.consume(tenant.event(first, 5, taken_back))
    assert await pay_of(tenant, first, second) == ["0.00", "500.00"]
    await assert_ledger_is_whole(tenant)


def merged(tenant: Tenant, activity: ActivityId, version: int, state: ActivityState) -> Any:
    event = ActivityClientMerged(
        activity_id=activity, by=None, state=state, former_client_id=client()
    )
    return tenant.published(event, activity, version)


async def test_merged_clients_have_one_first_sale(tenant: Tenant) -> None:
    await tenant.publish(FIRST, REPEAT)
    one, other, (early, late) = client(), client(), ids(2)
    states = [
        tenant.state("100", client_id=one, won_on=day(3)),
        tenant.state("100", client_id=other, won_on=day(4)),
    ]
    for activity, state in zip((early, late), states, strict=True):
        await tenant.consume(tenant.event(activity, 1, state))
    assert await pay_of(tenant, early, late) == ["500.00", "500.00"]
    await tenant.consume(
        merged(tenant, early, 2, states[0].model_copy(update={"client_id": other}))
    )
    assert await pay_of(tenant, early, late) == ["500.00", "1.00"]
    await assert_ledger_is_whole(tenant)


class Script:
    """Events of activities of two clients, which any tenant can be told."""

    def __init__(self, chance: random.Random) -> None:
        clients = [client(), client()]
        self.steps: list[tuple[ActivityId, int, dict[str, Any]]] = []
        for number, activity in enumerate(ids(6)):
            for version in range(1, 5):
                status = chance.choice(["won", "won", "won", "in_work"])
                won_at = THIS_MONTH.begins if version < 3 else THIS_MONTH.at(2, 0)
                about = {
                    "paid": str(chance.randint(1, 2000)),
                    "status": status,
                    "client_id": clients[number % 2 if version < 4 else chance.randint(0, 1)],
                    "won_on": day(chance.randint(1, 5)),
                    "sale": "renewal" if number == 5 else "first",
                    "won_at": won_at if status == "won" else None,
                }
                self.steps.append((activity, version, about))

    def events(self, tenant: Tenant) -> list[PublishedEvent]:
        return [
            tenant.event(activity, version, tenant.state(**about))
            for activity, version, about in self.steps
        ]


async def ledger_of(tenant: Tenant) -> dict[Any, str]:
    """The sums by activity, rule and month; sellers are the same in all."""
    rows = await tenant.query(
        "SELECT activity_id, rule, coalesce(corrected_period, period) AS month, sum(amount) AS sum"
        " FROM entry GROUP BY 1, 2, 3 HAVING sum(amount) <> 0"
    )
    return {(row["activity_id"], row["rule"], row["month"]): str(row["sum"]) for row in rows}


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_and_any_batch_give_the_same_ledger(tenant: Tenant, seed: int) -> None:
    chance = random.Random(seed)
    script, other = Script(chance), Tenant(tenant.context)
    await other.consume(*other.directory())
    for each in (tenant, other):
        await each.publish(FIRST, REPEAT, RENEWAL)
    for event in script.events(tenant):
        await tenant.consume(event)
    events = script.events(other)
    events += chance.sample(events, 8)
    chance.shuffle(events)
    batches = []
    while events:
        size = chance.randint(1, 9)
        batches.append(events[:size])
        events = events[size:]
    replicas = [batches[start::2] for start in (0, 1)]

    async def replica(own: list[list[PublishedEvent]]) -> None:
        for batch in own:
            # What the database takes back for a deadlock a consumer takes in once more.
            for _ in range(3):
                with suppress(Unavailable):
                    await other.consume(*batch)
                    break

    await asyncio.gather(*(replica(own) for own in replicas))
    assert await ledger_of(other) == await ledger_of(tenant)
    for each in (tenant, other):
        assert await recomputed(each) == []
