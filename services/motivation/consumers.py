"""Bus in: copies of the directory, and what changes pay."""

from collections.abc import Sequence
from uuid import UUID

import structlog

from services.motivation.handlers.settling import Settled, take_in
from services.motivation.metrics import MotivationMetrics
from services.motivation.replicas import Directory
from services.motivation.storage import directory
from shared.db import Database, Tx
from shared.errors import Unavailable
from shared.events import Envelope, PublishedEvent
from shared.events.activities import ActivityEvent
from shared.events.directory import CompanyChanged, EmployeeChanged, RoomChanged, TenantChanged
from shared.ids import TenantId
from shared.inbox import EventHandlers, Inbox, fresh

log = structlog.get_logger()
facts = EventHandlers()


@facts.on(TenantChanged)
async def keep_tenant(tx: Tx, told: TenantChanged, envelope: Envelope) -> None:
    await directory.keep_tenant(tx, told, envelope.version)


@facts.on(CompanyChanged)
async def keep_company(tx: Tx, told: CompanyChanged, envelope: Envelope) -> None:
    await directory.keep_company(tx, told, envelope.version)


@facts.on(RoomChanged)
async def keep_room(tx: Tx, told: RoomChanged, envelope: Envelope) -> None:
    await directory.keep_room(tx, told, envelope.version)


@facts.on(EmployeeChanged)
async def keep_employee(tx: Tx, told: EmployeeChanged, envelope: Envelope) -> None:
    await directory.keep_employee(tx, told, envelope.version)


@facts.on(ActivityEvent)
async def keep_activity(tx: Tx, fact: ActivityEvent, envelope: Envelope) -> None:
    """One fact by itself; from Kafka they come together, see `PayInbox`."""
    await take_in(tx, [(fact, envelope)])


class PayInbox(Inbox):
    """The inbox, except that a batch's facts about activities take effect together.

    One by one they would lock the statements of different sellers in the order of the facts, and
    two replicas would wait for each other in a circle; together they lock in the order of ids.
    """

    def __init__(
        self,
        database: Database,
        heard: EventHandlers,
        employees: Directory,
        metrics: MotivationMetrics,
    ) -> None:
        super().__init__(database, heard)
        self._employees, self._metrics = employees, metrics

    async def apply(self, tenant_id: TenantId, facts: Sequence[PublishedEvent]) -> None:
        """All of the directory's facts and then all about activities, each in one transaction; if
        it raises, the batch may come again.
        """
        about_pay = [fact for fact in facts if isinstance(fact.event, ActivityEvent)]
        others = [fact for fact in facts if not isinstance(fact.event, ActivityEvent)]
        if others:
            await super().apply(tenant_id, others)
        if about_pay:
            await self._learn_who_is_paid(tenant_id, about_pay)
            await self._take_in(tenant_id, about_pay)

    async def _take_in(self, tenant_id: TenantId, told: Sequence[PublishedEvent]) -> None:
        async with self._database.begin_for(tenant_id) as tx:
            new = [_about(fact) for fact in await fresh(tx, told)]
            settled = await take_in(tx, new) if new else Settled()
        self._metrics.count(settled)

    async def _learn_who_is_paid(self, tenant_id: TenantId, told: Sequence[PublishedEvent]) -> None:
        """Payroll needs the personnel number on the line itself.

        An owner who does not answer holds up nobody's pay.
        """
        states = [state for fact in told if (state := _about(fact)[0].state).status == "won"]
        paid: set[UUID] = {share.employee_id for state in states for share in state.shares}
        paid |= {state.responsible_id for state in states if state.responsible_id}
        if not paid:
            return
        for employee_id in sorted(await self._employees.unknown_employees(tenant_id, paid)):
            try:
                await self._employees.learn(tenant_id, "employee", employee_id)
            except Unavailable:
                log.warning(
                    "a line goes out without a personnel number", employee_id=str(employee_id)
                )


def _about(fact: PublishedEvent) -> tuple[ActivityEvent, Envelope]:
    assert isinstance(fact.event, ActivityEvent)
    return fact.event, fact.envelope
