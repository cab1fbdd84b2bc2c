"""Turns: who sends much waits for itself, and nobody is forgotten."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.fair_turns import FairTurns


async def test_a_tenant_holds_at_most_its_share_and_others_enter_at_once() -> None:
    turns = FairTurns(4, 3)
    assert [turns.enter("greedy") for _ in range(4)] == [True, True, True, False]
    assert turns.enter("modest")
    assert not turns.enter("third")


async def test_the_process_itself_is_limited_by_the_whole_only() -> None:
    turns = FairTurns(3, 1)
    assert [turns.enter(None) for _ in range(4)] == [True, True, True, False]


async def test_who_holds_fewest_comes_next() -> None:
    turns, order = FairTurns(3, 3), []

    async def work(tenant: str) -> None:
        if not turns.enter(tenant):
            await turns.wait(tenant, 1)
        order.append(tenant)
        await asyncio.sleep(0.01)
        turns.leave(tenant)

    greedy = [asyncio.create_task(work("greedy")) for _ in range(9)]
    await asyncio.sleep(0)
    modest = [asyncio.create_task(work("modest")) for _ in range(2)]
    await asyncio.gather(*greedy, *modest)
    places = [place for place, tenant in enumerate(order) if tenant == "modest"]
    assert places[0] == 3 and places[1] <= 5


async def test_tenants_that_hold_as_many_take_turns() -> None:
    turns, order = FairTurns(1, 1), []

    async def work(tenant: str) -> None:
        await turns.wait(tenant, 1)
        order.append(tenant)
        turns.leave(tenant)

    assert turns.enter("first")
    waiting = [asyncio.create_task(work(tenant)) for tenant in "aaabbb"]
    await asyncio.sleep(0)
    turns.leave("first")
    await asyncio.gather(*waiting)
    assert order == list("ababab")


async def test_who_waits_too_long_or_gives_up_takes_no_turn() -> None:
    turns = FairTurns(1, 1, queue=2)
    assert turns.enter("a")
    with pytest.raises(TimeoutError):
        await turns.wait("b", 0.01)
    given_up = asyncio.create_task(turns.wait("b", 5))
    waits = asyncio.create_task(turns.wait("b", 5))
    await asyncio.sleep(0)
    with pytest.raises(TimeoutError):
        await turns.wait("b", 5)
    given_up.cancel()
    await asyncio.sleep(0)
    turns.leave("a")
    await waits
    assert not turns.enter("c")
    turns.leave("b")
    assert turns.enter("c")


@given(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=40),
    st.integers(1, 4),
    st.integers(1, 4),
    st.lists(st.integers(0, 40), max_size=10),
)
def test_every_turn_is_given_back_whatever_happens(
    tenants: list[str], size: int, most: int, cancelled: list[int]
) -> None:
    async def run() -> None:
        turns, held = FairTurns(size, most), 0

        async def work(tenant: str) -> None:
            nonlocal held
            if not turns.enter(tenant):
                await turns.wait(tenant, 5)
            held += 1
            assert held <= size
            try:
                await asyncio.sleep(0)
            finally:
                held -= 1
                turns.leave(tenant)

        tasks = [asyncio.create_task(work(tenant)) for tenant in tenants]
        await asyncio.sleep(0)
        for number in cancelled:
            tasks[number % len(tasks)].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (turns._total, turns._held, turns._waiting) == (0, {}, {})

    asyncio.run(run())
