"""What the events of others mean to people here."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from services.gateway.domain.agenda import Workload
from services.gateway.domain.notices import Notice, RoomNotice
from services.gateway.domain.notifying import BUNDLED_FOR
from shared.events import Envelope, Event
from shared.events.activities import (
    ActivityEvent,
    ActivityHandedOver,
    ActivityMoved,
    ActivityRegistered,
    ActivityReleased,
    ActivityReopened,
    ActivityReset,
    ActivityResetWarned,
    ActivitySplitAccepted,
    ActivitySplitDeclined,
    ActivitySplitProposed,
    ActivityTaken,
    ActivityUntouched,
)
from shared.events.chain import PaymentReceived, WinReversed
from shared.events.motivation import DisputeAnswered, DisputeResolved, EntryPosted
from shared.events.vip import VipClaimed, VipKindChanged, VipReleased, VipResetWarned
from shared.vocabulary import NotificationKind

STATE_FIELDS = frozenset(
    {
        "company_id",
        "room_id",
        "responsible_id",
        "status",
        "next_step_due_at",
        "due_invoices",
    }
)
"""What is used of an activity's state: nothing else of it is parsed."""
ARRIVALS = (
    ActivityRegistered,
    ActivityReleased,
    ActivityReset,
    ActivityReopened,
    ActivityMoved,
    WinReversed,
)
"""Events after which an activity that is free is new in its room's pool."""
ASSIGNMENTS = (
    ActivityRegistered,
    ActivityTaken,
    ActivityMoved,
    ActivityHandedOver,
    ActivityReopened,
)
"""Events by which an activity may come to somebody who did not take it."""
OWN_CHOICE = frozenset({"released", "merged", "grouped"})
"""Why a VIP is free without anybody taking it away."""


def workload_of(event: ActivityEvent, envelope: Envelope) -> Workload:
    """An activity after an event."""
    state = event.state
    return Workload(
        event.activity_id,
        envelope.version,
        state.room_id,
        state.company_id,
        state.status,
        state.responsible_id,
        state.next_step_due_at,
        {invoice.invoice_id: invoice.due_on for invoice in state.due_invoices or ()},
    )


def notices_of(event: Event, envelope: Envelope, former: UUID | None) -> list[Notice]:
    """Whom an event concerns besides who did it; `former` was responsible before an activity's."""
    return [
        notice
        for notice in _notices(event, envelope, former)
        if notice.employee_id != getattr(event, "by", None)
    ]


def _notices(event: Event, envelope: Envelope, former: UUID | None) -> Iterator[Notice]:
    match event:
        case ActivityEvent():
            yield from _of_activity(event, envelope, former)
        case VipReleased() if event.why not in OWN_CHOICE:
            yield _notice(event.former, "taken_away", envelope, event.state)
        case VipClaimed():
            yield _notice(event.responsible, "assigned", envelope, event.state)
        case VipKindChanged():
            yield _notice(event.responsible, "vip_moved", envelope, event.state)
        case VipResetWarned():
            responsible, due_at = event.responsible, event.due_at
            yield _notice(responsible, "reset_warning", envelope, event.state, moment=due_at)
        case DisputeAnswered() | DisputeResolved():
            yield Notice(
                event.employee_id,
                "dispute_answered",
                event.dispute_id,
                envelope.time,
                envelope.time,
                envelope.time,
                None,
                None,
                event.company_id,
            )
        case EntryPosted():
            yield Notice(
                event.employee_id,
                "accrual",
                event.entry_id,
                event.posted_at,
                envelope.time,
                envelope.time,
                event.activity_id,
                None,
                event.company_id,
            )


def _of_activity(event: ActivityEvent, envelope: Envelope, former: UUID | None) -> Iterator[Notice]:
    responsible, state, id_ = event.state.responsible_id, event.state, event.activity_id
    if former is not None and former != responsible and state.status in ("free", "in_work"):
        yield _notice(former, "taken_away", envelope, state, id_)
    if responsible is not None and responsible != former and isinstance(event, ASSIGNMENTS):
        yield _notice(responsible, "assigned", envelope, state, id_)
    match event:
        case ActivityResetWarned():
            yield _notice(event.responsible, "reset_warning", envelope, state, id_, event.due_at)
        case ActivityUntouched(escalated=False) if event.responsible:
            yield _notice(event.responsible, "untouched", envelope, state, id_, event.since)
        case ActivitySplitProposed():
            for asked in event.asked:
                yield _notice(asked, "split_proposed", envelope, state, id_)
        case ActivitySplitAccepted() if responsible:
            yield _notice(responsible, "split_answered", envelope, state, id_)
        case ActivitySplitDeclined():
            yield _notice(event.proposed_by, "split_answered", envelope, state, id_)
        case PaymentReceived() if responsible:
            yield _notice(responsible, "payment", envelope, state, id_, subject_id=event.payment_id)


def _notice(
    employee_id: UUID,
    kind: NotificationKind,
    envelope: Envelope,
    state: Any,
    activity_id: UUID | None = None,
    moment: datetime | None = None,
    subject_id: UUID | None = None,
) -> Notice:
    """Of the event's subject and moment unless others are given."""
    return Notice(
        employee_id,
        kind,
        subject_id or envelope.subject,
        moment or envelope.time,
        envelope.time,
        envelope.time,
        activity_id,
        state.room_id,
        state.company_id,
    )


def room_notices_of(event: Event, envelope: Envelope) -> list[RoomNotice]:
    """What of an event concerns the people of a room."""
    at = envelope.time
    match event:
        case ActivityUntouched(escalated=True):
            return [_room_notice("untouched", event, event.since, at, at)]
        case ActivityEvent() if isinstance(event, ARRIVALS) and event.state.status == "free":
            return [_room_notice("pool", event, at, at + BUNDLED_FOR, at)]
    return []


def _room_notice(
    kind: NotificationKind,
    event: ActivityEvent,
    moment: datetime,
    due_at: datetime,
    happened_at: datetime,
) -> RoomNotice:
    state = event.state
    return RoomNotice(
        kind, event.activity_id, moment, state.room_id, state.company_id, due_at, happened_at
    )
