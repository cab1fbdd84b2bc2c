"""Identifies callers: a verified token or key, and the account's roles and rooms as they are."""

import asyncio
from time import monotonic
from typing import NamedTuple
from uuid import UUID

from services.gateway.accounts.audit import note_key
from services.gateway.accounts.scopes import reaches, roles_of
from services.gateway.accounts.tokens import KEY_PREFIX, AccessTokens, digest, read_key
from services.gateway.storage import accounts, api_keys
from shared.db import Database
from shared.errors import Forbidden, Unauthenticated, Unavailable
from shared.ids import EmployeeId, RoomId, TenantId
from shared.tenancy import Caller

FRESH_SECONDS = 1.0
# Without the database nobody can be deactivated either, so what was read a moment ago still holds.
STALE_SECONDS = 60.0
_CACHE_SIZE = 50_000


class Authenticated(NamedTuple):
    """A caller, and when their token expires (unix seconds)."""

    caller: Caller
    expires_at: float = float("inf")


class Callers:
    """Callers by tenant and employee, read from the database at most once a second each."""

    def __init__(self, database: Database, tokens: AccessTokens) -> None:
        self._database, self._tokens = database, tokens
        self._employees: dict[tuple[TenantId, UUID], tuple[float, Caller | None]] = {}
        self._lookups: dict[tuple[TenantId, UUID], asyncio.Future[Caller | None]] = {}
        self._keys: dict[bytes, tuple[float, Caller, frozenset[str]]] = {}

    async def authenticate(
        self, authorization: str | None, method: str, path: str
    ) -> Authenticated:
        """The caller behind an Authorization header.

        Raises `Unauthenticated` without a valid token or key of an active account, `Forbidden`
        where a key's scopes do not reach `path`.
        """
        secret = bearer_token(authorization)
        if secret.startswith(KEY_PREFIX):
            key_caller, scopes = await self._of_key(secret)
            if not reaches(scopes, method, path):
                raise Forbidden("scope")
            return Authenticated(key_caller)
        identity = self._tokens.read(secret)
        caller = await self.of_employee(identity.tenant_id, identity.employee_id)
        if caller is None:
            raise Unauthenticated("inactive")
        return Authenticated(caller, identity.expires_at)

    async def of_employee(self, tenant_id: TenantId, employee_id: EmployeeId) -> Caller | None:
        """The caller behind an account, or None where it is not active."""
        key = (tenant_id, employee_id)
        cached = self._employees.get(key)
        if cached and cached[0] > monotonic() - FRESH_SECONDS:
            return cached[1]
        try:
            return await self._look_up_once(key)
        except Unavailable:
            if cached and cached[0] > monotonic() - STALE_SECONDS:
                return cached[1]
            raise

    def invalidate(self, tenant_id: TenantId, employee_id: EmployeeId) -> None:
        """Makes the next request of an employee read the account again."""
        self._employees.pop((tenant_id, employee_id), None)

    async def _look_up_once(self, key: tuple[TenantId, UUID]) -> Caller | None:
        """Concurrent requests of one employee share a look-up."""
        lookup = self._lookups.get(key)
        if lookup is None:
            lookup = self._lookups[key] = asyncio.ensure_future(self._look_up(*key))
            lookup.add_done_callback(lambda _: self._lookups.pop(key, None))
        return await asyncio.shield(lookup)

    async def _look_up(self, tenant_id: TenantId, employee_id: UUID) -> Caller | None:
        started_at = monotonic()
        async with self._database.begin_for(tenant_id) as tx:
            row = await accounts.get(tx, EmployeeId(employee_id))
        caller = None
        if row and row["active"]:
            rooms = frozenset(RoomId(UUID(str(room_id))) for room_id in row["room_ids"])
            caller = Caller(tenant_id, EmployeeId(employee_id), frozenset(row["roles"]), rooms)
        if len(self._employees) >= _CACHE_SIZE:
            self._employees.clear()
        self._employees[tenant_id, employee_id] = (started_at, caller)
        return caller

    async def _of_key(self, secret: str) -> tuple[Caller, frozenset[str]]:
        tenant_id, key_id = read_key(secret)
        secret_hash = digest(secret)
        cached = self._keys.get(secret_hash)
        if cached and cached[0] > monotonic() - FRESH_SECONDS:
            note_key(tenant_id, key_id)
            return cached[1], cached[2]
        async with self._database.begin_for(tenant_id) as tx:
            row = await api_keys.get(tx, key_id)
        if row:
            note_key(tenant_id, key_id)
        # Compared by digest: how far they agree says nothing about the secret.
        if row is None or row["secret_hash"] != secret_hash:
            self._keys.pop(secret_hash, None)
            raise Unauthenticated("key")
        scopes = frozenset(row["scopes"])
        caller = Caller(tenant_id, EmployeeId(key_id), roles_of(scopes))
        if len(self._keys) >= _CACHE_SIZE:
            self._keys.clear()
        self._keys[secret_hash] = (monotonic(), caller, scopes)
        return caller, scopes


def bearer_token(authorization: str | None) -> str:
    """The token in an Authorization header. Raises `Unauthenticated`."""
    kind, _, token = (authorization or "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    return token.strip()
