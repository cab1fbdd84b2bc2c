"""Waiting for events, which need a moment from one service to the next."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

SECONDS = 20.0
Seen = TypeVar("Seen")


async def eventually(
    look: Callable[[], Awaitable[Seen]], seconds: float = SECONDS, every: float = 0.05
) -> Seen:
    """The first result of `look` that is not empty; looks `every` so many seconds, and fails after
    `seconds`.
    """
    until = time.monotonic() + seconds
    while not (seen := await look()):
        assert time.monotonic() < until, f"not within {seconds} s"
        await asyncio.sleep(every)
    return seen
