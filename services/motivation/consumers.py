"""Bus in: activities, whose every change may change pay, and what payroll answers.

The directory's events keep the replicas, which are declared in replicas.py.
"""

from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from services.motivation.domain.payouts import PayoutLine
from services.motivation.handlers import activities as handlers
from services.motivation.handlers import catalogue, waiting_wins
from services.motivation.handlers.payouts import RecordPayout, record_payout
from services.motivation.metrics import AccrualReport
from services.motivation.replicas import COMPANIES, COMPANY_VAT, PRODUCTS, REPLICAS
from services.motivation.storage import directory
from shared.bus.subscription import Batch, Subscription, caused_by
from shared.db import Tx
from shared.events import ACTIVITIES, INBOUND_PAYOUTS, PublishedEvent
from shared.events.activities import ActivityEvent
from shared.events.directory import CompanyChanged, CompanyVatChanged, ProductChanged
from shared.events.inbound_payouts import PayoutReported
from shared.ids import TenantId
from shared.isolation import is_of_element
from shared.service_context import ServiceContext

subscription = Subscription(topics=(ACTIVITIES, INBOUND_PAYOUTS))
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


@subscription.on_batch(PayoutReported)
async def record_payouts(tx: Tx, events: Sequence[PublishedEvent]) -> None:
    """Takes answers as `POST /motivation/payouts` does; what it would refuse is a dead letter.

    Months are locked in one order, so that two replicas don't wait for each other in a circle;
    the answers for one month stay in theirs.
    """
    for event in sorted(events, key=_month_of):
        with caused_by(event.envelope):
            await record_payout(tx, _payout(event.event), None)


@subscription.process()
async def apply_directory_before_pay(context: ServiceContext, batch: Batch) -> None:
    """Applies events of the directory and of payroll and then those of activities, each in one
    transaction.

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


def _month_of(event: PublishedEvent) -> tuple[UUID, str]:
    reported: Any = event.event
    return reported.company_id, reported.period


def _payout(event: Any) -> RecordPayout:
    lines = tuple(
        PayoutLine(line.statement_id, line.outcome, line.amount, line.reference, line.reason)
        for line in event.lines
    )
    return RecordPayout(event.payroll_id, event.company_id, event.period, lines)


def _split(events: Sequence[PublishedEvent]) -> tuple[list[PublishedEvent], list[PublishedEvent]]:
    """The events of the directory and of payroll, and those of activities."""
    of_activities = [event for event in events if isinstance(event.event, ActivityEvent)]
    of_directory = [event for event in events if not isinstance(event.event, ActivityEvent)]
    return of_directory, of_activities
