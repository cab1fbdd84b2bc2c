"""Publishes changes to live connections: a Redis stream per tenant, of ids only, kept as long as
somebody may want to catch up.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.gateway.read_models.generations import Generations
from services.gateway.read_models.keys import stream
from services.gateway.read_models.store import Call
from shared.events import Event, PublishedEvent
from shared.events.activities import ActivityEvent
from shared.events.directory import EmployeeChanged
from shared.events.jobs import JobEvent
from shared.events.motivation import EntryPosted, StatementClosed
from shared.events.vip import VipEvent, VipReleased
from shared.ids import TenantId

STREAM_LENGTH = 20_000
"""Changes of a tenant that are kept, about."""
ACCESS_CHANGED = "access.changed"
"""A change for the gateways alone: of whom a connection may belong to."""
_PROGRESS = {"state", "done", "total", "refused"}


async def publish_live(
    generations: Generations, tenant_id: TenantId, events: Sequence[PublishedEvent]
) -> None:
    """Appends events, after they took effect.

    An event that comes again is published again: it only says what to read anew.
    """
    key = stream(generations.namespace, tenant_id)
    await generations.store.run(
        *(("XADD", key, "MAXLEN", "~", STREAM_LENGTH, "*", *_fields(event)) for event in events)
    )


def announcement_of_access(namespace: str, tenant_id: TenantId, employee_id: UUID) -> Call:
    """The call that appends a change of an employee's access; nobody is its audience."""
    fields = {
        "kind": ACCESS_CHANGED,
        "id": employee_id,
        "version": 1,
        "room": "",
        "audience": "nobody",
        "whom": employee_id,
    }
    parts = [str(part) for field in fields.items() for part in field]
    key = stream(namespace, tenant_id)
    return ("XADD", key, "MAXLEN", "~", STREAM_LENGTH, "*", *parts)


def _fields(event: PublishedEvent) -> list[Any]:
    """The fields of a stream entry, as `hub.change_of` reads them."""
    room, audience, whom = address(event.event)
    fields = {
        "kind": event.envelope.type,
        "id": event.envelope.subject,
        "version": event.envelope.version,
        "room": room,
        "audience": audience,
        "whom": whom,
    }
    if isinstance(event.event, JobEvent):
        fields["job"] = event.event.model_dump_json(include=_PROGRESS)
    return [part for name, value in fields.items() for part in (name, str(value))]


def address(event: Event) -> tuple[str, str, str]:
    """The room, the audience and the employees whom an event concerns.

    Audience `room` is all who see the room; `holder`, `pay` and `staff` are those employees, and
    who oversees them.
    """
    match event:
        case ActivityEvent():
            return str(event.state.room_id), "room", ""
        case VipEvent():
            former = event.former if isinstance(event, VipReleased) else None
            holders = [holder for holder in (event.state.responsible_id, former) if holder]
            return str(event.state.room_id), "holder", ",".join(map(str, holders))
        case EntryPosted() | StatementClosed():
            return "", "pay", str(event.employee_id)
        case EmployeeChanged():
            return "", "staff", str(event.employee_id)
        case JobEvent():
            return "", "staff", str(event.owner_id or "")
    return "", "tenant", ""
