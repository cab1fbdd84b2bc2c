"""What activities hears: who holds a client."""

from collections.abc import Sequence
from uuid import UUID

from services.activities.storage.copies import KEEP_HOLDER
from shared.db import Database, Tx
from shared.events import VIP, Envelope, Fact
from shared.events.vip import VipFact
from shared.ids import TenantId
from shared.inbox import Facts, Inbox, fresh

TOPICS = (VIP,)
facts = Facts()


@facts.on(VipFact)
async def keep_holder(tx: Tx, fact: VipFact, envelope: Envelope) -> None:
    """The next activity of a held client goes straight to the holder; the highest version wins."""
    await _keep(tx, [(fact, envelope.version)])


class HolderInbox(Inbox):
    """The inbox, except that a batch's facts are kept together: the last of each VIP says all."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, facts)

    async def apply(self, tenant_id: TenantId, facts: Sequence[Fact]) -> None:
        async with self._database.begin_for(tenant_id) as tx:
            latest: dict[UUID, tuple[VipFact, int]] = {}
            for fact in await fresh(tx, facts):
                assert isinstance(fact.event, VipFact)
                known = latest.get(fact.event.vip_id)
                if known is None or known[1] < fact.envelope.version:
                    latest[fact.event.vip_id] = (fact.event, fact.envelope.version)
            # Two replicas that write the same rows in different orders would wait for each other in
            # a circle.
            await _keep(tx, [latest[vip_id] for vip_id in sorted(latest)])


async def _keep(tx: Tx, told: Sequence[tuple[VipFact, int]]) -> None:
    await tx.each(
        KEEP_HOLDER,
        [
            {
                "company_id": fact.state.company_id,
                "client_id": fact.state.client_id,
                "vip_id": fact.vip_id,
                "version": version,
                "responsible_id": fact.state.responsible_id,
                "reset_due_at": fact.state.reset_due_at,
            }
            for fact, version in told
        ],
    )
