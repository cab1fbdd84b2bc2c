"""Waiting for events, which need a moment from one service to the next."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

SECONDS = 20.0
Seen = TypeVar("Seen")


async def eventually(look: Callable[[], Awaitable[Seen]], seconds: float = SECONDS) -> Seen:
    """The first thing that `look` returns which is not empty; fails after `seconds`."""
    until = time.monotonic() + seconds
    while not (seen := await look()):
        assert time.monotonic() < until, f"not within {seconds} s"
        await asyncio.sleep(0.05)
    return seen
