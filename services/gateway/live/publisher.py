"""Publishes changes to live connections: a Redis stream per tenant, of ids only, kept as long as
somebody may want to catch up.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from services.gateway.live.audience import Audience
from services.gateway.live.wake_ups import wake_up
from services.gateway.read_models.generations import Generations
from services.gateway.read_models.keys import stream
from services.gateway.read_models.store import Call
from shared.events import Event, PublishedEvent
from shared.events.activities import ActivityEvent, ActivityMoved
from shared.events.consents import ConsentRecorded
from shared.events.custom_fields import CustomFieldChanged, CustomValuesChanged
from shared.events.directory import (
    AbsenceChanged,
    ClientChanged,
    ClientMerged,
    CompanyChanged,
    CompanyVatChanged,
    ContactPersonChanged,
    EmployeeChanged,
    EmployeeLeft,
    LossReasonChanged,
    ProductChanged,
    RoomChanged,
    RoomDefaultsChanged,
    RoomSettingsChanged,
    SourceChanged,
    TenantChanged,
)
from shared.events.jobs import JobEvent
from shared.events.motivation import (
    DisputeEvent,
    EntryPosted,
    PlanPublished,
    StatementClosed,
    StatementEvent,
)
from shared.events.renewals import RenewalEvent
from shared.events.source_costs import SourceCostChanged
from shared.events.vip import ClientGroupChanged, VipEvent, VipReleased
from shared.ids import TenantId

STREAM_LENGTH = 20_000
"""Changes of a tenant that are kept, about."""
ACCESS_CHANGED = "access.changed"
"""A change for the gateways alone: the access of an employee with a connection."""
NOTIFICATION_CHANGED = "notification.changed"
"""A change of somebody's notifications, for nobody else."""
_PROGRESS = {"state", "done", "total", "refused"}


async def publish_live(
    generations: Generations, tenant_id: TenantId, events: Sequence[PublishedEvent]
) -> None:
    """Appends events, after they took effect.

    An event that comes again is published again: it only says what to read anew. Last of all the
    tenant's listeners are woken.
    """
    key = stream(generations.namespace, tenant_id)
    await generations.store.run(
        *(
            ("XADD", key, "MAXLEN", "~", STREAM_LENGTH, "*", *_fields(event, address))
            for event in events
            for address in addresses_of(event.event)
        ),
        wake_up(generations.namespace, tenant_id),
    )


def announcements_of_access(
    namespace: str, tenant_id: TenantId, employee_ids: Iterable[UUID]
) -> list[Call]:
    """The calls that tell every gateway whose access changed; streams have nobody as audience."""
    ids = list(employee_ids)
    return [
        *(
            _announcement(namespace, tenant_id, ACCESS_CHANGED, employee_id, "nobody", employee_id)
            for employee_id in ids
        ),
        wake_up(namespace, tenant_id, ids),
    ]


def announcements_of_notifications(
    namespace: str, tenant_id: TenantId, notifications: Iterable[tuple[UUID, UUID]]
) -> list[Call]:
    """The calls that append notifications of one person each, or that their state changed:
    employees and notifications, by id.
    """
    return [
        *(
            _announcement(namespace, tenant_id, NOTIFICATION_CHANGED, id_, "person", employee_id)
            for employee_id, id_ in notifications
        ),
        wake_up(namespace, tenant_id),
    ]


def _announcement(
    namespace: str, tenant_id: TenantId, kind: str, id_: UUID, audience: Audience, employee_id: UUID
) -> Call:
    """The call that appends a change of the gateway's own."""
    fields = {
        "kind": kind,
        "id": id_,
        "version": 1,
        "room": "",
        "audience": audience,
        "employees": employee_id,
    }
    parts = [str(part) for field in fields.items() for part in field]
    key = stream(namespace, tenant_id)
    return ("XADD", key, "MAXLEN", "~", STREAM_LENGTH, "*", *parts)


class Address(NamedTuple):
    """Whom an event concerns: the audience, and the room, employees or rooms of a client that it
    is judged by.
    """

    audience: Audience
    room: UUID | None = None
    employees: Sequence[UUID] = ()
    client_rooms: Sequence[UUID] = ()


def _fields(event: PublishedEvent, address: Address) -> list[Any]:
    """The fields of a stream entry, as `hub.change_of` reads them."""
    fields = {
        "kind": event.envelope.type,
        "id": event.envelope.subject,
        "version": event.envelope.version,
        "room": address.room or "",
        "audience": address.audience,
        "employees": ",".join(map(str, address.employees)),
    }
    if address.client_rooms:
        fields["client_rooms"] = ",".join(map(str, address.client_rooms))
    if isinstance(event.event, JobEvent):
        fields["job"] = event.event.model_dump_json(include=_PROGRESS)
    return [part for name, value in fields.items() for part in (name, str(value))]


def addresses_of(event: Event) -> list[Address]:
    """Whom an event concerns: a move also the people of the room that was left."""
    if isinstance(event, ActivityMoved):
        return [address_of(event), Address("room", event.from_room)]
    return [address_of(event)]


def address_of(event: Event) -> Address:
    """Whom an event concerns; nobody, unless it is decided here."""
    match event:
        case ActivityEvent() | RenewalEvent():
            return Address("room", event.state.room_id)
        case VipEvent():
            former = event.former if isinstance(event, VipReleased) else None
            holders = [holder for holder in (event.state.responsible_id, former) if holder]
            return Address("holder", event.state.room_id, holders)
        case EntryPosted() | DisputeEvent():
            return Address("pay", event.room_id, [event.employee_id])
        case StatementClosed() | StatementEvent():
            return Address("pay", None, [event.employee_id])
        case PlanPublished():
            return Address("room", event.room_id)
        case ClientChanged(room_ids=None):
            # Of before it was told which rooms see the client.
            return Address("staff")
        case ClientChanged() | ClientMerged() | ConsentRecorded() | ContactPersonChanged():
            return Address("client", client_rooms=event.room_ids or ())
        case CustomValuesChanged(room_ids=[]):
            return Address("staff")
        case CustomValuesChanged():
            return Address("client", client_rooms=event.room_ids)
        case SourceCostChanged():
            return Address("figures")
        case ClientGroupChanged():
            return Address("staff")
        case EmployeeChanged() | AbsenceChanged():
            return Address("staff", None, [event.employee_id])
        case EmployeeLeft():
            successors = [room.successor_id for room in event.rooms if room.successor_id]
            return Address("staff", None, [event.employee_id, *successors])
        case JobEvent():
            return Address("staff", None, [event.owner_id] if event.owner_id else [])
        case RoomChanged() | RoomSettingsChanged():
            return Address("workplace", event.room_id)
        case (
            RoomDefaultsChanged()
            | TenantChanged()
            | CompanyChanged()
            | CompanyVatChanged()
            | ProductChanged()
            | SourceChanged()
            | LossReasonChanged()
            | CustomFieldChanged()
        ):
            return Address("tenant")
    return Address("nobody")
