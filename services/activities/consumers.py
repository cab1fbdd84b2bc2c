"""Bus in: who holds a client."""

from collections.abc import Sequence
from uuid import UUID

from services.activities.storage.replicas import KEEP_HOLDER
from shared.bus.subscription import Subscription
from shared.db import Tx
from shared.events import VIP, PublishedEvent
from shared.events.vip import VipEvent

subscription = Subscription(topics=(VIP,))


@subscription.on_batch(VipEvent)
async def keep_holders(tx: Tx, events: Sequence[PublishedEvent]) -> None:
    """The next activity of a held client goes straight to the holder; the highest version wins."""
    latest: dict[UUID, PublishedEvent] = {}
    for event in events:
        kept = latest.get(event.envelope.subject)
        if kept is None or kept.envelope.version < event.envelope.version:
            latest[event.envelope.subject] = event
    # Two replicas that write the same rows in different orders would wait for each other in a
    # circle.
    await tx.each(KEEP_HOLDER, [_holder(latest[vip_id]) for vip_id in sorted(latest)])


def _holder(event: PublishedEvent) -> dict[str, object]:
    assert isinstance(event.event, VipEvent)
    state = event.event.state
    return {
        "company_id": state.company_id,
        "client_id": state.client_id,
        "vip_id": event.event.vip_id,
        "version": event.envelope.version,
        "responsible_id": state.responsible_id,
        "reset_due_at": state.reset_due_at,
    }
