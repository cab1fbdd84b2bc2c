"""The keys of access tokens, by `kid`: several are believed, one signs.

Each is made from the installation's token secret and the name of a generation; the database knows
the names alone. `tokens rotate` adds a generation, all gateways learn it before one signs with it,
and what the one before has signed is believed until it expires.
"""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from operator import attrgetter
from time import time
from typing import Any

LEARNT_WITHIN = timedelta(seconds=30)
"""All gateways read the generations in a sixth of this."""
READ_EVERY_SECONDS = LEARNT_WITHIN.total_seconds() / 6
FIRST = "0"
"""The generation of an installation that has never rotated."""


@dataclass(frozen=True, slots=True)
class Generation:
    """One set of keys; it signs from `starts_at` on, unix seconds, until the next one does."""

    name: str
    starts_at: float


class TokenKeys:
    """Keys made from `secrets`, comma-separated, the one in use first."""

    def __init__(self, secrets: str, seconds: int) -> None:
        self._secrets = [secret.strip().encode() for secret in secrets.split(",")]
        self._seconds = seconds
        self._set([Generation(FIRST, 0.0)])

    def read(self, rows: Iterable[Mapping[str, Any]]) -> bool:
        """Takes over the generations of the database; whether they are others than before."""
        stored = [Generation(row["name"], row["starts_at"].timestamp()) for row in rows]
        generations = [Generation(FIRST, 0.0), *sorted(stored, key=attrgetter("starts_at"))]
        if generations == self._generations:
            return False
        self._set(generations)
        return True

    def signing(self, now: float) -> tuple[str, bytes]:
        """The kid and the key to sign with."""
        started = [it.name for it in self._generations if it.starts_at <= now]
        kid = _kid(self._secrets[0], started[-1])
        return kid, self._keys[kid][0]

    def find(self, kid: str) -> bytes | None:
        """The key `kid`, unless nothing that it signed can still be good."""
        key, ends_at = self._keys.get(kid, (None, 0.0))
        return key if ends_at > time() else None

    def _set(self, generations: list[Generation]) -> None:
        self._generations = generations
        self._keys: dict[str, tuple[bytes, float]] = {}
        ends = [following.starts_at + self._seconds for following in generations[1:]]
        for generation, ends_at in zip(generations, [*ends, float("inf")], strict=True):
            for secret in self._secrets:
                kid = _kid(secret, generation.name)
                self._keys[kid] = (_key(secret, generation.name), ends_at)


def next_start(now: datetime, seconds: int, at_once: bool) -> datetime:
    """From when a new generation signs: once all gateways know it, or as if it had begun so long
    ago that what others have signed is no longer good.
    """
    return now - timedelta(seconds=seconds) if at_once else now + LEARNT_WITHIN


def _key(secret: bytes, name: str) -> bytes:
    return hmac.digest(secret, f"sales-public:{name}".encode(), "sha256")


def _kid(secret: bytes, name: str) -> str:
    return f"{name}-{sha256(b'sales-public-kid:' + secret).hexdigest()[:8]}"
