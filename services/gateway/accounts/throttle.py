"""Slows down who tries passwords: counted in Redis for all gateways, in this process while Redis is
away.
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

_REMEMBERED = 10_000


class Throttle:
    """Wrong tries by e-mail and by address. Right ones leave no trace."""

    def __init__(self, redis: Any, namespace: str) -> None:
        self._redis, self._namespace = redis, namespace
        self._here: dict[str, Tries] = {}

    async def check(self, email: str, address: str) -> None:
        """Raises `Wait` (429 `rate_limited`) while the e-mail or the address is closed."""
        keys = [key for key, _ in self._keys(email, address)]
        wait = max(self._here[key].wait(time()) if key in self._here else 0 for key in keys)
        try:
            left = (
                await self._redis.pipeline(transaction=False)
                .pttl(keys[0] + ":closed")
                .pttl(keys[1] + ":closed")
                .execute()
            )
            wait = max(wait, *(-(-max(0, milliseconds) // 1000) for milliseconds in left))
        except (RedisError, OSError):
            pass
        if wait:
            raise Wait("log_in", wait)

    async def failed(self, email: str, address: str) -> None:
        """Counts a wrong try; in Redis or, while it is away, here."""
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
                if len(self._here) >= _REMEMBERED:
                    self._here.clear()
                self._here[key] = self._here.get(key, Tries()).after_wrong(free, time())

    def _keys(self, email: str, address: str) -> tuple[tuple[str, int], tuple[str, int]]:
        # An e-mail is a person's: its digest is enough to count by.
        hashed = sha256(email.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        stem = f"{self._namespace}gw:tries:"
        return (f"{stem}{{{hashed}}}", FREE_TRIES_EMAIL), (
            f"{stem}{{{address}}}",
            FREE_TRIES_ADDRESS,
        )
