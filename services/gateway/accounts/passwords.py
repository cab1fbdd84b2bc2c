"""Password hashes: argon2id, computed in a few threads, so that log-ins never starve the rest."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Annotated
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import BeforeValidator, Field

from services.gateway.accounts.password_strength import weakness
from shared.errors import Invalid, Unavailable

SHORTEST = 12
AT_ONCE = 2
MOST_WAITING = 256
MOST_WAITING_OF_ONE = 128


def normalized(password: str) -> str:
    """NFKC: the same keys give the same password on every keyboard and system."""
    return normalize("NFKC", password)


Password = Annotated[
    str,
    Field(min_length=SHORTEST, max_length=200, description="Stored as a hash by the gateway"),
    BeforeValidator(lambda value: normalized(value) if isinstance(value, str) else value),
]


class Turns:
    """Who may have a password judged: few at once, so that few tries are between their check and
    their count; the others wait, and beyond a bound are sent away.
    """

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(AT_ONCE)
        self._waiting: Counter[str] = Counter()

    @asynccontextmanager
    async def take(self, network: str) -> AsyncIterator[None]:
        """Waits for a turn. Raises `Unavailable` where too many wait, or too many of `network`."""
        if self._waiting.total() >= MOST_WAITING or self._waiting[network] >= MOST_WAITING_OF_ONE:
            raise Unavailable("log_in", 2)
        self._waiting[network] += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting[network] -= 1
            if not self._waiting[network]:
                del self._waiting[network]
        try:
            yield
        finally:
            self._free.release()


class Passwords:
    """Hashes passwords that are good enough, and verifies them; `turns` limits the judging."""

    def __init__(self) -> None:
        # OWASP's first choice: 46 MiB, one pass, one lane; 55 ms of a core.
        self._hasher = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        self._decoy = self._hasher.hash("nobody's password")
        self.turns = Turns()

    async def hash_new(self, password: str, *personal: str | None, field: str = "password") -> str:
        """The hash of a password that somebody chose.

        Raises `Invalid` where it is a common one, or made of `personal`: e-mail and name.
        """
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._hash_new, password, [text for text in personal if text], field
        )

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether `password` has that hash; takes as long where there is none to compare with."""
        verified = await asyncio.get_running_loop().run_in_executor(
            self._threads, self._verify, password_hash or self._decoy, password
        )
        return verified and password_hash is not None

    async def renewed(self, password_hash: str, password: str) -> str:
        """The hash of a password that was just verified, by today's parameters and spelling."""
        if not self._hasher.check_needs_rehash(password_hash):
            return password_hash
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._hasher.hash, normalized(password)
        )

    def _hash_new(self, password: str, personal: list[str], field: str) -> str:
        rule = weakness(password, personal)
        if rule:
            raise Invalid(field, rule)
        return self._hasher.hash(password)

    def _verify(self, password_hash: str, password: str) -> bool:
        """Hashes made before passwords were normalized are of what was typed."""
        spellings = dict.fromkeys((normalized(password), password))
        return any(self._verify_spelling(password_hash, spelling) for spelling in spellings)

    def _verify_spelling(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def close(self) -> None:
        self._threads.shutdown(wait=False)
