"""Turns of log-ins: few are judged at once, and who cannot be is sent away."""

import asyncio

import pytest

from services.gateway.accounts.passwords import (
    AT_ONCE,
    MOST_WAITING,
    MOST_WAITING_OF_ONE,
    Turns,
)
from shared.errors import Unavailable


async def test_the_queue_is_bounded_in_all_and_for_one_address() -> None:
    turns, done = Turns(), asyncio.Event()

    async def judged(network: str) -> None:
        async with turns.take(network):
            await done.wait()

    async def starting(network: str, number: int) -> list[asyncio.Task[None]]:
        tasks = [asyncio.create_task(judged(network)) for _ in range(number)]
        await asyncio.sleep(0)
        return tasks

    tasks = await starting("busy", AT_ONCE + MOST_WAITING_OF_ONE)
    with pytest.raises(Unavailable):
        await judged("busy")
    tasks += await starting("other", MOST_WAITING - MOST_WAITING_OF_ONE)
    with pytest.raises(Unavailable):
        await judged("third")
    done.set()
    await asyncio.gather(*tasks)
    async with turns.take("busy"):
        pass


async def test_who_gives_up_waiting_leaves_the_queue() -> None:
    turns, done = Turns(), asyncio.Event()

    async def judged() -> None:
        async with turns.take("busy"):
            await done.wait()

    tasks = [asyncio.create_task(judged()) for _ in range(AT_ONCE + MOST_WAITING_OF_ONE)]
    await asyncio.sleep(0)
    for task in tasks[AT_ONCE:]:
        task.cancel()
    await asyncio.gather(*tasks[AT_ONCE:], return_exceptions=True)
    done.set()
    await judged()
