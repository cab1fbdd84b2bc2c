"""Keeps the read models whole: where the pointer is gone, as after Redis was emptied or at the very first start, all is built anew."""

import asyncio

import structlog
from aiokafka.errors import KafkaError
from redis.exceptions import RedisError

from services.gateway.metrics import GatewayMetrics
from services.gateway.projections.rebuild import AlreadyRebuilding, Interrupted, Rebuild
from services.gateway.read_models.generations import Generations

log = structlog.get_logger()


class Keeping:
    """Looks every second; the reads fall back to the services meanwhile."""

    def __init__(self, generations: Generations, rebuild: Rebuild, metrics: GatewayMetrics) -> None:
        self._generations, self._rebuild, self._metrics = generations, rebuild, metrics

    async def look(self) -> None:
        try:
            named = await self._generations.read()
            if named.live is None:
                counts = await self._rebuild.run()
                self._metrics.rebuilds.inc()
                log.info("read models rebuilt", facts=counts.facts, skipped=counts.skipped)
        except AlreadyRebuilding:
            await asyncio.sleep(0)
        except (Interrupted, RedisError, KafkaError, OSError, TimeoutError) as why:
            log.warning("read models are not whole yet", reason=f"{type(why).__name__}: {why}"[:200])
