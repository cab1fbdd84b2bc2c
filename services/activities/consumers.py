"""Bus in: the holders of very important clients."""

from collections.abc import Sequence

from services.activities.replicas import VIP_HOLDER
from shared.bus.subscription import Subscription
from shared.db import Tx
from shared.events import VIP, PublishedEvent
from shared.events.vip import VipEvent

subscription = Subscription(topics=(VIP,))


@subscription.on_batch(VipEvent)
async def keep_holders(tx: Tx, events: Sequence[PublishedEvent]) -> None:
    """Stores the present holders: a held client's next activity goes straight to its holder."""
    await VIP_HOLDER.store(tx, events)
