"""Facts that don't concern each other give one state, in whatever order they come."""

from decimal import Decimal
from random import Random
from typing import Any

import pytest

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.followed import Followed, Stage
from tests.support.activity_model import ActivityModel, TradeModel
from tests.support.money import rub

Facts = list[list[tuple[str, dict[str, Any]]]]
"""Chains of facts: only those of one chain come one after the other."""


def some_facts(chance: Random) -> Facts:
    """Parts of an order's price, claimed or not, shipments, and documents that all get signed."""
    amounts = chance.choice([[300, 700], [1000], [250, 250, 500], [400], [1000, 200]])
    facts: Facts = []
    for amount in amounts:
        if chance.random() < 0.5:
            facts.append([("pay", {"amount": rub(amount)})])
        else:
            facts.append([("claim", {"amount": rub(amount)}), ("confirm", {})])
    numbers: list[list[str | None]] = [[], ["1"], ["1", "2"], [None]]
    for number in chance.choice(numbers):
        sent, signed = (("documents", {"state": state, "number": number}) for state in _PAPERS)
        facts.append([sent, signed, *chance.sample([sent, signed], chance.randint(0, 1))])
    facts += [[("shipments", {"note": "Отгрузка"})]] * chance.randint(0, 1)
    facts += [[("invoices", {"amount": rub(amount)})] for amount in (300, 700)]
    return facts


_PAPERS = ("sent", "signed")


def shuffled(facts: Facts, chance: Random) -> list[tuple[str, dict[str, Any], int]]:
    """One order of the facts, each with the number of its chain."""
    turns = [number for number, chain in enumerate(facts) for _ in chain]
    chance.shuffle(turns)
    left = [iter(chain) for chain in facts]
    return [(*next(left[number]), number) for number in turns]


async def applied(stage: Stage, facts: Facts, delivered: bool, chance: Random) -> Followed:
    """An activity on which the facts were recorded in an order of chance, and its model."""
    registered = await stage.register(stage.sellers[0], delivered, take=True)
    model = ActivityModel(TradeModel(Decimal(1000), delivered))
    model.assign(str(stage.sellers[0].id))
    followed = Followed(registered["id"], registered["client"]["id"], model)
    claims: dict[int, str] = {}
    for command, body, number in shuffled(facts, chance):
        path, user = command, stage.admin
        if command == "pay":
            path, user = "payments", stage.accountant
        elif command == "claim":
            path = "payments"
        elif command == "confirm":
            path, user = f"payments/{claims[number]}/confirm", stage.accountant
        view = await stage.tenant.do(user, registered, path, **body)
        if command == "claim":
            claims[number] = view["created"]["payment_id"]
    await _replay(stage, followed)
    return followed


async def _replay(stage: Stage, followed: Followed) -> None:
    """Gives the model what was recorded, in the order in which it stands in the lists."""
    model, detail = followed.model, await stage.tenant.see({"id": followed.id})
    for document in detail["documents"]:
        model.follow(f"documents.{document['state']}", document)
    for invoice in detail["invoices"]:
        model.follow("invoice.issued", {"invoice_id": invoice["id"], **invoice})
    for payment in detail["payments"]:
        model.follow("payment.received", {"payment_id": payment["id"], **payment})
    for _ in detail["shipments"]:
        model.follow("shipment.recorded", {})


@pytest.mark.parametrize("seed", range(12))
async def test_independent_facts_give_one_state_in_any_order(
    new_tenant: NewTenant, seed: int
) -> None:
    stage = await Stage.of(await new_tenant(activity_reset_days=0))
    chance = Random(seed)
    facts, delivered = some_facts(chance), chance.random() < 0.5
    followed = [await applied(stage, facts, delivered, chance) for _ in range(3)]
    states = []
    for activity in followed:
        await stage.assert_stored(activity)
        shown = await stage.tenant.see({"id": activity.id})
        states.append({name: shown[name] for name in _SHOWN})
        types = await stage.tenant.event_types({"id": activity.id})
        assert types.count("activity.won") == (shown["status"] == "won")
        assert "activity.win_reversed" not in types
    assert states[0] == states[1] == states[2]


_SHOWN = (
    *("status", "stage", "responsible_id", "how", "sale", "shares", "checklist", "products"),
    *("agreed", "invoiced", "paid", "claimed", "to_invoice", "to_pay"),
)
