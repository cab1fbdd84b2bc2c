"""Waits until something has become true."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any


async def until(
    condition: Callable[[], Awaitable[Any]], seconds: float = 20, every: float = 0.1
) -> Any:
    """The first true result of `condition`, tried `every` so many seconds."""
    end = time.monotonic() + seconds
    while not (result := await condition()):
        assert time.monotonic() < end, "it did not come true in time"
        await asyncio.sleep(every)
    return result
