"""Files that are posted as they are: how many a gateway holds at once.

A body is in memory until its service has answered, for the proof that goes with it binds its
digest (ADR 20). So a turn is taken before a file is read, and one tenant's never fill them all.
"""

from starlette.types import Scope

from services.gateway.metrics import GatewayMetrics
from shared.errors import Overuse
from shared.fair_turns import FairTurns
from shared.ids import TenantId

TURN_SECONDS = 10.0
"""For so long a file waits for its turn."""
_TENANT = "upload_of"
HELD = "upload_held"
"""In the scope of what a page posts on: the turn that it took itself is enough."""


class UploadTurns:
    """At most `at_once` files in memory, at most `of_a_tenant` of them one tenant's; a file may
    take `seconds` to arrive.
    """

    def __init__(
        self, at_once: int, of_a_tenant: int, seconds: float, metrics: GatewayMetrics
    ) -> None:
        self._turns = FairTurns(at_once, of_a_tenant, queue=of_a_tenant * 4)
        self._metrics = metrics
        self.seconds = seconds

    async def enter(self, scope: Scope, tenant_id: TenantId) -> None:
        """Takes a turn for the request. Raises `Overuse` where none comes in time."""
        if scope.get(HELD):
            return
        if not self._turns.enter(tenant_id):
            try:
                await self._turns.wait(tenant_id, TURN_SECONDS)
            except TimeoutError:
                self._metrics.overuse.labels("concurrency").inc()
                raise Overuse("concurrency", 1) from None
        scope[_TENANT] = tenant_id

    def leave(self, scope: Scope) -> None:
        """Gives the request's turn back, if it has one."""
        if _TENANT in scope:
            self._turns.leave(scope.pop(_TENANT))
