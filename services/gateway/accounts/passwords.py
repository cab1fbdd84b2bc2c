"""Password hashes: argon2id, computed in a few threads, so that log-ins never starve the rest."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import Field

Password = Annotated[
    str, Field(min_length=8, max_length=200, description="Stored as a hash by the gateway")
]
AT_ONCE = 2


class Passwords:
    """Hashes passwords and verifies them.

    `turn` is held while a log-in is judged, so that few tries are between their check and their
    count.
    """

    def __init__(self) -> None:
        # OWASP's second choice: 19 MiB, two passes, one lane.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        self._decoy = self._hasher.hash("nobody's password")
        self.turn = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._hasher.hash, password
        )

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether `password` has that hash; takes as long where there is none to compare with."""
        verified = await asyncio.get_running_loop().run_in_executor(
            self._threads, self._verify, password_hash or self._decoy, password
        )
        return verified and password_hash is not None

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def close(self) -> None:
        self._threads.shutdown(wait=False)
