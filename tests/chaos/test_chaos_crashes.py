"""Commands flow while processes, servers and connections fail: afterwards everything that was
acknowledged is there, once.

make chaos [ROUNDS=30] [SEED=…]        one tenant a round; `SEED` repeats what a failure printed,
with ROUNDS=1
"""

import asyncio
import os
import random
import time

import pytest

from tests.chaos.cluster import Cluster
from tests.chaos.conftest import NewShop
from tests.chaos.faults import draw, strike
from tests.chaos.judge import Judge
from tests.chaos.stream import ends
from tests.chaos.traffic import Traffic

ROUNDS = int(os.environ.get("ROUNDS") or 30)
SEED = int(os.environ.get("SEED") or time.time())
SECONDS = float(os.environ.get("SECONDS_A_ROUND") or 8)


async def play(cluster: Cluster, new_shop: NewShop, seed: int, *, calm: bool = False) -> list[str]:
    """A round: a new tenant, commands from everyone, faults amid them; what is wrong after all is
    mended.
    """
    chance = random.Random(seed)
    since = await ends(cluster)
    shop = await new_shop(3)
    await shop.plan()
    faults = [] if calm else draw(cluster, chance, SECONDS)
    for fault in faults:
        print(f"    {fault.after:5.2f} s  {fault.words}", flush=True)
    traffic = Traffic(shop, chance)
    started = time.monotonic()
    flowing = asyncio.create_task(traffic.flow(SECONDS))
    try:
        await strike(cluster, faults)
        await asyncio.sleep(max(0.0, SECONDS - (time.monotonic() - started)))
    finally:
        await cluster.mend()
    await flowing
    flowed = time.monotonic()
    wrong = await Judge(cluster, shop, since).wrong()
    calls = shop.calls()
    done = sum(call.ok for call in calls)
    print(
        f"    {done} done, {len(calls) - done} refused, {sum(call.tries - 1 for call in calls)}"
        " repeated;",
        end=" ",
    )
    print(
        f"flowed {flowed - started:.0f} s, judged in {time.monotonic() - flowed:.0f} s,"
        f" {len(wrong)} wrong",
        flush=True,
    )
    return wrong


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("number", range(ROUNDS))
async def test_nothing_acknowledged_is_lost_nothing_happens_twice(
    number: int, cluster: Cluster, new_shop: NewShop
) -> None:
    seed = SEED + number
    print(f"\nround {number + 1}: SEED={seed}", flush=True)
    wrong = await play(cluster, new_shop, seed)
    assert not wrong, f"SEED={seed}\n" + "\n".join(wrong[:20])


@pytest.mark.timeout(400)
async def test_a_quiet_round_is_judged_right(cluster: Cluster, new_shop: NewShop) -> None:
    """The judge itself, where nothing fails."""
    assert await play(cluster, new_shop, 1, calm=True) == []
