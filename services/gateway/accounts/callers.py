"""Identifies callers: a verified token or key, and the account's roles and rooms as they are."""

import asyncio
from collections.abc import Iterable
from time import monotonic
from typing import NamedTuple, Protocol
from uuid import UUID

from services.gateway.accounts.audit import note_key
from services.gateway.accounts.refused_keys import RefusedKeys
from services.gateway.accounts.scopes import role_for
from services.gateway.accounts.tokens import KEY_PREFIX, AccessTokens, digest, read_key
from services.gateway.storage import accounts, api_keys, token_keys
from shared.db import Database
from shared.errors import Forbidden, Unauthenticated, Unavailable
from shared.ids import EmployeeId, RoomId, TenantId
from shared.networks import is_within
from shared.tenancy import Caller

FRESH_SECONDS = 1.0
TOLD_SECONDS = 60.0
"""For how long an account holds of which no change was told while every change is heard: a gateway
that dies between a change and telling of it leaves the others with what they know."""
# Without the database nobody can be deactivated either, so what was read a moment ago still holds.
STALE_SECONDS = TOLD_SECONDS + 60.0
_CACHE_SIZE = 50_000


class Authenticated(NamedTuple):
    """A caller, when their token expires (unix seconds), and its session; a key has neither."""

    caller: Caller
    expires_at: float = float("inf")
    session_id: UUID | None = None


class _Account(NamedTuple):
    """An account as it was read at `read_at` (monotonic seconds); `caller` is None if inactive."""

    read_at: float
    caller: Caller | None
    sessions: frozenset[UUID]


class AccessNews(Protocol):
    """What gateways tell each other of changed accounts and ended sessions."""

    def announce_access(self, tenant_id: TenantId, employee_id: EmployeeId) -> None: ...

    def heard_since(self, moment: float) -> bool: ...


class OutOfScope(Forbidden):
    """A key that is good, but not for this; carries whose it is."""

    def __init__(self, reason: str, caller: Caller) -> None:
        super().__init__(reason)
        self.caller = caller


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

        Raises `OutOfScope` where none does, `Forbidden` where the key may not be used from
        `address`.
        """
        if self.addresses and not is_within(address, self.addresses):
            raise Forbidden("address")
        role = role_for(self.scopes, method, path)
        if role is None:
            raise OutOfScope("scope", Caller(self.tenant_id, EmployeeId(self.id)))
        rooms = self.room_ids if role == "seller" else frozenset[RoomId]()
        return Caller(self.tenant_id, EmployeeId(self.id), frozenset({role}), rooms)


class Callers:
    """Callers by tenant and employee, with the sessions that have not ended, read from the database
    where nothing is known of them: unless `news` tells of a change at most once a minute, and while
    it may miss one, once a second.
    """

    def __init__(
        self,
        database: Database,
        tokens: AccessTokens,
        news: AccessNews,
    ) -> None:
        self._database, self._tokens, self._news = database, tokens, news
        self._accounts: dict[tuple[TenantId, UUID], _Account] = {}
        self._lookups: dict[tuple[TenantId, UUID], asyncio.Future[_Account]] = {}
        # A session that has ended never comes back.
        self._ended: set[UUID] = set()
        self._keys: dict[bytes, ApiKey] = {}
        self._refused_keys = RefusedKeys()

    async def authenticate(
        self, authorization: str | None, method: str, path: str, address: str = ""
    ) -> Authenticated:
        """The caller behind an Authorization header, at `address`.

        Raises `Unauthenticated` without a valid token or key of an active account, or where the
        token's session has ended, `Forbidden` where a key's scopes do not reach `path` or it may
        not be used from there.
        """
        secret = bearer_token(authorization)
        if secret.startswith(KEY_PREFIX):
            key = await self._of_key(secret)
            return Authenticated(key.caller(method, path, address), key.expires_at)
        identity = self._tokens.read(secret)
        caller = await self.of_session(
            identity.tenant_id, identity.employee_id, identity.session_id
        )
        if caller is None:
            raise Unauthenticated("session")
        return Authenticated(caller, identity.expires_at, identity.session_id)

    async def of_session(
        self,
        tenant_id: TenantId,
        employee_id: EmployeeId,
        session_id: UUID,
        told_is_enough: bool = False,
    ) -> Caller | None:
        """The caller in a session, or None where it has ended or the account is not active.

        With `told_is_enough` the database isn't asked for as long as every change was heard: for
        who has been let in, and only until their token expires.
        """
        key = (tenant_id, employee_id)
        arrived_at = monotonic()
        account = self._accounts.get(key)
        if account is None or not self._holds(account, arrived_at, told_is_enough):
            account = await self._read(key, account)
        if session_id in account.sessions:
            return account.caller
        if session_id in self._ended:
            return None
        # It may have been opened since the account was read, by another gateway.
        while account.read_at < arrived_at:
            account = await self._look_up_once(key)
        if session_id in account.sessions:
            return account.caller
        if len(self._ended) >= _CACHE_SIZE:
            self._ended.clear()
        self._ended.add(session_id)
        return None

    async def load_token_keys(self) -> None:
        """Learns which keys of access tokens are in use now."""
        async with self._database.begin_for(TenantId(UUID(int=0))) as tx:
            rows = await token_keys.find_all(tx)
        self._tokens.load_keys(rows)

    def invalidate(self, tenant_id: TenantId, employee_id: EmployeeId) -> None:
        """Makes the next request of an employee read the account again, at every gateway. To be
        called once what changed is committed.
        """
        self.forget(tenant_id, employee_id)
        self._news.announce_access(tenant_id, employee_id)

    def forget(self, tenant_id: TenantId, employee_id: EmployeeId) -> None:
        """Makes the next request of an employee at this gateway read the account again."""
        self._accounts.pop((tenant_id, employee_id), None)
        self._lookups.pop((tenant_id, employee_id), None)

    def _holds(self, account: _Account, at: float, told_is_enough: bool) -> bool:
        if account.read_at > at - FRESH_SECONDS:
            return True
        is_young = told_is_enough or account.read_at > at - TOLD_SECONDS
        return is_young and self._news.heard_since(account.read_at)

    async def _read(self, key: tuple[TenantId, UUID], cached: _Account | None) -> _Account:
        try:
            return await self._look_up_once(key)
        except Unavailable:
            if cached and cached.read_at > monotonic() - STALE_SECONDS:
                return cached
            raise

    async def _look_up_once(self, key: tuple[TenantId, UUID]) -> _Account:
        """Concurrent requests of one employee share a look-up, as long as it goes on.

        To await one that is done would give its old result without a turn of the event loop, in
        which it is tidied away: `of_session` would ask for it for ever.
        """
        lookup = self._lookups.get(key)
        if lookup is None or lookup.done():
            lookup = self._lookups[key] = asyncio.ensure_future(self._look_up(*key))
            lookup.add_done_callback(lambda done: self._keep(key, done))
        return await asyncio.shield(lookup)

    def _keep(self, key: tuple[TenantId, UUID], lookup: "asyncio.Future[_Account]") -> None:
        """Ends a look-up that is done, and keeps what it read unless that is out of date."""
        failed = lookup.cancelled() or lookup.exception() is not None
        if self._lookups.get(key) is not lookup:
            return
        del self._lookups[key]
        if not failed:
            if len(self._accounts) >= _CACHE_SIZE:
                self._accounts.clear()
            self._accounts[key] = lookup.result()

    async def _look_up(self, tenant_id: TenantId, employee_id: UUID) -> _Account:
        started_at = monotonic()
        async with self._database.begin_for(tenant_id) as tx:
            row = await accounts.get_with_sessions(tx, EmployeeId(employee_id))
        if row is None or not row["active"]:
            return _Account(started_at, None, frozenset())
        headed = row["headed_room_ids"]
        caller = Caller(
            tenant_id,
            EmployeeId(employee_id),
            frozenset(row["roles"]),
            _rooms(row["room_ids"]),
            headed_room_ids=None if headed is None else _rooms(headed),
        )
        sessions = frozenset(UUID(str(session_id)) for session_id in row["session_ids"])
        return _Account(started_at, caller, sessions)

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


def _rooms(ids: Iterable[UUID]) -> frozenset[RoomId]:
    return frozenset(RoomId(UUID(str(room_id))) for room_id in ids)


def bearer_token(authorization: str | None) -> str:
    """The token in an Authorization header. Raises `Unauthenticated`."""
    kind, _, token = (authorization or "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    return token.strip()
