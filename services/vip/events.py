"""From domain events to published events, nowhere else."""

from collections.abc import Mapping, Sequence

from services.vip.domain.vip import DomainEvent, RankedVip, Vip
from shared.db import Tx
from shared.events import REGISTRY
from shared.events.vip import VipState
from shared.ids import EmployeeId, VipId
from shared.money import MoneySum


def publish(
    tx: Tx, events: Sequence[DomainEvent], ranks: Mapping[VipId, RankedVip], by: EmployeeId | None
) -> None:
    """Publishes each event with the state after it.

    Validation is left out: the values come from our own rules.
    """
    for event in events:
        vip = event.after
        state = state_of(vip, ranks[vip.id].receipts)
        published = REGISTRY[event.type].build(vip_id=vip.id, by=by, state=state, **event.details)
        tx.publish(published, vip.id, vip.version)


def state_of(vip: Vip, receipts: MoneySum) -> VipState:
    """The VIP in the published language."""
    return VipState.build(
        company_id=vip.company_id,
        room_id=vip.room_id,
        client_id=vip.client_id,
        responsible_id=vip.responsible,
        kind=vip.kind,
        receipts=receipts,
        reset_due_at=vip.reset_due_at,
        head_id=vip.head_id,
    )
