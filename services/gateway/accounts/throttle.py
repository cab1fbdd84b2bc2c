"""Slows down guesses of passwords: counted in Redis for all gateways, in this process while Redis
is away.

Counted first by e-mail and address together, so that strangers cannot keep the owner out. Who
logged in from an address before is not held up by what others do with the e-mail or the address.
"""

from hashlib import sha256
from time import time
from typing import Any, NamedTuple

from redis.exceptions import RedisError

from services.gateway.domain.waiting import (
    FREE_RESETS,
    FREE_TRIES,
    FREE_TRIES_ADDRESS,
    FREE_TRIES_EMAIL,
    WINDOW_SECONDS,
    Tries,
    wait_after,
)
from shared.errors import Wait

KNOWN_SECONDS = 90 * 86_400
RESET_SECONDS = 60
"""Between two letters to one mailbox."""
_CACHE_SIZE = 10_000


class Attempt(NamedTuple):
    """A try that was let through: what a wrong one counts by, each with the tries that cost
    nothing, and where a right one is remembered.
    """

    counts: tuple[tuple[str, int], ...]
    known: str


class Throttle:
    """Wrong tries by e-mail and network; right ones are not counted."""

    def __init__(self, redis: Any, namespace: str) -> None:
        self._redis, self._stem = redis, f"{namespace}gw:"
        self._local: dict[str, Tries] = {}

    async def admit(self, email: str, network: str) -> Attempt:
        """Lets a try through. Raises `Wait` (429 `rate_limited`) while it must wait."""
        # An e-mail identifies a person: its digest is enough to count by.
        pair, owner = _digest(f"{email}\n{network}"), _digest(email)
        counts: tuple[tuple[str, int], ...] = (
            (f"{self._stem}tries:{{{pair}}}", FREE_TRIES),
            (f"{self._stem}tries:{{{network}}}", FREE_TRIES_ADDRESS),
            (f"{self._stem}tries:{{{owner}}}", FREE_TRIES_EMAIL),
        )
        known = f"{self._stem}known:{{{pair}}}"
        is_known, waits = await self._waits([key for key, _ in counts], known)
        if is_known:
            counts = counts[:1]
        if wait := max(waits[: len(counts)]):
            raise Wait("log_in", wait)
        return Attempt(counts, known)

    async def record_failure(self, attempt: Attempt) -> None:
        """Counts a wrong try."""
        for key, free in attempt.counts:
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

    async def record_success(self, attempt: Attempt) -> None:
        """Remembers that the owner of the e-mail comes from this network."""
        try:
            await self._redis.set(attempt.known, b"1", ex=KNOWN_SECONDS)
        except (RedisError, OSError):
            pass

    async def count_reset(self, network: str) -> None:
        """Counts a request to reset a password, whoever's. Raises `Wait` for too many."""
        key = f"{self._stem}resets:{{{network}}}"
        counts = ((key, FREE_RESETS),)
        _, (wait,) = await self._waits([key], key)
        if wait:
            raise Wait("", wait)
        await self.record_failure(Attempt(counts, key))

    async def may_mail(self, email: str) -> bool:
        """Whether a reset may be mailed to `email` now: others must not flood a mailbox."""
        key = f"{self._stem}mailed:{{{_digest(email)}}}"
        try:
            return bool(await self._redis.set(key, b"1", ex=RESET_SECONDS, nx=True))
        except (RedisError, OSError):
            return True

    async def _waits(self, keys: list[str], known: str) -> tuple[bool, list[int]]:
        """Whether the pair is known, and the seconds that each key must wait."""
        waits = [self._local[key].wait(time()) if key in self._local else 0 for key in keys]
        pipeline = self._redis.pipeline(transaction=False).exists(known)
        for key in keys:
            pipeline = pipeline.pttl(key + ":closed")
        try:
            is_known, *expiries = await pipeline.execute()
        except (RedisError, OSError):
            return False, waits
        return bool(is_known), [
            max(wait, -(-max(0, milliseconds) // 1000))
            for wait, milliseconds in zip(waits, expiries, strict=True)
        ]


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
