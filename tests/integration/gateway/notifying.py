"""Events of this moment, and what people were told of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from shared.events import REGISTRY, PublishedEvent
from tests.integration.gateway.events import COMPANY, activity_state, published
from tests.integration.gateway.tenant import Tenant
from tests.support.bus import Bus
from tests.support.wait import eventually


def event_now(
    tenant_id: UUID,
    event_type: str,
    activity_id: UUID,
    version: int,
    state: dict[str, Any],
    **fields: Any,
) -> PublishedEvent:
    """An activity's event of this moment."""
    content = {"activity_id": activity_id, "by": None, "state": state, **fields}
    made = published(tenant_id, REGISTRY[event_type].model_validate(content), activity_id, version)
    return aged(made, timedelta())


def aged(event: PublishedEvent, age: timedelta) -> PublishedEvent:
    """The event as if it had happened that long ago."""
    return replace(event, envelope=replace(event.envelope, time=datetime.now(UTC) - age))


def promised(
    tenant_id: UUID, activity_id: UUID, version: int, room: UUID, seller: UUID, at: datetime
) -> PublishedEvent:
    """A call after which the next step is due at `at`."""
    state = activity_state(room, uuid4(), COMPANY, seller, next_step_due_at=at)
    fields = {"kind": "call", "has_note": False, "by": seller}
    return event_now(tenant_id, "interaction.recorded", activity_id, version, state, **fields)


def warned(tenant_id: UUID, room: UUID, seller: UUID) -> PublishedEvent:
    """A warning of a reset, of another activity each time."""
    state = activity_state(room, uuid4(), COMPANY, seller)
    due = {"responsible": seller, "due_at": datetime.now(UTC) + timedelta(days=1)}
    return event_now(tenant_id, "activity.reset_warned", uuid4(), 1, state, **due)


async def told(tenant: Tenant, token: str, query: str = "") -> list[dict[str, Any]]:
    """What a person was told, the newest first."""
    status, body, _ = await tenant.call("GET", f"/api/v1/notifications{query}", token)
    assert status == 200, body
    return list(body["items"])


def has(tenant: Tenant, token: str, *kinds: str) -> Callable[[], Any]:
    """Whether a person was told of these kinds and no others."""

    async def check() -> bool:
        return sorted(item["kind"] for item in await told(tenant, token)) == sorted(kinds)

    return check


async def warn(tenant: Tenant, token: str, bus: Bus, room: UUID, seller: UUID) -> None:
    """Has a seller warned of a reset, and waits until they were told."""
    before = len(await told(tenant, token))
    await bus.publish([warned(tenant.id, room, seller)])

    async def came() -> bool:
        return len(await told(tenant, token)) > before

    await eventually(came)
