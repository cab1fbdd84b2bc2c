"""One client for one identity, however many enter it at once."""

import asyncio
from itertools import combinations
from random import Random
from typing import Any

import pytest

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import all_at_once, statuses
from tests.integration.activities.test_identities import (
    ALPHA,
    INN,
    KPP,
    OTHER_INN,
    OTHER_KPP,
    SPELLINGS,
    THIRD_INN,
    described,
)


@pytest.mark.parametrize("attempt", range(4))
async def test_eight_registrations_at_once_in_different_spellings_make_one_client(
    new_tenant: NewTenant, attempt: int
) -> None:
    tenant = await new_tenant()
    sellers = await tenant.users(8)
    descriptions = [
        {**ALPHA, **parts, "emails": [*parts.get("emails", []), f"extra{number}@x.ru"]}
        | ({} if "inn" in parts else {"phones": ALPHA["phones"]})
        for number, parts in enumerate(SPELLINGS[:8])
    ]
    responses = await all_at_once(
        tenant.call(seller, "POST", "/activities", tenant.registration(client=client))
        for seller, client in zip(sellers, descriptions, strict=True)
    )
    assert statuses(responses) == [201] * 8
    assert len({response.body["client"]["id"] for response in responses}) == 1
    (client,) = await tenant.pages(sellers[0], "/clients", 50)
    assert {f"extra{number}@x.ru" for number in range(8)} <= set(client["emails"])


async def test_a_race_for_an_inn_with_and_without_kpp_makes_one_client(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    for inn in (INN, OTHER_INN, THIRD_INN):
        bodies = [
            described(name=f"{inn} {n}", inn=inn, kpp=KPP if n % 2 else None) for n in range(8)
        ]
        responses = await all_at_once(
            tenant.call(seller, "POST", "/clients", body) for body in bodies
        )
        assert statuses(responses) == [201] + [409] * 7


@pytest.mark.parametrize("seed", range(6))
async def test_no_two_clients_share_an_inn_whose_kpp_is_unknown(
    new_tenant: NewTenant, seed: int
) -> None:
    """Random registrations, creations and changes, two at a time."""
    tenant, chance = await new_tenant(), Random(seed)
    seller = await tenant.user()
    ids: list[str] = []

    def parts() -> dict[str, Any]:
        inn = chance.choice([None, INN, OTHER_INN])
        return {
            "inn": inn,
            "kpp": chance.choice([None, None, KPP, OTHER_KPP]) if inn else None,
            "phones": chance.sample(["+74957564944", "+79031234567"], chance.randint(0, 2)),
        }

    async def act() -> None:
        door, name = chance.choice(["create", "register", "change"]), chance.choice("АБВ")
        body = described(name=name, **parts())
        if door == "create":
            response = await tenant.call(seller, "POST", "/clients", body)
        elif door == "register":
            order = tenant.registration(client=body)
            response = await tenant.call(seller, "POST", "/activities", order)
        elif ids:
            response = await tenant.call(seller, "PATCH", f"/clients/{chance.choice(ids)}", parts())
        else:
            return
        assert response.status in (200, 201, 409, 503), response.body

    for _ in range(25):
        await asyncio.gather(act(), act())
        clients = await tenant.pages(seller, "/clients", 50)
        ids = [client["id"] for client in clients]
        for one, other in combinations(clients, 2):
            if one["inn"] and one["inn"] == other["inn"]:
                assert one["kpp"] and other["kpp"] and one["kpp"] != other["kpp"]
            elif not (one["inn"] and other["inn"]):
                assert not set(one["phones"]) & set(other["phones"])
