"""Bus in: activities, whose every change may change pay.

The directory's events keep the replicas, which are declared in replicas.py.
"""

from collections.abc import Sequence
from contextvars import ContextVar
from uuid import UUID

from services.motivation.handlers import activities as handlers
from services.motivation.handlers import catalogue, waiting_wins
from services.motivation.metrics import AccrualReport
from services.motivation.replicas import COMPANIES, COMPANY_VAT, PRODUCTS, REPLICAS
from services.motivation.storage import directory
from shared.bus.subscription import Batch, Subscription
from shared.db import Tx
from shared.events import ACTIVITIES, PublishedEvent
from shared.events.activities import ActivityEvent
from shared.events.directory import CompanyChanged, CompanyVatChanged, ProductChanged
from shared.ids import TenantId
from shared.isolation import is_of_element
from shared.service_context import ServiceContext

subscription = Subscription(topics=(ACTIVITIES,))
_isolated: ContextVar[bool] = ContextVar("isolated", default=False)
for replica in REPLICAS:
    subscription.on_batch(replica.event)(replica.store)


@subscription.on_batch(CompanyChanged)
async def store_companies(tx: Tx, events: Sequence[PublishedEvent]) -> None:
    """Stores companies. With another time zone one may be payable that was not."""
    await COMPANIES.store(tx, events)
    await waiting_wins.pay_changed_companies(tx, events)


@subscription.on_batch(ProductChanged)
async def store_products(tx: Tx, events: Sequence[PublishedEvent]) -> None:
    """Stores products. Where they cost something else, pay by margin follows."""
    await catalogue.store(tx, PRODUCTS, events)


@subscription.on_batch(CompanyVatChanged)
async def store_company_vat(tx: Tx, events: Sequence[PublishedEvent]) -> None:
    """Stores how companies pay value added tax. Where it changed, pay by net receipts follows."""
    await catalogue.store(tx, COMPANY_VAT, events)


@subscription.on_batch(ActivityEvent)
async def accrue_activities(tx: Tx, events: Sequence[PublishedEvent]) -> AccrualReport:
    """Stores the states of a batch's activities and posts what they earn, all together.

    One by one they would lock the statements of different sellers in the order of the events, and
    two replicas would wait for each other in a circle; together they lock in the order of ids.
    """
    return await handlers.apply_activity_events(tx, events, isolated=_isolated.get())


@subscription.process()
async def apply_directory_before_pay(context: ServiceContext, batch: Batch) -> None:
    """Applies the directory's events and then those of activities, each in one transaction.

    In between, employees to be paid who have no replica are fetched: payroll needs the personnel
    number in the entry itself. An owner that is away holds up nobody's pay.
    """
    directory_events, activity_events = _split(batch.events)
    await batch.apply(directory_events)
    if not activity_events:
        return
    if paid := handlers.paid_employees(activity_events):
        await _fetch_missing(context, batch.tenant_id, paid)
    for report in await _accrue(batch, activity_events):
        context.metrics.count(report)


async def _accrue(batch: Batch, events: Sequence[PublishedEvent]) -> list[AccrualReport]:
    """Applies the events of activities; once more in isolation where the pay of one of them fails
    for good. A win without pay is stored with the reason instead of becoming a dead letter.
    """
    try:
        return await batch.apply(events)
    except Exception as failure:
        if not is_of_element(failure):
            raise
    token = _isolated.set(True)
    try:
        return await batch.apply(events)
    finally:
        _isolated.reset(token)


async def _fetch_missing(context: ServiceContext, tenant_id: TenantId, paid: set[UUID]) -> None:
    assert context.replicas
    await context.replicas.run(
        tenant_id,
        lambda: context.database.begin_for(tenant_id),
        lambda tx: directory.require_employees(tx, paid),
        without_owner=True,
    )


def _split(events: Sequence[PublishedEvent]) -> tuple[list[PublishedEvent], list[PublishedEvent]]:
    """The events of the directory, and those of activities."""
    of_activities = [event for event in events if isinstance(event.event, ActivityEvent)]
    of_directory = [event for event in events if not isinstance(event.event, ActivityEvent)]
    return of_directory, of_activities
