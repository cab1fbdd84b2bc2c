"""Logging in with an e-mail and a password."""

import asyncio
from typing import Any
from uuid import UUID

from services.gateway.accounts.audit import note_account
from services.gateway.accounts.origin import Origin
from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.second_factor import SecondFactors
from services.gateway.accounts.sessions import Session, Sessions
from services.gateway.accounts.staff import NO_TENANT
from services.gateway.accounts.throttle import Attempt, Throttle
from services.gateway.errors import TenantRequired
from services.gateway.metrics import GatewayMetrics
from services.gateway.storage import accounts, logins, tenant_names
from shared.db import Database
from shared.errors import Invalid, Unauthenticated, Wait
from shared.ids import EmployeeId, TenantId
from shared.tenancy import Caller

COMPARED = 2
"""Accounts that a password is compared with where no tenant is named. Always as many: less
work would tell a stranger how many tenants know the e-mail.
"""
_NOBODY = (NO_TENANT, EmployeeId(UUID(int=0)))


class LogIn:
    """Judges log-ins and opens their sessions."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        throttle: Throttle,
        sessions: Sessions,
        second_factors: SecondFactors,
        metrics: GatewayMetrics,
    ) -> None:
        self._database, self._passwords, self._throttle = database, passwords, throttle
        self._sessions, self._second_factors = sessions, second_factors
        self._metrics = metrics

    async def by_password(
        self, email: str, password: str, tenant: str | None, origin: Origin
    ) -> Session:
        """Opens a session; `tenant` is a short name, where one was given.

        Raises:
            Unauthenticated: a wrong e-mail, password or tenant.
            TenantRequired: they are right in several tenants.
            SecondFactorRequired: they are right, and not enough.
            Wait: too many wrong tries.
            Unavailable: too many log-ins wait to be judged.
        """
        async with self._passwords.turns.take(origin.network):
            attempt = await self._admit(email, origin)
            candidates = await self._find_accounts(email, tenant)
            matches = await asyncio.gather(
                *(self._matches(entry, password) for entry in candidates)
            )
            right = [entry for entry, is_right in zip(candidates, matches, strict=True) if is_right]
            if oldest := next(filter(None, candidates), None):
                note_account(oldest["tenant_id"], oldest["employee_id"])
            if not right:
                await self._refuse(attempt)
            if len(right) > 1:
                raise TenantRequired(await self._names(right))
            (account,) = right
            renewed = await self._passwords.renewed(account["password_hash"], password)
        session = await self._open(account, renewed, origin)
        await self._throttle.record_success(attempt)
        return session

    async def require_password(self, caller: Caller, password: str, origin: Origin) -> None:
        """Asks the caller for their password again.

        Raises `Invalid` for a wrong one, `Wait` after too many of them.
        """
        async with self._passwords.turns.take(origin.network):
            account = await self._find_account(caller.tenant_id, caller.employee_id)
            attempt = await self._throttle.admit(f"own:{caller.employee_id}", origin.network)
            if not await self._matches(account, password):
                await self._throttle.record_failure(attempt)
                raise Invalid("password", "wrong_password")

    async def _admit(self, email: str, origin: Origin) -> Attempt:
        try:
            return await self._throttle.admit(email, origin.network)
        except Wait:
            self._metrics.logins_refused.labels("throttled").inc()
            raise

    async def _refuse(self, attempt: Attempt) -> None:
        await self._throttle.record_failure(attempt)
        self._metrics.logins_refused.labels("wrong").inc()
        raise Unauthenticated("credentials")

    async def _matches(self, account: Any, password: str) -> bool:
        return await self._passwords.matches(account and account["password_hash"], password)

    async def _open(self, judged: Any, renewed: str, origin: Origin) -> Session:
        """Opens a session, unless the account has changed since its password was judged."""
        employee_id = judged["employee_id"]
        async with self._database.begin_for(judged["tenant_id"]) as tx:
            account = await accounts.lock(tx, employee_id)
            if not account["active"] or account["password_hash"] != judged["password_hash"]:
                raise Unauthenticated("credentials")
            await self._second_factors.demand(tx, account)
            if renewed != account["password_hash"]:
                await accounts.set_password(tx, employee_id, renewed)
            return await self._sessions.open(tx, employee_id, origin)

    async def _find_accounts(self, email: str, tenant: str | None) -> list[Any]:
        """The active accounts with that e-mail, in the tenant named or in the oldest ones; None for
        each that there is not, which takes as long to find out.
        """
        async with self._database.begin_for(NO_TENANT) as tx:
            only = await tenant_names.find(tx, tenant) if tenant else None
            rows = await logins.find_all(tx, email, None if tenant else COMPARED)
        owners = [
            (TenantId(row["tenant_id"]), EmployeeId(row["employee_id"]))
            for row in rows
            if tenant is None or row["tenant_id"] == only
        ]
        missing = (1 if tenant else COMPARED) - len(owners)
        return [await self._find_account(*owner) for owner in [*owners, *[_NOBODY] * missing]]

    async def _find_account(self, tenant_id: TenantId, employee_id: EmployeeId) -> Any:
        async with self._database.begin_for(tenant_id) as tx:
            account = await accounts.get(tx, employee_id)
        return account if account and account["active"] else None

    async def _names(self, right: list[Any]) -> list[str]:
        async with self._database.begin_for(NO_TENANT) as tx:
            names = await tenant_names.names_of(tx, [account["tenant_id"] for account in right])
        return sorted(names.values())
