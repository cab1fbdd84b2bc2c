"""What is published can be read: an event is checked against its own schema as it is written."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from services.activities.events import state_of
from shared.contracts import schemas
from shared.events import REGISTRY, Event
from shared.events.activities import EmployeeShare, ProductLine
from shared.events.base import State, Unpublishable
from shared.events.bounds import bounds_of
from shared.events.chain import PaymentReceived
from shared.events.vip import VipProgressed, VipState
from shared.ids import new_id
from shared.money import LARGEST, LARGEST_SUM, Money, MoneySum
from tests.unit.activities.builders import in_work

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
amounts = st.decimals(allow_nan=True, allow_infinity=True) | st.decimals(
    -2 * LARGEST_SUM, 2 * LARGEST_SUM, places=2
)
currencies = st.sampled_from(["RUB", "EUR", "rub", "РУБ", "RUB\n", ""]) | st.text(max_size=4)


def payment(amount: Any = "1.00", currency: str = "RUB", **state: Any) -> PaymentReceived:
    """An event of values that nobody validated."""
    stored = state_of(in_work())
    return PaymentReceived.build(
        activity_id=new_id(),
        by=None,
        state=type(stored).build(**{**stored.__dict__, **state}),
        payment_id=new_id(),
        amount=Money.build(amount=Decimal(amount), currency=currency),
        invoice_id=None,
        paid_at=NOW,
        paid_on=None,
    )


def readable(event: Event) -> bool:
    """Whether a consumer takes in what would be sent."""
    try:
        value = event.__pydantic_serializer__.to_json(event, warnings=False)
        event.from_json(value)
    except (ValidationError, ValueError):
        return False
    return True


@given(amounts, currencies)
def test_what_is_published_is_what_a_consumer_reads(amount: Decimal, currency: str) -> None:
    receipts = MoneySum.build(amount=amount, currency=currency)
    vip = new_id()
    state = VipState.build(
        company_id=vip,
        room_id=vip,
        client_id=vip,
        responsible_id=None,
        kind=None,
        receipts=receipts,
        reset_due_at=None,
        head_id=None,
    )
    event = VipProgressed.build(vip_id=vip, by=None, state=state)
    try:
        published = event.to_json()
    except Unpublishable:
        assert not readable(event)
    else:
        assert VipProgressed.from_json(published).vip_id == vip


@pytest.mark.parametrize(
    ("event", "field", "rule"),
    [
        (payment(LARGEST + 1), "amount.amount", "at_most"),
        (payment("NaN"), "amount.amount", "money"),
        (payment(currency="рубль"), "amount.currency", "currency"),
        (
            payment(paid=MoneySum.build(amount=LARGEST_SUM + 1, currency="RUB")),
            "paid.amount",
            "at_most",
        ),
        (payment(status="gone"), "status", "one_of"),
        (payment(room_id="here"), "room_id", "uuid"),
        (payment(created_at=None), "created_at", "moment"),
        (payment(products=None), "products", "list"),
        (payment(paid=None), "paid", "object"),
        (payment(checklist=None), "checklist", "object"),
        (payment(how="gone"), "how", "one_of"),
    ],
)
def test_an_event_that_breaks_its_schema_is_refused_by_field(
    event: Event, field: str, rule: str
) -> None:
    with pytest.raises(Unpublishable) as refused:
        event.to_json()
    (error,) = refused.value.extra["errors"]
    assert (refused.value.status, error["field"], error["rule"]) == (422, field, rule)


def test_text_that_json_cannot_hold_is_refused() -> None:
    with pytest.raises(Unpublishable):
        payment(source_kind="\ud800").to_json()


def test_sums_are_published_above_the_limit_of_an_input() -> None:
    event = payment(paid=MoneySum.build(amount=2 * LARGEST, currency="RUB"))
    assert PaymentReceived.from_json(event.to_json()).state.paid.amount == 2 * LARGEST


class Nested(State):
    code: Annotated[str, Field(pattern="^[a-z]+$")] | None
    parts: list[Annotated[int, Field(ge=1)]]
    money: Money | None
    on: date


@pytest.mark.parametrize(
    ("values", "holds"),
    [
        ({}, True),
        ({"code": "ok"}, True),
        ({"code": "No"}, False),
        ({"parts": [1, 2]}, True),
        ({"parts": [1, 0]}, False),
        ({"money": Money.zero("RUB")}, True),
        ({"money": Money.build(amount=LARGEST + 1, currency="RUB")}, False),
    ],
)
def test_bounds_are_found_wherever_they_stand(values: dict[str, Any], holds: bool) -> None:
    nothing: dict[str, Any] = {"code": None, "parts": [], "money": None, "on": NOW.date()}
    assert bounds_of(Nested)(Nested.build(**nothing | values)) is holds


EXAMPLES = schemas.examples(Path(__file__).parents[3])


def _moneys(value: Any) -> Iterator[MoneySum]:
    """Every amount within an event."""
    if isinstance(value, MoneySum):
        yield value
    elif isinstance(value, State):
        for part in value.__dict__.values():
            yield from _moneys(part)
    elif isinstance(value, list):
        for part in value:
            yield from _moneys(part)


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_every_amount_of_every_event_is_looked_at(kind: str) -> None:
    event = REGISTRY[kind].model_validate(EXAMPLES[kind]["data"])
    assert REGISTRY[kind].from_json(event.to_json()) == event
    for money in _moneys(event):
        amount = money.amount
        object.__setattr__(money, "amount", LARGEST_SUM + 1)
        with pytest.raises(Unpublishable):
            event.to_json()
        object.__setattr__(money, "amount", amount)


def test_shares_and_lines_are_published_as_they_are() -> None:
    line = ProductLine.build(
        product_id=UUID(int=1),
        category="x" * 200,
        quantity=100_000,
        price=Money.build(amount=LARGEST, currency="RUB"),
        amount=MoneySum.build(amount=100_000 * LARGEST, currency="RUB"),
        delivered=False,
        term_months=None,
    )
    share = EmployeeShare.build(employee_id=UUID(int=2), share=Decimal("0.3333"))
    read = PaymentReceived.from_json(payment(products=[line], shares=[share]).to_json())
    assert (read.state.products, read.state.shares) == ([line], [share])
