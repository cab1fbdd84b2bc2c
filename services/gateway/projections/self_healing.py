"""Keeps the read models whole: where they are gone or may lack something, all is built anew.

Gone: Redis was emptied, or never filled. Lacking: it was started again or another took over, either
perhaps without the last writes, while the consumers' offsets say that their facts were written.
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
    """Looks every second.

    Reads are answered by the services meanwhile, or by the generation that may lack something.
    """

    def __init__(self, generations: Generations, rebuild: Rebuild, metrics: GatewayMetrics) -> None:
        self._generations, self._rebuild, self._metrics = generations, rebuild, metrics

    async def look(self) -> None:
        try:
            if await self._generations.is_complete():
                return
            if counts := await self._rebuild.run_unless_whole():
                self._metrics.rebuilds.inc()
                log.info("read models rebuilt", facts=counts.facts, skipped=counts.skipped)
        except AlreadyRebuilding:
            await asyncio.sleep(0)
        except (Interrupted, RedisError, KafkaError, OSError, TimeoutError) as why:
            log.warning(
                "read models are not whole yet", reason=f"{type(why).__name__}: {why}"[:200]
            )
