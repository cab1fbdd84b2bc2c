"""Limits by caller and by tenant, each process for itself: they stop runaways, not work."""

from collections import OrderedDict
from math import ceil
from time import monotonic
from uuid import UUID

from services.gateway.domain.bucket import Bucket
from shared.errors import Wait
from shared.tenancy import Caller

_REMEMBERED = 50_000


class RateLimit:
    """The allowances of everybody who called lately."""

    def __init__(self, caller_rate: float, tenant_rate: float) -> None:
        self._caller_rate, self._tenant_rate = caller_rate, tenant_rate
        self._buckets: OrderedDict[UUID, Bucket] = OrderedDict()

    def check(self, caller: Caller) -> None:
        """Raises `Wait` (429 `rate_limited`) where the caller or the tenant asks too much."""
        now = monotonic()
        wait = max(
            self._take(caller.employee_id, self._caller_rate, now),
            self._take(caller.tenant_id, self._tenant_rate, now),
        )
        if wait:
            raise Wait("", max(1, ceil(wait)))

    def _take(self, who: UUID, rate: float, now: float) -> float:
        bucket = self._buckets.get(who)
        if bucket is None:
            bucket = self._buckets[who] = Bucket.full(rate, now)
            if len(self._buckets) > _REMEMBERED:
                self._buckets.popitem(last=False)
        return bucket.take(now)
