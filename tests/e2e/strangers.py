"""Those whose things are to be kept from others, and the others: fixtures of the tests of walls."""

from uuid import uuid4

import pytest_asyncio

from tests.e2e.belongings import Belongings, furnish
from tests.e2e.conftest import Product
from tests.e2e.office import Office, open_office
from tests.support.client import ApiClient, User
from tests.support.tenant import PASSWORD


@pytest_asyncio.fixture(scope="module")
async def theirs(office: Office) -> Belongings:
    """What is to be kept from others."""
    return await furnish(office)


@pytest_asyncio.fixture(scope="module")
async def stranger(gateway: ApiClient, product: Product) -> Belongings:
    """Another tenant, with one of everything of its own."""
    return await furnish(await open_office(gateway, product.operator_key))


@pytest_asyncio.fixture(scope="module")
async def neighbours(theirs: Belongings) -> Belongings:
    """One of everything in another room of the same tenant."""
    return await furnish(theirs.office, "back", theirs.office.vera)


@pytest_asyncio.fixture(scope="module")
async def head_of_back(gateway: ApiClient, theirs: Belongings) -> User:
    """Who heads the room `back`."""
    email = f"head@{uuid4().hex}.example"
    body = {
        "name": "Руководитель второй комнаты",
        "email": email,
        "password": PASSWORD,
        "roles": ["head", "seller"],
        "room_ids": [theirs.office.rooms["back"]],
    }
    await theirs.office.admin.do("/employees", body)
    return await gateway.log_in(email, PASSWORD)
