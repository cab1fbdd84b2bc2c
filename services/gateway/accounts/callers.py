"""Who sends a request: a verified token or key, and the account's roles and rooms as they are now."""

import asyncio
from time import monotonic
from typing import Any
from uuid import UUID

from services.gateway.accounts.scopes import reaches, roles_of
from services.gateway.accounts.tokens import KEY_PREFIX, AccessTokens, digest, read_key
from services.gateway.storage import repository, secrets
from shared.db import Database
from shared.errors import Forbidden, Unauthenticated, Unavailable
from shared.ids import EmployeeId, RoomId, TenantId
from shared.tenancy import Caller

FRESH_SECONDS = 1.0
# Without its database nobody can be deactivated either, so what was known a moment ago is still
# true.
KNOWN_SECONDS = 60.0
_REMEMBERED = 50_000


class Callers:
    """Callers by tenant and employee, looked up at most once a second each."""

    def __init__(self, database: Database, tokens: AccessTokens) -> None:
        self._database, self._tokens = database, tokens
        self._known: dict[tuple[TenantId, UUID], tuple[float, Caller | None]] = {}
        self._asking: dict[tuple[TenantId, UUID], asyncio.Future[Caller | None]] = {}
        self._keys: dict[bytes, tuple[float, Caller, frozenset[str]]] = {}

    async def of_request(self, scope: Any) -> Caller:
        """Raises `Unauthenticated` without a valid token or key of somebody active, `Forbidden`
        where a key's scopes end.
        """
        secret = bearer(scope)
        if secret.startswith(KEY_PREFIX):
            caller, scopes = await self._of_key(secret)
            if not reaches(scopes, scope["method"], scope["path"]):
                raise Forbidden("scope")
            return caller
        identity = self._tokens.read(secret)
        scope["gateway.until"] = identity.expires
        caller_or_nobody = await self.of_employee(identity.tenant_id, identity.employee_id)
        if caller_or_nobody is None:
            raise Unauthenticated("inactive")
        return caller_or_nobody

    async def of_employee(self, tenant_id: TenantId, employee_id: EmployeeId) -> Caller | None:
        """The caller behind an account, or None where it is not active."""
        who = (tenant_id, employee_id)
        known = self._known.get(who)
        if known and known[0] > monotonic() - FRESH_SECONDS:
            return known[1]
        try:
            return await self._ask_once(who)
        except Unavailable:
            if known and known[0] > monotonic() - KNOWN_SECONDS:
                return known[1]
            raise

    def forget(self, tenant_id: TenantId, employee_id: EmployeeId) -> None:
        """What was just written is read again."""
        self._known.pop((tenant_id, employee_id), None)

    async def _ask_once(self, who: tuple[TenantId, UUID]) -> Caller | None:
        asking = self._asking.get(who)
        if asking is None:
            asking = self._asking[who] = asyncio.ensure_future(self._look_up(*who))
            asking.add_done_callback(lambda _: self._asking.pop(who, None))
        return await asyncio.shield(asking)

    async def _look_up(self, tenant_id: TenantId, employee_id: UUID) -> Caller | None:
        asked_at = monotonic()
        async with self._database.begin_for(tenant_id) as tx:
            row = await repository.account(tx, EmployeeId(employee_id))
        caller = None
        if row and row["active"]:
            rooms = frozenset(RoomId(UUID(str(room_id))) for room_id in row["room_ids"])
            caller = Caller(tenant_id, EmployeeId(employee_id), frozenset(row["roles"]), rooms)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[tenant_id, employee_id] = (asked_at, caller)
        return caller

    async def _of_key(self, secret: str) -> tuple[Caller, frozenset[str]]:
        tenant_id, key_id = read_key(secret)
        hashed = digest(secret)
        known = self._keys.get(hashed)
        if known and known[0] > monotonic() - FRESH_SECONDS:
            return known[1], known[2]
        async with self._database.begin_for(tenant_id) as tx:
            row = await secrets.key(tx, key_id)
        # Compared by digest: how far they agree says nothing about the secret.
        if row is None or row["secret_hash"] != hashed:
            self._keys.pop(hashed, None)
            raise Unauthenticated("key")
        scopes = frozenset(row["scopes"])
        caller = Caller(tenant_id, EmployeeId(key_id), roles_of(scopes))
        if len(self._keys) >= _REMEMBERED:
            self._keys.clear()
        self._keys[hashed] = (monotonic(), caller, scopes)
        return caller, scopes


def bearer(scope: Any) -> str:
    """The Authorization header's token. Raises `Unauthenticated`."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            kind, _, token = value.decode("latin-1").partition(" ")
            if kind.lower() == "bearer" and token:
                return str(token.strip())
    raise Unauthenticated
