"""Registering an activity."""

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import all_at_once, statuses


async def test_eight_simultaneous_registrations_share_one_new_client(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    client = {
        "name": "Иванов",
        "kind": "person",
        "phones": ["+79031234567"],
        "emails": ["ivanov@example.ru"],
    }
    wish = {key: value for key, value in tenant.registration().items() if key != "client"} | {
        "client": client
    }
    responses = await all_at_once(
        tenant.call(seller, "POST", "/activities", wish) for _ in range(8)
    )
    assert statuses(responses) == [201] * 8
    assert len({response.body["client"]["id"] for response in responses}) == 1
    assert len(await tenant.pages(seller, "/clients", 50)) == 1


async def test_a_line_may_come_to_more_than_the_largest_price(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    price = {"amount": "999999999999.99", "currency": "RUB"}
    dear = tenant.registration(
        products=[{"product_id": tenant.product_id, "quantity": 2, "price": price}]
    )
    response = await tenant.call(tenant.admin, "POST", "/activities", dear)
    assert response.status == 201, response
    assert response.body["products"][0]["amount"]["amount"] == "1999999999999.98"


async def test_an_accountant_of_the_room_cannot_take_at_once(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    accountant = await tenant.user("accountant")
    assert (
        await tenant.call(accountant, "POST", "/activities", tenant.registration(take=True))
    ).status == 403
