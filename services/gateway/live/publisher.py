"""Facts told to live connections: a Redis stream per tenant, of ids only, so long as somebody may
want to catch up.
"""

from collections.abc import Sequence
from typing import Any

from services.gateway.read_models.generations import Generations
from services.gateway.read_models.keys import stream
from shared.events import Event, PublishedEvent
from shared.events.activities import ActivityEvent
from shared.events.directory import EmployeeChanged
from shared.events.motivation import EntryPosted, StatementClosed
from shared.events.vip import VipEvent, VipReleased
from shared.ids import TenantId

KEPT = 20_000


async def publish_live(
    generations: Generations, tenant_id: TenantId, facts: Sequence[PublishedEvent]
) -> None:
    """Appends facts, after they took effect.

    A fact that comes again is told again: it only says what to read anew.
    """
    key = stream(generations.namespace, tenant_id)
    await generations.store.run(
        *(("XADD", key, "MAXLEN", "~", KEPT, "*", *_fields(fact)) for fact in facts)
    )


def _fields(fact: PublishedEvent) -> list[Any]:
    room, audience, whom = addressed(fact.event)
    envelope = fact.envelope
    told = {
        "kind": envelope.type,
        "id": envelope.subject,
        "version": envelope.version,
        "room": room,
        "audience": audience,
        "whom": whom,
    }
    return [part for name, value in told.items() for part in (name, str(value))]


def addressed(event: Event) -> tuple[str, str, str]:
    """Room, audience and the employees concerned: `room` is for all who see it, `holder` and `pay`
    for whom they concern.
    """
    match event:
        case ActivityEvent():
            return str(event.state.room_id), "room", ""
        case VipEvent():
            former = event.former if isinstance(event, VipReleased) else None
            whom = ",".join(str(who) for who in (event.state.responsible_id, former) if who)
            return str(event.state.room_id), "holder", whom
        case EntryPosted() | StatementClosed():
            return "", "pay", str(event.employee_id)
        case EmployeeChanged():
            return "", "staff", str(event.employee_id)
    return "", "tenant", ""
