"""Sessions: logging in, refreshing tokens, logging out."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.gateway.accounts.audit import note_account
from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.throttle import Throttle
from services.gateway.accounts.tokens import AccessTokens, digest, new_secret, tenant_of
from services.gateway.metrics import GatewayMetrics
from services.gateway.storage import accounts, logins, refresh_tokens
from shared.db import Database, Tx
from shared.errors import Refusal, Unauthenticated, Wait
from shared.ids import EmployeeId, TenantId, new_id

_NO_TENANT = TenantId(UUID(int=0))
_NO_EMPLOYEE = EmployeeId(UUID(int=0))


@dataclass(frozen=True, slots=True)
class Session:
    """A short-lived token for requests, and a longer one, good once, for the next pair.

    `expires_in` is the first one's life in seconds.
    """

    access_token: str
    refresh_token: str
    expires_in: int


class Sessions:
    """Opens, continues and ends sessions; `days` is the life of an unused refresh token."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        throttle: Throttle,
        tokens: AccessTokens,
        days: int,
        metrics: GatewayMetrics,
    ) -> None:
        self._database, self._passwords, self._throttle = database, passwords, throttle
        self._tokens, self._days, self._metrics = tokens, days, metrics

    async def log_in(self, email: str, password: str, address: str) -> Session:
        """Opens a session; `address` is the client's, for the throttle.

        Raises `Unauthenticated` for a wrong e-mail or password, `Wait` after too many of them.
        """
        async with self._passwords.turn:
            try:
                await self._throttle.check(email, address)
            except Wait:
                self._metrics.logins_refused.labels("throttled").inc()
                raise
            tenant_id, account = await self._find_account(email)
            matches = await self._passwords.matches(
                account["password_hash"] if account else None, password
            )
            if account:
                note_account(tenant_id, account["employee_id"])
            if not matches or account is None or not account["active"]:
                await self._throttle.record_failure(email, address)
                self._metrics.logins_refused.labels("wrong").inc()
                raise Unauthenticated("credentials")
        async with self._database.begin_for(tenant_id) as tx:
            return await self._open(tx, account["employee_id"], new_id())

    async def refresh(self, token: str) -> Session:
        """Continues a session by a refresh token that was not used yet.

        A second use means that the token was stolen: its whole family is revoked.
        """
        token_hash = digest(token)
        async with self._database.begin_for(tenant_of(token)) as tx:
            session = await self._rotate(tx, token_hash)
        if isinstance(session, Refusal):
            raise session
        return session

    async def log_out(self, token: str) -> None:
        """Ends the session of a refresh token; an unknown token has none."""
        async with self._database.begin_for(tenant_of(token)) as tx:
            row = await refresh_tokens.lock(tx, digest(token))
            if row:
                note_account(tx.tenant_id, row["employee_id"], row["family"])
                await refresh_tokens.revoke_family(tx, row["family"])

    async def _find_account(self, email: str) -> tuple[TenantId, Any]:
        """Looks up an account that cannot exist where there is no log-in: both take as long."""
        async with self._database.begin_for(_NO_TENANT) as tx:
            login = await logins.find(tx, email)
        tenant_id = TenantId(login["tenant_id"]) if login else _NO_TENANT
        employee_id = EmployeeId(login["employee_id"]) if login else _NO_EMPLOYEE
        async with self._database.begin_for(tenant_id) as tx:
            return tenant_id, await accounts.get(tx, employee_id)

    async def _rotate(self, tx: Tx, token_hash: bytes) -> Session | Refusal:
        """Replaces a refresh token; returns a refusal, for what it revokes must be committed."""
        row = await refresh_tokens.lock(tx, token_hash)
        now = await tx.read_clock()
        refusal = Unauthenticated("token")
        if row:
            note_account(tx.tenant_id, row["employee_id"], row["family"])
        if row is None or row["revoked_at"] or row["expires_at"] <= now:
            return refusal
        if row["used_at"]:
            await refresh_tokens.revoke_family(tx, row["family"])
            self._metrics.logins_refused.labels("reused").inc()
            return refusal
        account = await accounts.get(tx, row["employee_id"])
        if account is None or not account["active"]:
            return refusal
        await refresh_tokens.mark_used(tx, token_hash, now)
        return await self._open(tx, row["employee_id"], row["family"])

    async def _open(self, tx: Tx, employee_id: EmployeeId, family: UUID) -> Session:
        note_account(tx.tenant_id, employee_id, family)
        token = new_secret(tx.tenant_id)
        expires_at = await tx.read_clock() + timedelta(days=self._days)
        await refresh_tokens.add(tx, digest(token), family, employee_id, expires_at)
        return Session(self._tokens.issue(tx.tenant_id, employee_id), token, self._tokens.seconds)
