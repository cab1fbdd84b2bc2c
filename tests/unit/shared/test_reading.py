"""Events read for the fields that a reader uses."""

import json
import re
from pathlib import Path

import pytest

from services.vip.consumers import STATE_FIELDS, subscription
from shared.bus.subscription import Subscription
from shared.clock import EARLIEST
from shared.events import REGISTRY, Envelope, Unreadable, read_event
from shared.events.activities import ActivityEvent
from shared.events.chain import PaymentReceived
from shared.events.reading import with_state_of
from shared.ids import TenantId, new_id

ROOT = Path(__file__).parents[3]
FIELDS = frozenset({"client_id", "progress_at"})


def example(type_: str) -> dict[str, object]:
    shown = json.loads((ROOT / f"docs/events/examples/{type_}.json").read_text())
    data: dict[str, object] = shown["data"]
    return data


def envelope(type_: str) -> Envelope:
    return Envelope(new_id(), type_, TenantId(new_id()), new_id(), 1, EARLIEST)


def read(type_: str, data: object) -> object:
    value = json.dumps(data).encode()
    return read_event(envelope(type_), value, with_state_of(FIELDS))


@pytest.mark.parametrize(
    "type_", [name for name, kind in REGISTRY.items() if issubclass(kind, ActivityEvent)]
)
def test_an_event_keeps_its_own_fields_and_those_of_the_state_asked_for(type_: str) -> None:
    data = example(type_)
    event, whole = read(type_, data), REGISTRY[type_].from_json(json.dumps(data).encode())
    assert isinstance(event, ActivityEvent)
    assert isinstance(whole, ActivityEvent)
    assert isinstance(event, type(whole))
    assert event.type == type_
    own = set(type(whole).model_fields) - {"state"}
    assert event.model_dump(include=own) == whole.model_dump(include=own)
    assert event.state.model_dump() == whole.state.model_dump(include=set(FIELDS))


def test_a_field_that_is_not_asked_for_is_not_there_and_may_be_anything() -> None:
    data = example("payment.received")
    state = {**data["state"], "products": "?"}  # type: ignore[dict-item]
    event = read("payment.received", {**data, "state": state})
    assert isinstance(event, PaymentReceived)
    with pytest.raises(AttributeError):
        event.state.products  # noqa: B018


@pytest.mark.parametrize("field", ["client_id", "progress_at"])
def test_a_broken_field_that_is_asked_for_makes_the_event_unreadable(field: str) -> None:
    data = example("payment.received")
    state = {**data["state"], field: "?"}  # type: ignore[dict-item]
    with pytest.raises(Unreadable, match=f"state.{field}"):
        read("payment.received", {**data, "state": state})


def test_a_field_that_no_state_has_cannot_be_asked_for() -> None:
    with pytest.raises(KeyError):
        with_state_of(frozenset({"nonsense"}))


def test_the_registry_knows_the_whole_types_only() -> None:
    with_state_of(FIELDS)
    assert REGISTRY["payment.received"] is PaymentReceived
    assert Subscription(()).event_types is REGISTRY


def test_vip_uses_no_other_fields_of_the_state_than_it_reads() -> None:
    assert subscription.event_types is with_state_of(STATE_FIELDS)
    used = {
        name
        for path in (ROOT / "services/vip").rglob("*.py")
        for name in re.findall(r"\bstate\.(\w+)", path.read_text())
    }
    assert used == STATE_FIELDS


def test_events_of_the_directory_are_read_as_ever() -> None:
    assert with_state_of(FIELDS)["company.changed"] is REGISTRY["company.changed"]
