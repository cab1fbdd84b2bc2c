"""Bus in: replicas of the directory, and what changes pay."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from services.motivation.handlers.settling import Settled, take_in
from services.motivation.metrics import MotivationMetrics
from services.motivation.replicas import Directory
from services.motivation.storage import directory
from shared.bus.subscription import Batch, Subscription
from shared.db import Database, Tx
from shared.errors import Unavailable
from shared.events import ACTIVITIES, Envelope, PublishedEvent
from shared.events.activities import ActivityEvent
from shared.events.directory import CompanyChanged, EmployeeChanged, RoomChanged, TenantChanged
from shared.ids import TenantId

log = structlog.get_logger()

subscription = Subscription(topics=(ACTIVITIES,))


@dataclass(frozen=True, slots=True)
class PayContext:
    """What the subscription works with."""

    database: Database
    directory: Directory
    metrics: MotivationMetrics
    replicas: None = None


@subscription.on(TenantChanged)
async def update_tenant(tx: Tx, event: TenantChanged, envelope: Envelope) -> None:
    await directory.keep_tenant(tx, event, envelope.version)


@subscription.on(CompanyChanged)
async def update_company(tx: Tx, event: CompanyChanged, envelope: Envelope) -> None:
    await directory.keep_company(tx, event, envelope.version)


@subscription.on(RoomChanged)
async def update_room(tx: Tx, event: RoomChanged, envelope: Envelope) -> None:
    await directory.keep_room(tx, event, envelope.version)


@subscription.on(EmployeeChanged)
async def update_employee(tx: Tx, event: EmployeeChanged, envelope: Envelope) -> None:
    await directory.keep_employee(tx, event, envelope.version)


@subscription.on_batch(ActivityEvent)
async def settle_activities(tx: Tx, events: Sequence[PublishedEvent]) -> Settled:
    """Posts what the activities of a batch earn, all together.

    One by one they would lock the statements of different sellers in the order of the events, and
    two replicas would wait for each other in a circle; together they lock in the order of ids.
    """
    return await take_in(tx, [_typed(event) for event in events])


@subscription.process()
async def apply_directory_then_pay(context: PayContext, batch: Batch) -> None:
    """The directory's events and then those of activities, each in one transaction; between them
    the employees to be paid who are missing are fetched.
    """
    activities = [event for event in batch.events if isinstance(event.event, ActivityEvent)]
    await batch.apply([e for e in batch.events if not isinstance(e.event, ActivityEvent)])
    if activities:
        await _fetch_paid_employees(context.directory, batch.tenant_id, activities)
        for settled in await batch.apply(activities):
            context.metrics.count(settled)


async def _fetch_paid_employees(
    employees: Directory, tenant_id: TenantId, events: Sequence[PublishedEvent]
) -> None:
    """Payroll needs the personnel number on the line itself.

    An owner who does not answer holds up nobody's pay.
    """
    states = [state for event in events if (state := _typed(event)[0].state).status == "won"]
    paid: set[UUID] = {share.employee_id for state in states for share in state.shares}
    paid |= {state.responsible_id for state in states if state.responsible_id}
    if not paid:
        return
    for employee_id in sorted(await employees.unknown_employees(tenant_id, paid)):
        try:
            await employees.learn(tenant_id, "employee", employee_id)
        except Unavailable:
            log.warning("fetch_failed", kind="employee", employee_id=str(employee_id))


def _typed(event: PublishedEvent) -> tuple[ActivityEvent, Envelope]:
    assert isinstance(event.event, ActivityEvent)
    return event.event, event.envelope
