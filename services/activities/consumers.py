"""What activities hears: who holds a client."""

from services.activities.storage.copies import KEEP_HOLDER
from shared.db import Tx
from shared.events import VIP, Envelope
from shared.events.vip import VipFact
from shared.inbox import Facts

TOPICS = (VIP,)
facts = Facts()


@facts.on(VipFact)
async def keep_holder(tx: Tx, fact: VipFact, envelope: Envelope) -> None:
    """The next activity of a held client goes straight to the holder; the highest version wins."""
    state = fact.state
    await tx.rows(
        KEEP_HOLDER,
        company_id=state.company_id,
        client_id=state.client_id,
        vip_id=fact.vip_id,
        version=envelope.version,
        responsible_id=state.responsible_id,
        reset_due_at=state.reset_due_at,
    )
