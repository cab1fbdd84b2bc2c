"""Accounts compared with the directory that owns the employees: an event that the directory never
sent does not stand, whatever version it claims.

A tenant whose employees an event has just described is compared within seconds; all others one
after the other, for ever.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from uuid import UUID

import structlog

from services.gateway.accounts import staff
from services.gateway.edge.upstream import Upstreams
from services.gateway.metrics import GatewayMetrics
from services.gateway.projections.accounts import update_employee, update_person
from services.gateway.storage import accounts, logins
from services.gateway.storage.tables import ACCOUNT
from shared.db import Database, Tx
from shared.events import Envelope, PublishedEvent
from shared.events.directory import EmployeeChanged
from shared.events.people import PersonDescribed
from shared.ids import EmployeeId, TenantId, new_id
from shared.replicas.snapshot import Snapshot, Snapshots
from shared.tenancy import Caller

log = structlog.get_logger()

NOBODY = EmployeeId(UUID(int=0))
PATH = "/internal/snapshots/employees"
AT_ONCE = 200
"""So many employees are compared before others get their turn."""
AGAIN_SECONDS = 30.0
_FIRST = TenantId(UUID(int=0))
_FIELDS = tuple(name for name in EmployeeChanged.model_fields if name in ACCOUNT.c)


@dataclass(frozen=True, slots=True)
class Described:
    """An employee as the directory describes it; `employee` is None where it knows none."""

    version: int = 0
    employee: EmployeeChanged | None = None
    person: PersonDescribed | None = None


@dataclass(slots=True)
class Suspects:
    """Tenants whose employees an event described since they were compared."""

    _tenants: dict[TenantId, float] = field(default_factory=dict)

    def note(self, tenant_id: TenantId, events: Iterable[PublishedEvent]) -> None:
        """Remembers the tenant where one of `events` is about an employee."""
        if tenant_id not in self._tenants and any(map(_about_employee, events)):
            self._tenants[tenant_id] = monotonic()

    def put_back(self, tenant_id: TenantId, at: float) -> None:
        """Remembers a tenant that is to be compared again from `at` (monotonic) on."""
        self._tenants[tenant_id] = at

    def due(self, now: float) -> list[TenantId]:
        """Takes out those that have waited long enough for the rest of their events."""
        due = [tenant_id for tenant_id, at in self._tenants.items() if at <= now - 1]
        for tenant_id in due:
            del self._tenants[tenant_id]
        return due


@dataclass(slots=True)
class Reconciliation:
    """Compares and repairs; `invalidate` makes a caller's next request read the account."""

    database: Database
    upstreams: Upstreams
    metrics: GatewayMetrics
    suspects: Suspects
    invalidate: Callable[[TenantId, EmployeeId], None]
    every: float
    _after: TenantId = _FIRST
    _walked_at: float = 0.0

    async def check(self) -> None:
        """Compares the tenants that are due."""
        now = monotonic()
        for tenant_id in self.suspects.due(now):
            await self._compare_alone(tenant_id)
        if now >= self._walked_at + self.every:
            self._walked_at = now
            self._after = await self._next_tenant()
            if self._after.int:
                await self._compare_alone(self._after)

    async def _compare_alone(self, tenant_id: TenantId) -> None:
        """Compares a tenant; one that fails is tried again later, and keeps no other waiting."""
        try:
            await self.compare(tenant_id)
        except Exception as failure:
            self.suspects.put_back(tenant_id, monotonic() + AGAIN_SECONDS)
            self.metrics.timer_failures.labels("reconciliation").inc()
            log.error("reconciliation_failed", tenant_id=str(tenant_id), exc_info=failure)

    async def compare(self, tenant_id: TenantId) -> int:
        """Repairs the tenant's accounts that are not as the directory says; how many were not.

        The accounts are read first: what the directory says is then never older than they are.
        """
        async with self.database.begin_for(tenant_id) as tx:
            rows = await accounts.find_all(tx)
        described = await self._directory(tenant_id)
        if described is None:
            return 0
        repaired = 0
        for number, row in enumerate(rows):
            if number % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)
            owner = described.get(row["employee_id"], Described())
            if differences := differences_of(row, owner):
                repaired += await self._repair(tenant_id, row, owner, differences)
        return repaired

    async def _next_tenant(self) -> TenantId:
        """The one after the last in the order of ids; the nil id behind the last of all."""
        async with self.database.begin_for(self._after) as tx:
            return await logins.next_tenant(tx, self._after)

    async def _directory(self, tenant_id: TenantId) -> dict[UUID, Described] | None:
        """Every employee by id; None where the directory does not say."""
        caller = Caller(tenant_id, NOBODY, system="gateway")
        response = await self.upstreams.get("activities", caller, f"{PATH}/{tenant_id}")
        if not response.ok:
            log.warning("directory_unavailable", tenant_id=str(tenant_id), status=response.status)
            return None
        return described_by(Snapshots.model_validate_json(response.body).snapshots)

    async def _repair(
        self,
        tenant_id: TenantId,
        row: Mapping[str, Any],
        owner: Described,
        differences: Sequence[str],
    ) -> bool:
        """Makes the account as the directory says, unless it has changed since it was read."""
        employee_id = EmployeeId(row["employee_id"])
        async with self.database.begin_for(tenant_id) as tx:
            if dict(await accounts.lock(tx, employee_id) or {}) != dict(row):
                return False
            await _apply(tx, row, owner)
        self.invalidate(tenant_id, employee_id)
        if row["version"] < owner.version and row["person_version"] <= owner.version:
            # Behind, which happens: the event is on its way.
            return False
        self.metrics.accounts_repaired.inc()
        log.error(
            "account_differs_from_directory",
            tenant_id=str(tenant_id),
            employee_id=str(employee_id),
            differences=list(differences),
            version=row["version"],
            directory_version=owner.version,
        )
        return True


def described_by(snapshots: Iterable[Snapshot]) -> dict[UUID, Described]:
    """Employees by id, of the two snapshots of each."""
    employees: dict[UUID, EmployeeChanged] = {}
    people: dict[UUID, PersonDescribed] = {}
    versions: dict[UUID, int] = {}
    for snapshot in snapshots:
        versions[snapshot.subject] = snapshot.version
        if snapshot.type == EmployeeChanged.type:
            employees[snapshot.subject] = EmployeeChanged.model_validate(snapshot.data)
        elif snapshot.type == PersonDescribed.type:
            people[snapshot.subject] = PersonDescribed.model_validate(snapshot.data)
    return {
        subject: Described(version, employees.get(subject), people.get(subject))
        for subject, version in versions.items()
    }


def differences_of(row: Mapping[str, Any], owner: Described) -> list[str]:
    """What of an account is not as the directory says: names of columns."""
    if owner.employee is None:
        # Pending: the directory has not accepted the employee yet, and nobody can use it.
        return ["active"] if row["version"] and row["active"] else []
    differing = [
        name for name in _FIELDS if _plain(row[name]) != _plain(getattr(owner.employee, name))
    ]
    differing += ["version"] if row["version"] != owner.version else []
    if owner.person and row["person_version"] != staff.ERASED_VERSION:
        differing += ["email"] if row["email"] != _email(owner.person) else []
        differing += ["name"] if row["name"] != owner.person.name else []
        differing += ["person_version"] if row["person_version"] != owner.version else []
    return differing


async def _apply(tx: Tx, row: Mapping[str, Any], owner: Described) -> None:
    """Runs the handlers of the events that the directory would send, on versions before theirs."""
    employee_id = EmployeeId(row["employee_id"])
    version = owner.version or row["version"]
    employee = owner.employee or EmployeeChanged(
        employee_id=employee_id, roles=[], room_ids=[], personnel_number=None, active=False
    )
    await accounts.set_versions(tx, employee_id, version - 1)
    await update_employee(tx, employee, _envelope(tx, employee, employee_id, version))
    if owner.person:
        await update_person(tx, owner.person, _envelope(tx, owner.person, employee_id, version))


def _envelope(
    tx: Tx, event: EmployeeChanged | PersonDescribed, subject: UUID, version: int
) -> Envelope:
    now = datetime.now(UTC)
    return Envelope(new_id(), event.type, tx.tenant_id, subject, version, now, "", "")


def _about_employee(published: PublishedEvent) -> bool:
    event = published.event
    return isinstance(event, EmployeeChanged) or (
        isinstance(event, PersonDescribed) and event.kind == "employee"
    )


def _plain(value: Any) -> Any:
    """Comparable: of a list the order says nothing, and ids are ids."""
    return sorted(map(str, value)) if isinstance(value, list | tuple) else value


def _email(person: PersonDescribed) -> str | None:
    return person.emails[0].strip().lower() if person.emails else None
