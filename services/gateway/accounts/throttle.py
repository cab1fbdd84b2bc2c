"""Slows down guesses of passwords: counted in Redis for all gateways, in this process while Redis
is away.
"""

from hashlib import sha256
from time import time
from typing import Any

from redis.exceptions import RedisError

from services.gateway.domain.waiting import (
    FREE_TRIES_ADDRESS,
    FREE_TRIES_EMAIL,
    WINDOW_SECONDS,
    Tries,
    wait_after,
)
from shared.errors import Wait

_CACHE_SIZE = 10_000


class Throttle:
    """Wrong tries by e-mail and by address; right ones are not counted."""

    def __init__(self, redis: Any, namespace: str) -> None:
        self._redis, self._namespace = redis, namespace
        self._local: dict[str, Tries] = {}

    async def check(self, email: str, address: str) -> None:
        """Raises `Wait` (429 `rate_limited`) while the e-mail or the address is locked."""
        keys = [key for key, _ in self._keys(email, address)]
        wait = max(self._local[key].wait(time()) if key in self._local else 0 for key in keys)
        try:
            expiries = (
                await self._redis.pipeline(transaction=False)
                .pttl(keys[0] + ":closed")
                .pttl(keys[1] + ":closed")
                .execute()
            )
            wait = max(wait, *(-(-max(0, milliseconds) // 1000) for milliseconds in expiries))
        except (RedisError, OSError):
            pass
        if wait:
            raise Wait("log_in", wait)

    async def record_failure(self, email: str, address: str) -> None:
        """Counts a wrong try."""
        for key, free in self._keys(email, address):
            try:
                wrong, _ = (
                    await self._redis.pipeline(transaction=True)
                    .incr(key)
                    .expire(key, WINDOW_SECONDS)
                    .execute()
                )
                if wait := wait_after(wrong, free):
                    await self._redis.set(key + ":closed", b"1", ex=wait)
            except (RedisError, OSError):
                if len(self._local) >= _CACHE_SIZE:
                    self._local.clear()
                self._local[key] = self._local.get(key, Tries()).after_wrong(free, time())

    def _keys(self, email: str, address: str) -> tuple[tuple[str, int], tuple[str, int]]:
        """The keys to count by, each with the tries that cost nothing."""
        # An e-mail identifies a person: its digest is enough to count by.
        hashed = sha256(email.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        stem = f"{self._namespace}gw:tries:"
        return (f"{stem}{{{hashed}}}", FREE_TRIES_EMAIL), (
            f"{stem}{{{address}}}",
            FREE_TRIES_ADDRESS,
        )
