"""Rebuilds the read models where they are gone or may lack something.

Gone: Redis was emptied, or never filled. Lacking: it was started again or another took over, either
perhaps without the last writes, while the consumers' offsets say that their events were written.
Also where their layout is that of another release.
"""

import asyncio

import structlog
from aiokafka.errors import KafkaError
from redis.exceptions import RedisError

from services.gateway.metrics import GatewayMetrics
from services.gateway.projections.rebuild import AlreadyRebuilding, Interrupted, Rebuild
from services.gateway.read_models.generations import Generations

log = structlog.get_logger()


class SelfHealing:
    """Checks every second.

    Reads are answered by the services meanwhile, or by the generation that may lack something.
    """

    def __init__(self, generations: Generations, rebuild: Rebuild, metrics: GatewayMetrics) -> None:
        self._generations, self._rebuild, self._metrics = generations, rebuild, metrics

    async def check(self) -> None:
        try:
            if await self._generations.is_complete():
                return
            if counts := await self._rebuild.run_unless_complete():
                self._metrics.rebuilds.inc()
                log.info("read_models_rebuilt", events=counts.events, skipped=counts.skipped)
        except AlreadyRebuilding:
            await asyncio.sleep(0)
        except (Interrupted, RedisError, KafkaError, OSError, TimeoutError) as error:
            reason = f"{type(error).__name__}: {error}"[:200]
            log.warning("read_models_incomplete", reason=reason)
