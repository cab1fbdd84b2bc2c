"""Whatever the API accepts, every consumer takes in: several activities of a client, every command
on them by whoever may give it, sums up to the largest.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.gateway.edge.routes import COMMANDS
from shared.clock import EARLIEST, LATEST
from shared.money import LARGEST
from tests.e2e.office import Office
from tests.support.client import User
from tests.support.consumption import Consumption
from tests.support.money import rub

WHOLE = {"kind": "percent_of_receipts", "percent": "100.00"}
PATH = "/activities/{activity_id}/"

amounts = st.sampled_from([LARGEST, LARGEST / 2, Decimal("0.01")]) | st.decimals(
    Decimal("0.01"), LARGEST, places=2, allow_nan=False
)
money = amounts.map(lambda amount: rub(f"{amount:.2f}"))
strange = ["\u202e\u200b", "\ufeff", "\uffff", "İ" * 100, "x" * 4000, "'; DROP TABLE", "{}[]\\"]
texts = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(strange)
days = st.dates(date(1999, 12, 31), date(2100, 1, 1)).map(date.isoformat)
moments = (
    st.integers(-86_400, 101 * 366 * 86_400).map(
        lambda seconds: EARLIEST + timedelta(seconds=seconds)
    )
    | st.sampled_from([EARLIEST, LATEST - timedelta(microseconds=1)])
).map(lambda moment: moment.isoformat())
people = st.sampled_from(["@anna", "@boris", "@vera", None])
lines = st.lists(
    st.fixed_dictionaries(
        {
            "product_id": st.sampled_from(["@plain", "@odd", "@goods"]),
            "quantity": st.sampled_from([1, 3, 100_000]),
            "price": money,
        }
    ),
    min_size=1,
    max_size=3,
)


def body(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(fields)


BODIES: Mapping[str, st.SearchStrategy[dict[str, Any]]] = {
    "POST take": body(),
    "POST release": body(reason=texts),
    "POST assign": body(employee_id=people),
    "POST move": body(
        room_id=st.sampled_from(["@front", "@back"]), reason=texts, employee_id=people
    ),
    "POST interactions": body(
        kind=st.sampled_from(["call", "meeting", "note"]),
        note=texts,
        next_step=st.none() | body(what=texts, due_at=moments),
    ),
    "PUT order": body(products=lines),
    "POST invoices": body(amount=money, due_on=days) | body(amount=money, number=texts),
    "POST invoices/{invoice_id}/cancel": body(reason=texts),
    "POST payments": body(amount=money) | body(amount=money, paid_at=moments, external_id=texts),
    "POST payments/{payment_id}/confirm": body(),
    "POST payments/{payment_id}/strike": body(reason=texts),
    "POST refunds": body(amount=money, reason=texts),
    "POST shipments": body(shipped_on=days, note=texts),
    "POST documents": body(
        state=st.sampled_from(["sent", "signed", "returned"]), on=days, number=texts
    ),
    "POST lose": body(reason=texts),
    "POST reopen": body(),
    "POST split": body(
        shares=st.just(
            [{"employee_id": "@anna", "share": "0.5"}, {"employee_id": "@boris", "share": "0.5"}]
        )
    ),
    "POST split/{proposal_id}/accept": body(),
    "POST split/{proposal_id}/decline": body(),
    "POST win": body(),
    "POST source": body(source_id=st.sampled_from(["@cold", "@inbound"]), reason=texts),
}
GIVEN_BY = {
    "POST assign": "head",
    "POST win": "head",
    "POST split/{proposal_id}/accept": "boris",
    "POST reopen": "head",
    "POST move": "admin",
    "POST source": "admin",
    "POST payments/{payment_id}/confirm": "accountant",
    "POST payments/{payment_id}/strike": "accountant",
    "POST refunds": "accountant",
}
"""Who gives a command that is not the responsible's."""
commands = st.sampled_from(sorted(BODIES)).flatmap(
    lambda command: st.tuples(st.integers(0, 2), st.just(command), BODIES[command])
)


def test_every_command_on_an_activity_is_tried() -> None:
    ours = {command.replace(" ", f" {PATH}", 1) for command in BODIES}
    assert ours == {command for command in COMMANDS if f" {PATH}" in command}


@pytest_asyncio.fixture(scope="module")
async def paying(office: Office) -> Office:
    """An office in which all that comes in is pay."""
    await office.publish_plan([WHOLE])
    return office


class Trade:
    """Three activities of one client, and what is known of each."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.views: list[dict[str, Any]] = []

    async def begin(self, name: str, orders: list[list[dict[str, Any]]]) -> None:
        """Registers the activities, the client by its name if that is one."""
        office = self.office
        response = await office.anna.call("POST", "/clients", {**office.stranger(), "name": name})
        if response.status == 422:
            response = await office.anna.call("POST", "/clients", office.stranger())
        assert response.status == 201, response
        vip = {"client_id": response.body["id"], "company_id": office.companies["main"]}
        await office.anna.call("POST", "/vip", {**vip, "room_id": office.rooms["front"]})
        for order in orders:
            known = office.order(client_id=response.body["id"], take=True)
            priced = {**known, "products": self._named(order)}
            registered = await office.anna.call("POST", "/activities", priced)
            assert registered.status in (201, 422), registered
            if registered.status == 422:
                registered = await office.anna.call("POST", "/activities", known)
            self.views.append(registered.body)

    async def step(self, number: int, command: str, values: dict[str, Any]) -> None:
        """A command on one of the activities; whatever is refused changes nothing."""
        view = self.views[number]
        method, _, noun = command.partition(" ")
        for kind, listed in (("{invoice_id}", "invoices"), ("{payment_id}", "payments")):
            if kind in noun:
                seen = await self.office.admin.see(f"/activities/{view['id']}")
                things = seen[listed]
                if not things:
                    return
                noun = noun.replace(kind, things[-1]["id"])
        if "{proposal_id}" in noun:
            proposal = (await self.office.admin.see(f"/activities/{view['id']}"))["split_proposal"]
            if proposal is None:
                return
            noun = noun.replace("{proposal_id}", proposal["id"])
        path = f"/activities/{view['id']}/{noun}"
        response = await self._giver(view, command).call(method, path, self._named(values))
        assert response.status < 500, (path, values, response)
        if response.status < 300:
            self.views[number] |= response.body

    def _giver(self, view: Mapping[str, Any], command: str) -> User:
        """The responsible, where the command is nobody else's."""
        people = self.office.people
        if role := GIVEN_BY.get(command):
            return people[role]
        by_id = {person.id: person for person in people.values()}
        return by_id.get(view.get("responsible_id") or "", people["anna"])

    def _named(self, value: Any) -> Any:
        """The value with ids in place of `@names`."""
        office = self.office
        if isinstance(value, dict):
            return {key: self._named(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._named(item) for item in value]
        if isinstance(value, str) and value.startswith("@"):
            people = {name: person.id for name, person in office.people.items()}
            return {**office.sources, **office.products, **office.rooms, **people}.get(
                value[1:], value
            )
        return value


@settings(
    max_examples=12,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(
    name=texts,
    orders=st.lists(lines, min_size=3, max_size=3),
    steps=st.lists(commands, min_size=6, max_size=14),
    adjustment=money,
)
async def test_whatever_the_api_accepts_every_consumer_takes_in(
    paying: Office,
    consumption: Consumption,
    name: str,
    orders: list[list[dict[str, Any]]],
    steps: list[tuple[int, str, dict[str, Any]]],
    adjustment: dict[str, str],
) -> None:
    office, trade = paying, Trade(paying)
    before = await consumption.dead_letters()
    await trade.begin(name, orders)
    # Money on each, so that sums over activities grow beyond what one may have.
    for number in range(3):
        await trade.step(number, "POST payments", {"amount": rub(f"{LARGEST}")})
    for step in steps:
        await trade.step(*step)
    pay: dict[str, Any] = {"employee_id": office.anna.id, "company_id": office.companies["main"]}
    pay |= {"room_id": office.rooms["front"], "amount": adjustment, "reason": "премия"}
    await office.accountant.do("/motivation/adjustments", pay)
    await consumption.settle()
    assert await consumption.dead_letters() == before
    for path in ("/vip", "/desk", "/motivation/statement"):
        await office.anna.see(path)
    for view in trade.views:
        await office.admin.see(f"/activities/{view['id']}")
    unpaid = (await office.accountant.see("/motivation/wins-without-pay"))["items"]
    assert {item["cause"] for item in unpaid} <= {"not_accrued"}
