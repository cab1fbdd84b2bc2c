"""Services that keep copies of each other's facts: asking the owner for a copy that has not come
yet, and telling a neighbour who decides by it what has just changed. Kafka brings the same facts
all the same; this only saves the wait for them."""

from datetime import UTC, datetime
from time import time
from typing import Annotated, Any
from uuid import UUID

import aiohttp
import structlog
from fastapi import APIRouter, Depends
from pydantic import BaseModel

from shared.context import causation, correlation
from shared.db import Database, Tx
from shared.errors import Invalid, Unavailable
from shared.events import REGISTRY, Envelope, Event, PublishedEvent
from shared.ids import EmployeeId, TenantId, new_id
from shared.inbox import EventHandlers
from shared.tenancy import Caller, mint
from shared.web.callers import INTERNAL_TOKEN, caller_of

log = structlog.get_logger()
_NOBODY = EmployeeId(UUID(int=0))


class Snapshot(BaseModel):
    """An aggregate's present state, told as the latest fact about it."""

    type: str
    subject: UUID
    version: int
    data: dict[str, Any]

    @classmethod
    def of(cls, event: Event, subject: UUID, version: int) -> "Snapshot":
        return cls(
            type=event.type, subject=subject, version=version, data=event.model_dump(mode="json")
        )


class Snapshots(BaseModel):
    """What the owner knows of one thing: itself, and who it is where that is a person's business."""

    facts: list[Snapshot]


async def apply_snapshot(tx: Tx, facts: EventHandlers, copy: Snapshot) -> None:
    """Hands a copy to the handler of its fact; handlers keep the highest version, so Kafka may
    bring it before, after or again.
    """
    kind = REGISTRY.get(copy.type)
    if kind is None or not facts.handles(copy.type):
        raise Invalid("type", "known", "not a fact that is heard here")
    trace, cause = correlation.get(), causation.get()
    envelope = Envelope(
        new_id(),
        copy.type,
        tx.tenant_id,
        copy.subject,
        copy.version,
        datetime.now(UTC),
        trace,
        cause,
    )
    await facts.dispatch(tx, PublishedEvent(envelope, kind.model_validate(copy.data)))
    # The command that needed the copy goes on, and its own facts are not caused by the copy.
    causation.set(cause)


def snapshots_router(facts: EventHandlers, database: Database) -> APIRouter:
    """`POST /internal/copies`, where neighbours tell; not reachable from outside."""
    router = APIRouter(prefix="/internal", include_in_schema=False)

    @router.post("/copies", status_code=204)
    async def hear(told: Snapshots, caller: Annotated[Caller, Depends(caller_of)]) -> None:
        async with database.begin(caller) as tx:
            for copy in told.facts:
                await apply_snapshot(tx, facts, copy)

    return router


class PeerClient:
    """Another service, called on the system's behalf for one tenant at a time."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._secret = secret
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self._session = aiohttp.ClientSession(self._url, timeout=aiohttp.ClientTimeout(total=2))

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    def _headers(self, tenant_id: TenantId) -> dict[str, str]:
        return {
            INTERNAL_TOKEN: mint(
                Caller(tenant_id, _NOBODY, frozenset({"admin"})), self._secret, time()
            )
        }

    async def ask(self, tenant_id: TenantId, noun: str, subject: UUID) -> list[Snapshot]:
        """The owner's present facts about `subject`; empty where it knows none.

        Raises `Unavailable` where it does not answer.
        """
        assert self._session
        try:
            async with self._session.get(
                f"/internal/copies/{noun}/{subject}", headers=self._headers(tenant_id)
            ) as answer:
                if answer.status == 404:
                    return []
                answer.raise_for_status()
                return Snapshots.model_validate_json(await answer.read()).facts
        except (aiohttp.ClientError, TimeoutError) as away:
            raise Unavailable("the service that owns this does not answer") from away

    async def tell(self, tenant_id: TenantId, *copies: Snapshot) -> None:
        """Tells the neighbour; if it does not listen now, it will hear through Kafka."""
        assert self._session
        try:
            told = Snapshots(facts=list(copies)).model_dump_json()
            headers = {**self._headers(tenant_id), "content-type": "application/json"}
            async with self._session.post("/internal/copies", data=told, headers=headers) as answer:
                answer.raise_for_status()
        except (aiohttp.ClientError, TimeoutError) as away:
            log.info(
                "a neighbour was not told; Kafka will",
                neighbour=self._url,
                reason=type(away).__name__,
            )
