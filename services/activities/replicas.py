"""Replicas of what vip owns: the holders of very important clients."""

from collections.abc import Callable
from typing import Any

from services.activities.storage.tables.vips import vip_holder
from shared.events import PublishedEvent
from shared.events.vip import VipEvent
from shared.replicas import Replica


def _from_state(name: str) -> Callable[[PublishedEvent], Any]:
    def value(published: PublishedEvent) -> Any:
        event: Any = published.event
        return getattr(event.state, name)

    return value


VIP_HOLDER = Replica(
    VipEvent,
    vip_holder,
    {
        "vip_id": "vip_id",
        **{
            name: _from_state(name)
            for name in ("company_id", "client_id", "room_id", "responsible_id", "reset_due_at")
        },
    },
    owned_as="vip",
    id_column="vip_id",
)
