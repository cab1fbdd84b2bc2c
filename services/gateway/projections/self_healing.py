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
from services.gateway.projections.replay import TopicCut
from services.gateway.read_models.generations import Generations

log = structlog.get_logger()

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
CUT_SECONDS = 30.0
"""Between tries to rebuild from topics that lack their first records."""


class SelfHealing:
    """Checks every second.

    Reads are answered by the services meanwhile, or by the generation that may lack something.
    """

    def __init__(self, generations: Generations, rebuild: Rebuild, metrics: GatewayMetrics) -> None:
        self._generations, self._rebuild, self._metrics = generations, rebuild, metrics
        self._pause = FIRST_PAUSE_SECONDS

    async def check(self) -> None:
        try:
            if await self._generations.is_complete():
                self._generations.rebuild_problem = ""
                return
            if counts := await self._rebuild.run_unless_complete():
                self._metrics.topics_cut.set(0)
                self._metrics.rebuilds.inc()
                self._pause, self._generations.rebuild_problem = FIRST_PAUSE_SECONDS, ""
                self._metrics.incomplete_aggregates.set(counts.incomplete)
                log.info(
                    "read_models_rebuilt",
                    events=counts.events,
                    skipped=counts.skipped,
                    incomplete=counts.incomplete,
                )
        except AlreadyRebuilding:
            await asyncio.sleep(0)
        except TopicCut as cut:
            self._metrics.topics_cut.set(1)
            self._generations.rebuild_problem = "not rebuilt: topics lack their first records"
            log.critical("rebuild_refused", reason=str(cut)[:500])
            await asyncio.sleep(CUT_SECONDS)
        except (Interrupted, RedisError, KafkaError, OSError, TimeoutError) as error:
            reason = f"{type(error).__name__}: {error}"[:200]
            log.warning("read_models_incomplete", reason=reason)
            self._generations.rebuild_problem = f"not rebuilt: {type(error).__name__}"
            await asyncio.sleep(self._pause)
            self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)
