"""Every field that integrators meet on the bus is described."""

import pytest

from shared.contracts import schemas

EVENTS = schemas.definitions()


@pytest.mark.parametrize("name", EVENTS)
def test_a_field_of_an_event_is_described(name: str) -> None:
    """Describe it in `shared/contracts/descriptions.toml`, or in the model."""
    fields = EVENTS[name].get("properties", {})
    assert [field for field, shape in fields.items() if not shape.get("description")] == []
