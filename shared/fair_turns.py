"""Turns at something that only so many may use at once, given out fairly among tenants."""

import asyncio
from collections import deque
from collections.abc import Hashable

Turn = asyncio.Future[None]


class FairTurns:
    """At most `size` turns at once, at most `most` of them for one tenant.

    While some wait, the tenant that holds fewest comes next, so that one who sends much waits for
    itself. `None` is the process's own work, which is not limited to `most`.
    """

    def __init__(self, size: int, most: int, queue: int = 1_000) -> None:
        self._size, self._most, self._queue = size, most, queue
        self._held: dict[Hashable, int] = {}
        self._total = 0
        self._waiting: dict[Hashable, deque[Turn]] = {}

    def enter(self, tenant: Hashable) -> bool:
        """Takes a turn if one is free; False where it must be waited for."""
        if self._total >= self._size or tenant in self._waiting or not self._may(tenant):
            return False
        self._grant(tenant)
        return True

    async def wait(self, tenant: Hashable, seconds: float) -> None:
        """Waits for a turn and takes it.

        Raises `TimeoutError` after `seconds`, or at once where too many of the tenant wait already.
        """
        queue = self._waiting.setdefault(tenant, deque())
        if len(queue) >= self._queue:
            raise TimeoutError
        turn: Turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            async with asyncio.timeout(seconds):
                await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self.leave(tenant)
            else:
                self._forget(tenant, turn)
            raise

    def leave(self, tenant: Hashable) -> None:
        """Gives a turn back."""
        self._total -= 1
        held = self._held[tenant] - 1
        if held:
            self._held[tenant] = held
        else:
            del self._held[tenant]
        if self._waiting:
            self._serve()

    def _may(self, tenant: Hashable) -> bool:
        return tenant is None or self._held.get(tenant, 0) < self._most

    def _grant(self, tenant: Hashable) -> None:
        self._total += 1
        self._held[tenant] = self._held.get(tenant, 0) + 1

    def _serve(self) -> None:
        while self._total < self._size:
            # Of those who hold as many, the one whose turn came longest ago: it stands first.
            tenants = [tenant for tenant in self._waiting if self._may(tenant)]
            if not tenants:
                return
            tenant = min(tenants, key=lambda waiting: self._held.get(waiting, 0))
            queue = self._waiting.pop(tenant)
            turn = queue.popleft()
            if queue:
                self._waiting[tenant] = queue
            if not turn.done():
                turn.set_result(None)
                self._grant(tenant)

    def _forget(self, tenant: Hashable, turn: Turn) -> None:
        queue = self._waiting.get(tenant)
        if queue and turn in queue:
            queue.remove(turn)
        if queue is not None and not queue:
            self._waiting.pop(tenant, None)
