"""Bus in: who holds a very important client."""

from collections.abc import Sequence

from services.activities.replicas import VIP_HOLDER
from shared.bus.subscription import Subscription
from shared.db import Tx
from shared.events import VIP, PublishedEvent
from shared.events.vip import VipEvent

subscription = Subscription(topics=(VIP,))


@subscription.on_batch(VipEvent)
async def keep_holders(tx: Tx, events: Sequence[PublishedEvent]) -> None:
    """Stores who holds each client now: the client's next activity goes straight to them."""
    await VIP_HOLDER.store(tx, events)
