"""Bulkheads between tenants: each has its turn at a timer's work, and one whose turn fails, or one
of its elements, is left out for a while.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from shared.errors import Unavailable
from shared.ids import TenantId
from shared.metrics import Metrics

log = structlog.get_logger()

LANES = 2
"""How many tenants have a turn at a time in one process."""
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 300.0
MOST_ELEMENTS = 100
"""So many failing elements of a tenant: the tenant as a whole is left out."""
_AWAY_FOR_ALL = 3
"""So many tenants in a row whom the database did not answer: it is not theirs, it is away."""
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Turn:
    """A batch of a tenant: whether there is more, and the elements that failed in it."""

    more: bool
    failed: Sequence[tuple[UUID, Exception]] = ()


TakeTurn = Callable[[TenantId, list[UUID]], Awaitable[Turn]]
"""Takes the tenant and the elements to leave out."""
_Key = tuple[TenantId, UUID | None]


@dataclass(slots=True)
class _Pause:
    """How often a tenant or an element failed in a row, why, and until when it is left out
    (monotonic seconds).
    """

    failures: int
    until: float
    reason: str


class TenantTurns:
    """The turns at the timers of a process."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics, self._unanswered = metrics, 0
        self._pauses: dict[str, dict[_Key, _Pause]] = {}

    async def take(
        self, timer: str, tenants: Iterable[TenantId], turn: TakeTurn, lanes: int = LANES
    ) -> None:
        """Gives `tenants` turns in rounds, a batch each, until none of them has more.

        Raises what is everybody's, such as a database that is away.
        """
        pauses = self._pauses.setdefault(timer, {})
        waiting = deque(id_ for id_ in tenants if not _runs(pauses.get((id_, None))))

        async def lane() -> None:
            while waiting:
                tenant_id = waiting.popleft()
                if await self._turn(timer, tenant_id, turn):
                    waiting.append(tenant_id)

        try:
            await asyncio.gather(*(lane() for _ in range(lanes)))
        finally:
            waiting.clear()
            self._metrics.timer_failing_tenants.labels(timer).set(len({key[0] for key in pauses}))

    def degraded(self) -> dict[str, str]:
        """The timers that leave something out: of how many tenants, and why."""
        return {
            f"timer {timer}": f"{len({key[0] for key in pauses})} tenants: {_reasons(pauses)}"
            for timer, pauses in self._pauses.items()
            if pauses
        }

    async def _turn(self, timer: str, tenant_id: TenantId, take_turn: TakeTurn) -> bool:
        pauses = self._pauses[timer]
        elements = {key[1]: pause for key, pause in pauses.items() if key[0] == tenant_id}
        left_out = [id_ for id_, pause in elements.items() if id_ and _runs(pause)]
        try:
            turn = await take_turn(tenant_id, left_out)
        except (Unavailable, OSError, TimeoutError) as failure:
            # One tenant's rows may be locked by somebody while all others are well.
            self._unanswered += 1
            if self._unanswered >= _AWAY_FOR_ALL:
                self._unanswered = 0
                raise
            self._leave_out(timer, (tenant_id, None), failure)
            return False
        except Exception as failure:
            self._leave_out(timer, (tenant_id, None), failure)
            return False
        self._unanswered = 0
        for id_ in elements.keys() - set(left_out):
            failed = any(id_ == element for element, _ in turn.failed)
            if not failed:
                pauses.pop((tenant_id, id_), None)
        for element, broken in turn.failed:
            self._leave_out(timer, (tenant_id, element), broken)
        if len(left_out) + len(turn.failed) > MOST_ELEMENTS:
            self._leave_out(timer, (tenant_id, None), RuntimeError("too many elements fail"))
            return False
        return turn.more

    def _leave_out(self, timer: str, key: _Key, failure: Exception) -> None:
        """Tells a failure, and leaves the tenant or the element out for twice as long as before."""
        pauses = self._pauses[timer]
        failures = pauses[key].failures + 1 if key in pauses else 1
        pause = min(FIRST_PAUSE_SECONDS * 2.0 ** min(failures - 1, 20), LONGEST_PAUSE_SECONDS)
        pauses[key] = _Pause(failures, time.monotonic() + pause, type(failure).__name__)
        self._metrics.timer_failures.labels(timer).inc()
        log.error(
            "timer_turn_failed",
            timer=timer,
            tenant_id=str(key[0]),
            element=str(key[1] or ""),
            failures=failures,
            pause_seconds=pause,
            exc_info=failure,
        )


def _runs(pause: _Pause | None) -> bool:
    return pause is not None and pause.until > time.monotonic()


def _reasons(pauses: dict[_Key, _Pause]) -> str:
    return ", ".join(sorted({pause.reason for pause in pauses.values()})[:_NAMED])
