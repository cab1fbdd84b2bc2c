"""Contact persons entered at one moment, also during a merge."""

import asyncio
from uuid import UUID

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.persons import add, found, names_of
from tests.integration.activities.tenant import statuses
from tests.integration.activities.test_merging import merge, new_client


async def test_eight_who_enter_one_person_at_once_enter_one(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    sellers = await tenant.users(8)
    client = await new_client(tenant, sellers[0], "Ромашка")
    done = await asyncio.gather(*(add(tenant, seller, client) for seller in sellers))
    assert statuses(done) == [201, *[409] * 7]
    assert await names_of(tenant, sellers[0], client) == ["Пётр Петров"]


async def test_persons_of_one_client_entered_at_once_are_all_found(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    sellers = await tenant.users(8)
    client = await new_client(tenant, sellers[0], "Ромашка")
    calls = [
        add(tenant, seller, client, name=f"Имя{n}", phones=[f"+7916000000{n}"], emails=[])
        for n, seller in enumerate(sellers)
    ]
    assert statuses(await asyncio.gather(*calls)) == [201] * 8
    for number in range(8):
        assert await found(tenant, sellers[0], "/clients", f"916000000{number}") == [client]


async def test_a_person_and_a_new_client_of_one_phone_race_to_one_client(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    sellers = await tenant.users(2)
    for number in range(6):
        phone = f"+7916111111{number}"
        client = await new_client(tenant, sellers[0], "Ромашка")
        described = {"name": "Кто-то", "kind": "person", "phones": [phone]}
        done, created = await asyncio.gather(
            add(tenant, sellers[0], client, phones=[phone], emails=[]),
            tenant.call(sellers[1], "POST", "/clients", described),
        )
        assert statuses([done, created]) == [201, 409], (done.body, created.body)
        assert len(await found(tenant, sellers[0], "/clients", phone.removeprefix("+"))) == 1


async def test_a_person_entered_during_a_merge_is_with_the_client_that_stays_or_refused(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    sellers = await tenant.users(3)
    for number in range(8):
        old = await new_client(tenant, tenant.admin, "Ромашка")
        into = await new_client(tenant, tenant.admin, "ООО Ромашка")
        calls = [
            add(tenant, seller, old, name=f"Имя{n}", phones=[f"+791622{number}000{n}"], emails=[])
            for n, seller in enumerate(sellers)
        ]
        merged, *done = await asyncio.gather(merge(tenant, tenant.admin, old, into), *calls)
        assert merged.status == 200, merged.body
        assert {response.status for response in done} <= {201, 404}
        entered = sum(response.status == 201 for response in done)
        assert len(await names_of(tenant, tenant.admin, into)) == entered
        left = await tenant.reader.fetchval(
            "SELECT count(*) FROM contact_person WHERE tenant_id = $1 AND client_id = $2",
            tenant.tenant_id,
            UUID(old),
        )
        assert left == 0
