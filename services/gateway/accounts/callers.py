"""Identifies callers: a verified token or key, and the account's roles and rooms as they are."""

import asyncio
from time import monotonic
from typing import NamedTuple
from uuid import UUID

from services.gateway.accounts.audit import note_key
from services.gateway.accounts.refused_keys import RefusedKeys
from services.gateway.accounts.scopes import role_for
from services.gateway.accounts.tokens import KEY_PREFIX, AccessTokens, digest, read_key
from services.gateway.domain.networks import is_within
from services.gateway.storage import accounts, api_keys, token_keys
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


class ApiKey(NamedTuple):
    """A valid key as it was read at `read_at` (monotonic seconds)."""

    tenant_id: TenantId
    id: UUID
    scopes: frozenset[str]
    room_ids: frozenset[RoomId]
    addresses: tuple[str, ...]
    expires_at: float
    read_at: float

    def caller(self, method: str, path: str, address: str) -> Caller:
        """The key as a caller, in the role of the scope that opens the request.

        Raises `Forbidden` where none does, or the key may not be used from `address`.
        """
        if self.addresses and not is_within(address, self.addresses):
            raise Forbidden("address")
        role = role_for(self.scopes, method, path)
        if role is None:
            raise Forbidden("scope")
        rooms = self.room_ids if role == "seller" else frozenset[RoomId]()
        return Caller(self.tenant_id, EmployeeId(self.id), frozenset({role}), rooms)


class Callers:
    """Callers by tenant and employee, read from the database at most once a second each."""

    def __init__(self, database: Database, tokens: AccessTokens) -> None:
        self._database, self._tokens = database, tokens
        self._employees: dict[tuple[TenantId, UUID], tuple[float, Caller | None]] = {}
        self._lookups: dict[tuple[TenantId, UUID], asyncio.Future[Caller | None]] = {}
        self._keys: dict[bytes, ApiKey] = {}
        self._refused_keys = RefusedKeys()

    async def authenticate(
        self, authorization: str | None, method: str, path: str, address: str = ""
    ) -> Authenticated:
        """The caller behind an Authorization header, at `address`.

        Raises `Unauthenticated` without a valid token or key of an active account, `Forbidden`
        where a key's scopes do not reach `path` or it may not be used from there.
        """
        secret = bearer_token(authorization)
        if secret.startswith(KEY_PREFIX):
            key = await self._of_key(secret)
            return Authenticated(key.caller(method, path, address), key.expires_at)
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

    async def load_token_keys(self) -> None:
        """Learns which keys of access tokens are in use now."""
        async with self._database.begin_for(TenantId(UUID(int=0))) as tx:
            rows = await token_keys.find_all(tx)
        self._tokens.load_keys(rows)

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

    async def _of_key(self, secret: str) -> ApiKey:
        tenant_id, key_id = read_key(secret)
        secret_hash = digest(secret)
        cached = self._keys.get(secret_hash)
        if cached and cached.read_at > monotonic() - FRESH_SECONDS:
            note_key(tenant_id, key_id)
            return cached
        self._refused_keys.check(tenant_id, key_id, secret_hash)
        key = await self._look_up_key(tenant_id, key_id, secret_hash)
        if len(self._keys) >= _CACHE_SIZE:
            self._keys.clear()
        self._keys[secret_hash] = key
        return key

    async def _look_up_key(self, tenant_id: TenantId, key_id: UUID, secret_hash: bytes) -> ApiKey:
        async with self._database.begin_for(tenant_id) as tx:
            row = await api_keys.get(tx, key_id)
            self._refused_keys.remember(tenant_id, key_id, row["secret_hash"] if row else None)
            if row:
                note_key(tenant_id, key_id)
            # Compared by digest: how far they agree says nothing about the secret.
            if row is None or row["secret_hash"] != secret_hash:
                self._keys.pop(secret_hash, None)
                raise Unauthenticated("key")
            await api_keys.mark_used(tx, row)
        return ApiKey(
            tenant_id,
            key_id,
            frozenset(row["scopes"]),
            frozenset(RoomId(UUID(str(room_id))) for room_id in row["room_ids"]),
            tuple(row["addresses"]),
            row["expires_at"].timestamp(),
            monotonic(),
        )


def bearer_token(authorization: str | None) -> str:
    """The token in an Authorization header. Raises `Unauthenticated`."""
    kind, _, token = (authorization or "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    return token.strip()
