"""Sessions: opened by a log-in, continued by refresh tokens, ended for good.

An access token is good for as long as its session lives, and no longer than it says.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.gateway.accounts.audit import note_account
from services.gateway.accounts.callers import Callers
from services.gateway.accounts.origin import Origin
from services.gateway.accounts.tokens import (
    AccessTokens,
    digest,
    new_secret,
    successor_of,
    tenant_of,
)
from services.gateway.metrics import GatewayMetrics
from services.gateway.storage import accounts, refresh_tokens, sessions
from shared.db import Database, Tx
from shared.errors import NotFound, Refusal, Unauthenticated
from shared.ids import EmployeeId, TenantId, new_id
from shared.tenancy import Caller


@dataclass(frozen=True, slots=True)
class Session:
    """A short-lived token for requests, and a longer one for the next pair.

    `expires_in` is the first one's life in seconds.
    """

    access_token: str
    refresh_token: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """A session ends unused after `idle`, and in any case `absolute` after its log-in.

    A refresh token that comes again within `grace` gets the same successor: two tabs of a browser
    refresh at the same moment.
    """

    idle: timedelta
    absolute: timedelta
    grace: timedelta

    def end(self, opened_at: datetime, now: datetime) -> datetime:
        """When a session used at `now` ends unless it is used again."""
        return min(now + self.idle, opened_at + self.absolute)


class Reused(Unauthenticated):
    """A refresh token that came again too late: the session of `employee_id` has ended."""

    def __init__(self, employee_id: EmployeeId) -> None:
        super().__init__("token")
        self.employee_id = employee_id


class Sessions:
    """Opens, continues, lists and ends sessions."""

    def __init__(
        self,
        database: Database,
        tokens: AccessTokens,
        callers: Callers,
        lifetimes: Lifetimes,
        metrics: GatewayMetrics,
    ) -> None:
        self._database, self._tokens, self._callers = database, tokens, callers
        self._lifetimes, self._metrics = lifetimes, metrics

    async def open(self, tx: Tx, employee_id: EmployeeId, origin: Origin) -> Session:
        """A new session; the caller has made sure, under the account's lock, that it may be."""
        now = await tx.read_clock()
        session_id, token = new_id(), new_secret(tx.tenant_id)
        note_account(tx.tenant_id, employee_id, session_id)
        expires_at = self._lifetimes.end(now, now)
        await sessions.add(tx, session_id, employee_id, origin.device, origin.address, expires_at)
        await refresh_tokens.add(tx, digest(token), session_id, employee_id, expires_at)
        return self._pair(tx.tenant_id, employee_id, session_id, token)

    async def refresh(self, token: str) -> Session:
        """Continues a session by its refresh token.

        A token that comes again later than it may was stolen: its session ends.
        """
        async with self._database.begin_for(tenant_of(token)) as tx:
            session = await self._rotate(tx, token)
        if isinstance(session, Reused):
            self._callers.invalidate(tx.tenant_id, session.employee_id)
        if isinstance(session, Refusal):
            raise session
        return session

    async def log_out(self, token: str) -> None:
        """Ends the session of a refresh token; an unknown token has none."""
        tenant_id = tenant_of(token)
        async with self._database.begin_for(tenant_id) as tx:
            session = await sessions.lock_of_token(tx, digest(token))
            if session:
                note_account(tenant_id, session["employee_id"], session["id"])
                await sessions.end(tx, session["employee_id"], session["id"])
        if session:
            self._callers.invalidate(tenant_id, session["employee_id"])

    async def of(self, caller: Caller) -> list[Any]:
        """The caller's sessions, the last used first."""
        async with self._database.begin_for(caller.tenant_id) as tx:
            return await sessions.of_employee(tx, caller.employee_id)

    async def end(self, caller: Caller, session_id: UUID) -> None:
        """Ends one of the caller's sessions. Raises `NotFound`."""
        async with self._database.begin_for(caller.tenant_id) as tx:
            if not await sessions.end(tx, caller.employee_id, session_id):
                raise NotFound("session")
        self._callers.invalidate(caller.tenant_id, caller.employee_id)

    async def end_all(self, caller: Caller) -> None:
        """Logs the caller out everywhere."""
        async with self._database.begin_for(caller.tenant_id) as tx:
            await sessions.end_all(tx, caller.employee_id)
        self._callers.invalidate(caller.tenant_id, caller.employee_id)

    async def _rotate(self, tx: Tx, token: str) -> Session | Refusal:
        """Replaces a refresh token; returns a refusal, for what it ends must be committed."""
        token_hash = digest(token)
        session = await sessions.lock_of_token(tx, token_hash)
        row = await refresh_tokens.get(tx, token_hash) if session else None
        if session:
            note_account(tx.tenant_id, session["employee_id"], session["id"])
        now = await tx.read_clock()
        if row is None or min(row["expires_at"], session["expires_at"]) <= now:
            return Unauthenticated("token")
        if row["used_at"] and now > row["used_at"] + self._lifetimes.grace:
            return await self._end_stolen(tx, session)
        account = await accounts.get(tx, session["employee_id"])
        if account is None or not account["active"]:
            return Unauthenticated("token")
        salt = row["successor_salt"] or secrets.token_bytes(16)
        successor = successor_of(token, salt)
        if not row["used_at"]:
            until = self._lifetimes.end(session["created_at"], now)
            await refresh_tokens.mark_used(tx, token_hash, now, salt)
            await refresh_tokens.add(
                tx, digest(successor), session["id"], session["employee_id"], until
            )
            await sessions.extend(tx, session["id"], now, until)
        return self._pair(tx.tenant_id, session["employee_id"], session["id"], successor)

    async def _end_stolen(self, tx: Tx, session: Any) -> Refusal:
        await sessions.end(tx, session["employee_id"], session["id"])
        self._metrics.logins_refused.labels("reused").inc()
        return Reused(session["employee_id"])

    def _pair(
        self, tenant_id: TenantId, employee_id: EmployeeId, session_id: UUID, token: str
    ) -> Session:
        access_token = self._tokens.issue(tenant_id, employee_id, session_id)
        return Session(access_token, token, self._tokens.seconds)
