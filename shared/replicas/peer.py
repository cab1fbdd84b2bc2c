"""Services that replicate each other's data: fetching a snapshot that has not arrived, and pushing
one to a peer that decides by it. Kafka brings the same events; this only saves the wait for them.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID

import aiohttp
import structlog
from fastapi import APIRouter

from shared.db import Database, Tx
from shared.db.transaction_scope import in_transaction
from shared.errors import Forbidden, Unavailable
from shared.events import REGISTRY
from shared.ids import EmployeeId, TenantId
from shared.internal_tokens import TokenIssuer
from shared.replicas.snapshot import Dispatcher, Snapshot, Snapshots, apply_snapshot
from shared.tenancy import Caller
from shared.web.callers import Peer

log = structlog.get_logger()

PATH = "/internal/snapshots"
TIMEOUT_SECONDS = 2
PAGE_SECONDS = 15
_NOBODY = EmployeeId(UUID(int=0))

FindSnapshots = Callable[[Tx, str, UUID], Awaitable[list[Snapshot]]]
"""Takes the kind and the id of a thing; or, for a page, the id behind which it begins."""


class PeerClient:
    """Another service, called on the system's behalf for one tenant at a time."""

    def __init__(self, url: str, name: str, issuer: TokenIssuer) -> None:
        self._url, self._name = url, name
        self._issuer = issuer
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self._session = aiohttp.ClientSession(
            self._url, timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        )

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def fetch(self, tenant_id: TenantId, kind: str, subject: UUID) -> list[Snapshot]:
        """The owner's snapshots of `subject`, a thing of `kind`; empty where it does not exist.

        Raises `Unavailable` where the owner does not answer.
        """
        assert self._session
        path = f"{PATH}/{kind}/{subject}"
        headers = self._headers(tenant_id, "GET", path)
        try:
            async with self._session.get(path, headers=headers) as response:
                if response.status == 404:
                    return []
                response.raise_for_status()
                return Snapshots.model_validate_json(await response.read()).snapshots
        except (aiohttp.ClientError, TimeoutError) as failure:
            raise Unavailable("owner") from failure

    async def page(self, tenant_id: TenantId, kind: str, after: UUID) -> list[Snapshot]:
        """The owner's snapshots of the things of `kind` whose ids follow `after`, so many as it
        gives at once; empty behind the last.

        Raises `Unavailable` where the owner does not answer.
        """
        assert self._session
        path = f"{PATH}/{kind}?after={after}"
        headers = self._headers(tenant_id, "GET", path)
        timeout = aiohttp.ClientTimeout(total=PAGE_SECONDS)
        try:
            async with self._session.get(path, headers=headers, timeout=timeout) as response:
                response.raise_for_status()
                return Snapshots.model_validate_json(await response.read()).snapshots
        except (aiohttp.ClientError, TimeoutError) as failure:
            raise Unavailable("owner") from failure

    async def push(self, tenant_id: TenantId, *snapshots: Snapshot) -> None:
        """Sends the peer what has just changed; where it is away, the events reach it by Kafka."""
        assert self._session
        body = Snapshots(snapshots=list(snapshots)).model_dump_json().encode()
        signed = self._headers(tenant_id, "POST", PATH, body)
        headers = {**signed, "content-type": "application/json"}
        try:
            async with self._session.post(PATH, data=body, headers=headers) as response:
                response.raise_for_status()
        except (aiohttp.ClientError, TimeoutError) as failure:
            log.info("peer_push_failed", peer=self._url, reason=type(failure).__name__)

    def _headers(
        self, tenant_id: TenantId, method: str, path: str, body: bytes = b""
    ) -> dict[str, str]:
        caller = Caller(tenant_id, _NOBODY, system=self._issuer.name)
        return self._issuer.headers(caller, self._name, method, path, body)


def snapshots_router(
    database: Database,
    handlers: Dispatcher,
    find: FindSnapshots | None = None,
    find_page: FindSnapshots | None = None,
) -> APIRouter:
    """`/internal/snapshots`: peers push theirs and, where `find` is given, fetch ours; with
    `find_page`, all of a kind.

    Not reachable from outside, nor with a person's token; a peer describes only what it owns.
    """
    router = APIRouter(prefix=PATH, include_in_schema=False)

    @router.post("", status_code=204)
    async def receive_snapshots(pushed: Snapshots, caller: Peer) -> None:
        for snapshot in pushed.snapshots:
            _require_owner(caller, snapshot)
        async with database.begin(caller) as tx:
            for snapshot in pushed.snapshots:
                await apply_snapshot(tx, handlers, snapshot)

    if find:

        @router.get("/{kind}/{subject}")
        async def get_snapshots(kind: str, subject: UUID, caller: Peer) -> Snapshots:
            snapshots = await in_transaction(
                partial(database.begin_for, caller.tenant_id), lambda tx: find(tx, kind, subject)
            )
            return Snapshots(snapshots=snapshots)

    if find_page:

        @router.get("/{kind}")
        async def get_page(kind: str, after: UUID, caller: Peer) -> Snapshots:
            snapshots = await in_transaction(
                partial(database.begin_for, caller.tenant_id), lambda tx: find_page(tx, kind, after)
            )
            return Snapshots(snapshots=snapshots)

    return router


def _require_owner(caller: Caller, snapshot: Snapshot) -> None:
    """Raises `Forbidden` where another service than the caller publishes such events."""
    event_type = REGISTRY.get(snapshot.type)
    if event_type and event_type.topic != f"sales.{caller.system}.v1":
        raise Forbidden("owner")
