"""Logging in, staying logged in, logging out."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.throttle import Throttle
from services.gateway.accounts.tokens import AccessTokens, digest, new_secret, tenant_of
from services.gateway.metrics import GatewayMetrics
from services.gateway.storage import repository, secrets
from shared.db import Database, Tx
from shared.errors import Refusal, Unauthenticated, Wait
from shared.ids import EmployeeId, TenantId, new_id

_NO_TENANT = TenantId(UUID(int=0))


@dataclass(frozen=True, slots=True)
class Session:
    """What a log-in gives: a short token for requests and a long one, good once, for the next pair."""

    access_token: str
    refresh_token: str
    expires_in: int


class Sessions:
    """People's log-ins."""

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
        """Raises `Unauthenticated` for a wrong pair, `Wait` after too many of them."""
        async with self._passwords.turn:
            try:
                await self._throttle.check(email, address)
            except Wait:
                self._metrics.logins_refused.labels("throttled").inc()
                raise
            login, account = await self._look_up(email)
            right = await self._passwords.matches(
                account["password_hash"] if account else None, password
            )
            if not right or account is None or not account["active"]:
                await self._throttle.failed(email, address)
                self._metrics.logins_refused.labels("wrong").inc()
                raise Unauthenticated("credentials")
        async with self._database.begin_for(login.tenant_id) as tx:
            return await self._open(tx, login.employee_id, new_id())

    async def refresh(self, token: str) -> Session:
        """A new pair for a refresh token that was not used yet.

        One used twice was stolen from somebody: all of its line ends.
        """
        hashed = digest(token)
        async with self._database.begin_for(tenant_of(token)) as tx:
            session = await self._rotate(tx, hashed)
        if isinstance(session, Refusal):
            raise session
        return session

    async def log_out(self, token: str) -> None:
        """Ends the line of a refresh token; what is not known is ended already."""
        async with self._database.begin_for(tenant_of(token)) as tx:
            row = await secrets.lock_refresh(tx, digest(token))
            if row:
                await secrets.revoke_family(tx, row["family"])

    async def _look_up(self, email: str) -> tuple[repository.Login, Any]:
        nobody = repository.Login(_NO_TENANT, EmployeeId(UUID(int=0)))
        async with self._database.begin_for(_NO_TENANT) as tx:
            row = await repository.find_login(tx, email)
        login = (
            repository.Login(TenantId(row["tenant_id"]), EmployeeId(row["employee_id"]))
            if row
            else nobody
        )
        async with self._database.begin_for(login.tenant_id) as tx:
            account = await repository.account(tx, login.employee_id)
        return login, account

    async def _rotate(self, tx: Tx, hashed: bytes) -> Session | Refusal:
        """The refusal is returned, not raised: what it revokes must be committed."""
        row = await secrets.lock_refresh(tx, hashed)
        now = await tx.read_clock()
        over = Unauthenticated("token")
        if row is None or row["revoked_at"] or row["expires_at"] <= now:
            return over
        if row["used_at"]:
            await secrets.revoke_family(tx, row["family"])
            self._metrics.logins_refused.labels("reused").inc()
            return over
        account = await repository.account(tx, row["employee_id"])
        if account is None or not account["active"]:
            return over
        await secrets.use_refresh(tx, hashed, now)
        return await self._open(tx, row["employee_id"], row["family"])

    async def _open(self, tx: Tx, employee_id: EmployeeId, family: UUID) -> Session:
        token = new_secret(tx.tenant_id)
        now = await tx.read_clock()
        await secrets.add_refresh(
            tx, digest(token), family, employee_id, now + timedelta(days=self._days)
        )
        return Session(self._tokens.issue(tx.tenant_id, employee_id), token, self._tokens.seconds)
