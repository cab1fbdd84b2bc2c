"""Whatever the API accepts, every consumer takes in; and what one tenant does, no other notices."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest_asyncio
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.clock import EARLIEST, LATEST
from shared.money import LARGEST
from tests.e2e.conftest import Product
from tests.e2e.office import Office
from tests.support.consumption import Consumption
from tests.support.money import rub

WHOLE = {"kind": "percent_of_receipts", "percent": "100.00"}
MOST = str(LARGEST)


def money(amount: Decimal) -> dict[str, str]:
    """Roubles as the API has them."""
    return rub(f"{amount:.2f}")


@pytest_asyncio.fixture(scope="module")
async def consumption(product: Product) -> AsyncIterator[Consumption]:
    kafka = product.installation.kafka.client_options()
    admin = AIOKafkaAdminClient(**kafka)
    await admin.start()
    async with AIOKafkaConsumer(**kafka) as consumer:
        yield Consumption(product.installation, consumer, admin)
    await admin.close()


async def test_two_largest_sales_of_a_vip_are_read_everywhere(
    office: Office, consumption: Consumption
) -> None:
    before = await consumption.dead_letters()
    await office.publish_plan([WHOLE, {"kind": "fixed", "amount": rub(MOST)}])
    client = await office.anna.do("/clients", office.stranger())
    vip = {"client_id": client["id"], "company_id": office.companies["main"]}
    await office.anna.do("/vip", {**vip, "room_id": office.rooms["front"]})
    dearest = {"product_id": office.products["plain"], "price": rub(MOST)}
    for _ in range(2):
        activity = await office.register(
            by=office.anna, client_id=client["id"], take=True, products=[dearest]
        )
        path = f"/activities/{activity['id']}"
        await office.anna.do(f"{path}/invoices", {"amount": rub(MOST)})
        won = await office.anna.do(f"{path}/payments", {"amount": rub(MOST)})
        assert won["status"] == "won"
    await consumption.settle()
    assert await consumption.dead_letters() == before
    for user in (office.anna, office.head):
        (held,) = (await user.see("/vip"))["items"]
        assert held["receipts"] == money(2 * LARGEST)
    statement = await office.anna.see("/motivation/statement")
    assert statement["total"] == money(4 * LARGEST)
    assert (await office.anna.see("/desk"))["pay"]["total"] == money(4 * LARGEST)
    assert (await office.accountant.see("/motivation/wins-without-pay"))["items"] == []


amounts = st.one_of(
    st.sampled_from([LARGEST, Decimal("0.01")]),
    st.decimals(Decimal("0.01"), LARGEST, places=2, allow_nan=False),
)
texts = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(
    [
        "\u202e\u200b",
        "\ufeff",
        "\uffff",
        "👩‍👩‍👧‍👦" * 20,
        "İ" * 100,
        "x" * 4000,
        "'; DROP TABLE",
        "{}[]\\",
    ]
)
days = st.dates(date(1999, 12, 31), date(2100, 1, 1))
moments = st.integers(-86_400, 101 * 366 * 86_400).map(
    lambda seconds: EARLIEST + timedelta(seconds=seconds)
) | st.sampled_from([EARLIEST, LATEST - timedelta(microseconds=1)])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("invoices"), st.fixed_dictionaries({"amount": amounts, "due_on": days})),
        st.tuples(st.just("payments"), st.fixed_dictionaries({"amount": amounts})),
        st.tuples(
            st.just("payments"),
            st.fixed_dictionaries({"amount": amounts, "paid_at": moments, "external_id": texts}),
        ),
        st.tuples(st.just("refunds"), st.fixed_dictionaries({"amount": amounts, "reason": texts})),
        st.tuples(
            st.just("interactions"),
            st.fixed_dictionaries(
                {
                    "kind": st.just("call"),
                    "note": texts,
                    "next_step": st.fixed_dictionaries({"what": texts, "due_at": moments}),
                }
            ),
        ),
        st.tuples(st.just("shipments"), st.fixed_dictionaries({"shipped_on": days, "note": texts})),
        st.tuples(
            st.just("documents"),
            st.fixed_dictionaries({"state": st.just("signed"), "on": days, "number": texts}),
        ),
        st.tuples(st.just("reopen"), st.just({})),
        st.tuples(st.just("lose"), st.fixed_dictionaries({"reason": texts})),
    ),
    min_size=2,
    max_size=10,
)


def _body(values: dict[str, Any]) -> dict[str, Any]:
    """A body of hypothesis's values."""
    body: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Decimal):
            body[name] = money(value)
        elif isinstance(value, dict):
            body[name] = _body(value)
        else:
            body[name] = value.isoformat() if isinstance(value, date) else value
    return body


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    name=texts,
    price=amounts,
    quantity=st.sampled_from([1, 3, 100_000]),
    moves=steps,
    adjustment=amounts,
)
async def test_whatever_the_api_accepts_every_consumer_takes_in(
    office: Office,
    consumption: Consumption,
    name: str,
    price: Decimal,
    quantity: int,
    moves: list[tuple[str, dict[str, Any]]],
    adjustment: Decimal,
) -> None:
    before = await consumption.dead_letters()
    client = {**office.stranger(), "name": name}
    lines = [{"product_id": office.products["goods"], "quantity": quantity, "price": money(price)}]
    order = office.order(take=True, client=client) | {"products": lines, "note": name}
    registered = await office.anna.call("POST", "/activities", order)
    if registered.status == 422:
        order["client"], order["note"] = office.stranger(), None
        registered = await office.anna.call("POST", "/activities", order)
    assert registered.status == 201, registered
    vip = {"client_id": registered.body["client"]["id"], "company_id": office.companies["main"]}
    await office.anna.call("POST", "/vip", {**vip, "room_id": office.rooms["front"]})
    for noun, values in moves:
        path = f"/activities/{registered.body['id']}/{noun}"
        response = await office.anna.call("POST", path, _body(values))
        assert response.status < 500, (path, values, response)
    pay: dict[str, Any] = {"employee_id": office.anna.id, "company_id": office.companies["main"]}
    pay |= {"room_id": office.rooms["front"], "amount": money(adjustment), "reason": "премия"}
    await office.accountant.do("/motivation/adjustments", pay)
    await consumption.settle()
    assert await consumption.dead_letters() == before
    for path in ("/vip", "/desk", "/motivation/statement", f"/activities/{registered.body['id']}"):
        await office.anna.see(path)


async def test_a_zone_that_only_this_machine_knows_is_refused(office: Office) -> None:
    zones = (await office.admin.see("/time-zones"))["items"]
    assert "Europe/Moscow" in {zone["name"] for zone in zones}
    body = {"name": "ООО Пояс", "time_zone": "right/Europe/Moscow"}
    refused = await office.admin.refused("/companies", body)
    assert refused.fields == {"time_zone": "time_zone"}
