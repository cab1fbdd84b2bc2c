"""Register, take, interact and pay, through the gateway and past it, beside the one-hop floor and
the bare pass-through.
"""

import asyncio
from collections.abc import Callable

from tests.load.floors import Floors
from tests.load.generate import Outcome
from tests.load.measuring import Figure, beside, rates
from tests.load.stock import Stocked, multiply, template
from tests.load.world import World

SECONDS = 2.0
AIM = {"take": "0.3, stretch 0.4", "register": "0.3", "interact": "0.3", "pay": "0.3"}
INTERACTION = {
    "kind": "call",
    "note": "Обсудили сроки",
    "next_step": {"what": "Перезвонить", "due_at": "2090-01-01T00:00:00Z"},
}
PAYMENT = {"amount": {"amount": "1500.00", "currency": "RUB"}}


class Commands:
    """Closed loops of one kind of command each."""

    def __init__(self, world: World, floors: Floors) -> None:
        self._world, self._floors = world, floors
        self._free: list[Stocked] = []
        self._invoiced: list[Stocked] = []
        self._taken: list[Stocked] = []

    async def prepare(self, count: int = 20_000) -> None:
        """Activities to take, twice `count`, and to pay."""
        self._free = await multiply(self._world, await template(self._world, "free"), 2 * count)
        self._invoiced = await multiply(self._world, await template(self._world, "invoiced"), count)
        self._taken = await multiply(self._world, await template(self._world, "taken"), 4_000)
        await self._floors.refill(3 * count)

    def take(self, connections: int, direct: bool = False) -> Outcome:
        return self._each(self._free, "take", None, connections, direct)

    def pay(self, connections: int) -> Outcome:
        """In full, so that each wins: two facts a command."""
        return self._each(self._invoiced, "payments", PAYMENT, connections)

    def interact(self, connections: int) -> Outcome:
        batch, self._taken = self._taken[:2000], self._taken[2000:] + self._taken[:2000]
        return self._each(list(batch), "interactions", INTERACTION, connections)

    def register(self, connections: int) -> Outcome:
        world = self._world
        requests = [
            world.request(world.sellers[number % 32], "POST", "/activities", world.order(number))
            for number in range(2_500)
        ]
        return world.stage.load(world.address(), requests, connections, SECONDS)

    def _each(
        self, stock: list[Stocked], what: str, body: object, connections: int, direct: bool = False
    ) -> Outcome:
        world = self._world
        chosen = [stock.pop() for _ in range(min(len(stock), 2_500))]
        requests = [
            world.request(each.seller, "POST", f"/activities/{each.id}/{what}", body, direct=direct)
            for each in chosen
        ]
        return world.stage.load(world.address(direct), requests, connections, SECONDS)


async def measure(
    world: World, floors: Floors, runs: int, levels: dict[int, int] | None = None
) -> list[Figure]:
    """All commands at each number of connections; `levels` gives runs by connections."""
    commands = Commands(world, floors)
    figures = []
    for connections, times in (
        levels or {1: max(1, runs // 2), 8: runs, 32: max(1, runs // 2)}
    ).items():
        await commands.prepare(2_600 * (times + 1))
        measured = _measured(commands, floors, connections)
        bare, outcomes = await asyncio.to_thread(
            beside,
            lambda c=connections: floors.take(c, SECONDS),  # type: ignore[misc]
            measured,
            times,
        )
        at = f"{connections} connection{'s' if connections > 1 else ''}"
        figures.append(rates(f"floor: take, one hop, {at}", bare, []))
        for name, results in outcomes.items():
            aim = (
                AIM.get(name.partition(",")[0], "")
                if connections == 8 and "past" not in name
                else ""
            )
            figures.append(rates(f"{name}, {at}", results, bare, aim))
    return figures


def _measured(
    commands: Commands, floors: Floors, connections: int
) -> dict[str, Callable[[], Outcome]]:
    return {
        "bare pass-through of the floor": lambda: floors.take(connections, SECONDS, two_hops=True),
        "take": lambda: commands.take(connections),
        "take, past the gateway": lambda: commands.take(connections, direct=True),
        "register": lambda: commands.register(connections),
        "interact": lambda: commands.interact(connections),
        "pay": lambda: commands.pay(connections),
    }
