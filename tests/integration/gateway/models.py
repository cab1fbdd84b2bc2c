"""Read models on a real Redis."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

from deploy.environment import Installation
from services.gateway.metrics import GatewayMetrics
from services.gateway.projections.diff import differences, snapshot
from services.gateway.projections.projector import Projector
from services.gateway.read_models.generations import GenerationPointer, Generations
from services.gateway.read_models.keys import Keys, new_generation
from services.gateway.read_models.store import Store
from shared.events import PublishedEvent
from shared.ids import TenantId


@dataclass
class ReadModels:
    """Read models in a namespace of their own, with one live generation."""

    store: Store
    generations: Generations
    projector: Projector

    @property
    def live(self) -> Keys:
        assert self.generations.last_seen.live
        return self.generations.keys(self.generations.last_seen.live)

    def fresh(self) -> Keys:
        """Another generation, empty."""
        return self.generations.keys(new_generation())

    async def apply(self, tenant_id: UUID, *events: PublishedEvent) -> None:
        """Applies events to the live generation."""
        await self.projector.apply(TenantId(tenant_id), events, self.live)

    async def erase(self, tenant_id: UUID, subject: UUID) -> None:
        await self.projector.erase(TenantId(tenant_id), subject, self.live)

    async def make_live(self, keys: Keys | None) -> None:
        """Moves the pointer to `keys`, or to no generation."""
        pointer = GenerationPointer.of(keys.generation if keys else None)
        assert await self.generations.swap(self.generations.last_seen, pointer)

    def another_process(self) -> "ReadModels":
        """The same read models, as a process sees them that has not read the pointer yet."""
        generations = Generations(self.store, self.generations.namespace)
        return ReadModels(self.store, generations, self.projector)

    async def differences_from_live(self, other: Keys) -> list[str]:
        return differences(await snapshot(self.store, self.live), await snapshot(self.store, other))


@asynccontextmanager
async def read_models_of(installation: Installation) -> AsyncIterator[ReadModels]:
    store = Store(installation.redis_url)
    generations = Generations(store, f"{installation.namespace}m{uuid4().hex[:8]}_")
    live = GenerationPointer.of(new_generation())
    await generations.swap(GenerationPointer(), live)
    yield ReadModels(store, generations, Projector(store, GatewayMetrics()))
    await store.close()
