"""Subscriptions: one handler for each event, and it runs however the event came."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from shared.bus.subscription import Subscription
from shared.context import causation, correlation
from shared.db import Tx
from shared.events import ACTIVITIES, Envelope, Event, PublishedEvent
from shared.events.activities import ActivityEvent
from shared.events.directory import (
    CompanyChanged,
    EmployeeChanged,
    RoomChanged,
    TenantChanged,
)
from shared.ids import CompanyId, EmployeeId, RoomId, TenantId, new_id

TX = cast("Tx", None)


def published(event: Event) -> PublishedEvent:
    envelope = Envelope(
        new_id(), event.type, TenantId(new_id()), new_id(), 1, datetime.now(UTC), "trace"
    )
    return PublishedEvent(envelope, event)


def company() -> PublishedEvent:
    return published(
        CompanyChanged(
            company_id=CompanyId(new_id()), name="Лес", time_zone="Europe/Moscow", currency="RUB"
        )
    )


def room() -> PublishedEvent:
    return published(RoomChanged(room_id=RoomId(new_id()), name="A", company_ids=[]))


def employee() -> PublishedEvent:
    return published(
        EmployeeChanged(
            employee_id=EmployeeId(new_id()),
            roles=["seller"],
            room_ids=[],
            personnel_number="1",
            active=True,
        )
    )


class Recorder:
    """A subscription whose handlers record their calls, in order."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[Any]]] = []
        self.causes: list[tuple[str, str]] = []
        self.subscription = Subscription((ACTIVITIES,))
        self.subscription.on(CompanyChanged)(self.update_company)
        self.subscription.on_batch(RoomChanged, EmployeeChanged)(self.update_others)

    async def update_company(self, _: Tx, event: CompanyChanged, envelope: Envelope) -> None:
        self.calls.append(("company", [event]))
        self.causes.append((causation.get(), correlation.get()))

    async def update_others(self, _: Tx, events: Sequence[PublishedEvent]) -> int:
        self.calls.append(("others", [event.event for event in events]))
        self.causes.append((causation.get(), correlation.get()))
        return len(events)


async def test_single_handlers_run_first_and_batches_keep_their_order() -> None:
    recorder = Recorder()
    events = [room(), company(), employee(), company()]
    results = await recorder.subscription.apply(TX, events)
    assert recorder.calls == [
        ("company", [events[1].event]),
        ("company", [events[3].event]),
        ("others", [events[0].event, events[2].event]),
    ]
    assert results == [2]


async def test_a_dispatched_snapshot_runs_the_same_handlers() -> None:
    recorder = Recorder()
    first, second = company(), room()
    await recorder.subscription.dispatch(TX, first)
    await recorder.subscription.dispatch(TX, second)
    assert recorder.calls == [("company", [first.event]), ("others", [second.event])]


async def test_a_single_handler_knows_its_cause_and_a_batch_has_none() -> None:
    recorder = Recorder()
    events = [company(), room()]
    await recorder.subscription.apply(TX, events)
    assert recorder.causes == [(str(events[0].envelope.id), "trace"), ("", "")]


def test_a_base_class_stands_for_every_event_below_it() -> None:
    subscription = Subscription((ACTIVITIES,))

    @subscription.on(ActivityEvent)
    async def update(tx: Tx, event: ActivityEvent, envelope: Envelope) -> None: ...

    assert subscription.handles("activity.taken") and subscription.handles("activity.won")
    assert not subscription.handles("company.changed")


def test_an_event_has_one_handler() -> None:
    subscription = Recorder().subscription

    with pytest.raises(ValueError, match=r"company\.changed has a handler already"):
        subscription.on_batch(CompanyChanged)(Recorder().update_others)


def test_what_a_process_applies_itself_is_handled_but_has_no_handler() -> None:
    subscription = Recorder().subscription

    @subscription.process(TenantChanged)
    async def project(context: Any, batch: Any) -> None: ...

    assert subscription.handles(TenantChanged.type)
    assert not subscription.has_handler(TenantChanged.type)
    assert subscription.types == [
        "company.changed",
        "employee.changed",
        "room.changed",
        "tenant.changed",
    ]
