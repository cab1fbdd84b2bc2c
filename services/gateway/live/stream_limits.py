"""How many live connections one caller and one tenant may hold open at this gateway."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from services.gateway.metrics import GatewayMetrics
from shared.errors import Overuse
from shared.tenancy import Caller

_RETRY_SECONDS = 5


class StreamLimits:
    """Counts the open connections by caller and by tenant."""

    def __init__(self, of_caller: int, of_tenant: int, metrics: GatewayMetrics) -> None:
        self._of_caller, self._of_tenant, self._metrics = of_caller, of_tenant, metrics
        self._open: Counter[UUID] = Counter()

    @contextmanager
    def held(self, caller: Caller) -> Iterator[None]:
        """Counts a connection for as long as the block runs. Raises `Overuse`."""
        caller_id, tenant_id = caller.employee_id, caller.tenant_id
        if self._open[caller_id] >= self._of_caller or self._open[tenant_id] >= self._of_tenant:
            self._metrics.overuse.labels("streams").inc()
            raise Overuse("streams", _RETRY_SECONDS)
        self._open.update((caller_id, tenant_id))
        try:
            yield
        finally:
            for id_ in (caller_id, tenant_id):
                self._open[id_] -= 1
                if not self._open[id_]:
                    del self._open[id_]
