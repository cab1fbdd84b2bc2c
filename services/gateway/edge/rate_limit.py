"""Rate limits by caller and by tenant, each process for itself: they stop runaways, not work."""

from collections import OrderedDict
from math import ceil
from time import monotonic
from uuid import UUID

from services.gateway.domain.bucket import Bucket
from shared.errors import Wait
from shared.tenancy import Caller

_CACHE_SIZE = 50_000


class RateLimit:
    """A bucket for each recent caller and tenant; rates are in requests a second."""

    def __init__(self, caller_rate: float, tenant_rate: float) -> None:
        self._caller_rate, self._tenant_rate = caller_rate, tenant_rate
        self._buckets: OrderedDict[UUID, Bucket] = OrderedDict()

    def check(self, caller: Caller) -> None:
        """Raises `Wait` (429 `rate_limited`) where the caller or the tenant exceeds its rate."""
        now = monotonic()
        wait = max(
            self._take(caller.employee_id, self._caller_rate, now),
            self._take(caller.tenant_id, self._tenant_rate, now),
        )
        if wait:
            raise Wait("", max(1, ceil(wait)))

    def _take(self, key: UUID, rate: float, now: float) -> float:
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket.full(rate, now)
            if len(self._buckets) > _CACHE_SIZE:
                self._buckets.popitem(last=False)
        return bucket.take(now)
