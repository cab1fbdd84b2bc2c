"""From what happened in the domain to the published language."""

from collections.abc import Mapping, Sequence

from services.vip.domain.vip import DomainEvent, Ranked
from services.vip.metrics import EVENTS
from shared.db import Tx
from shared.events import REGISTRY
from shared.events.vip import VipState
from shared.ids import EmployeeId, VipId
from shared.money import Money
from shared.replicas.snapshot import Snapshot


def publish(
    tx: Tx, events: Sequence[DomainEvent], ranks: Mapping[VipId, Ranked], by: EmployeeId | None
) -> list[Snapshot]:
    """Says each fact with the state after it; gives the same as copies, for a neighbour who decides
    by them.
    """
    copies = []
    for each in events:
        state = _state(each, ranks[each.after.id].receipts)
        event = REGISTRY[each.what].of(vip_id=each.after.id, by=by, state=state, **each.details)
        tx.publish(event, each.after.id, each.after.version)
        EVENTS.labels(each.what, each.details.get("why", "")).inc()
        copies.append(Snapshot.of(event, each.after.id, each.after.version))
    return copies


def _state(each: DomainEvent, receipts: Money) -> VipState:
    """The VIP in the published language.

    Validation is left out: the values come from our own rules.
    """
    return VipState.of(
        company_id=each.after.company_id,
        room_id=each.after.room_id,
        client_id=each.after.client_id,
        responsible_id=each.after.responsible,
        kind=each.after.kind,
        receipts=receipts,
        reset_due_at=each.after.reset_due_at,
    )
