"""Password hashes: argon2id, worked out in threads, few at a time, so that log-ins never starve the
rest.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2


class Passwords:
    """Hashes and checks.

    `turn` is held while a log-in is judged, so that few tries are under way between check and
    count.
    """

    def __init__(self) -> None:
        # OWASP's second choice: 19 MiB, two passes, one lane.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        self._nobody = self._hasher.hash("nobody's password")
        self.turn = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._hasher.hash, password
        )

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether `password` is the one; takes as long where there is no hash to compare with."""
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, self._verify, password_hash or self._nobody, password
        )
        return found and password_hash is not None

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def close(self) -> None:
        self._threads.shutdown(wait=False)
