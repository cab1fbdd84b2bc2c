"""What can go wrong with a machine, a process or a connection; drawn at random from a seed that
repeats it.
"""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.chaos.cluster import Cluster, Replica

PAUSE_SECONDS = 12.0
"""Longer than a consumer's session: the group goes on without the one that is paused."""


@dataclass(frozen=True)
class Fault:
    """Something to do to the cluster `after` so many seconds. `words` say what, for the log."""

    words: str
    after: float
    strike: Callable[[Cluster], Awaitable[None]]


def _replica(cluster: Cluster, chance: random.Random) -> Replica:
    return chance.choice(cluster.replicas)


def _name(cluster: Cluster, one: Replica) -> str:
    return f"{one.name}#{cluster.of(one.name).index(one) + 1}"


def draw(cluster: Cluster, chance: random.Random, seconds: float) -> list[Fault]:
    """One to three faults within the first `seconds` of a round."""
    kinds = [
        kill_service,
        kill_service,
        kill_service,
        pause_service,
        cut_service,
        hush_service,
        cut_between,
        kill_kafka,
        kill_postgres,
    ]
    return [
        chance.choice([*kinds, kill_redis, empty_redis, pause_machine])(cluster, chance, seconds)
        for _ in range(chance.randint(1, 3))
    ]


def _at(chance: random.Random, seconds: float) -> float:
    return round(chance.uniform(0.2, seconds * 0.8), 2)


def kill_service(cluster: Cluster, chance: random.Random, seconds: float) -> Fault:
    """SIGKILL, relay and consumer with it; back at once."""
    one, away = _replica(cluster, chance), chance.choice([0.0, 1.0, 3.0])

    async def strike(_: Cluster) -> None:
        one.resume()
        one.service.kill()
        await asyncio.sleep(away)
        if not one.service.runs:
            one.service.spawn()

    return Fault(
        f"SIGKILL {_name(cluster, one)}, back after {away} s", _at(chance, seconds), strike
    )


def pause_service(cluster: Cluster, chance: random.Random, seconds: float) -> Fault:
    one = _replica(cluster, chance)

    async def strike(_: Cluster) -> None:
        if one.service.runs:
            one.pause()
            await asyncio.sleep(PAUSE_SECONDS)
            one.resume()

    return Fault(
        f"SIGSTOP {_name(cluster, one)} for {PAUSE_SECONDS} s", _at(chance, seconds), strike
    )


def cut_service(cluster: Cluster, chance: random.Random, seconds: float) -> Fault:
    return _wire(cluster, chance, seconds, "refusing")


def hush_service(cluster: Cluster, chance: random.Random, seconds: float) -> Fault:
    return _wire(cluster, chance, seconds, "silent")


def _wire(cluster: Cluster, chance: random.Random, seconds: float, state: str) -> Fault:
    one, to, away = (
        _replica(cluster, chance),
        chance.choice(["postgres", "kafka"]),
        chance.choice([1.0, 4.0, 8.0]),
    )
    if one.name == "gateway":
        to = chance.choice(["postgres", "kafka", "redis"])
    wire = getattr(one, to)

    async def strike(whole: Cluster) -> None:
        whole.board.turn(state, wire)  # type: ignore[arg-type]
        await asyncio.sleep(away)
        whole.board.turn("whole", wire)

    return Fault(
        f"{_name(cluster, one)} cut from {to} ({state}) for {away} s", _at(chance, seconds), strike
    )


def cut_between(cluster: Cluster, chance: random.Random, seconds: float) -> Fault:
    """Nobody reaches a service, neither the gateways nor its neighbours."""
    name, away = chance.choice(["activities", "vip", "motivation"]), chance.choice([1.0, 4.0])

    async def strike(whole: Cluster) -> None:
        whole.board.turn("refusing", whole.balanced[name])
        await asyncio.sleep(away)
        whole.board.turn("whole", whole.balanced[name])

    return Fault(f"everyone cut from {name} for {away} s", _at(chance, seconds), strike)


def _kill(name: str, cluster: Cluster, chance: random.Random, seconds: float) -> Fault:
    machine, away = cluster.machines[name], chance.choice([0.0, 2.0, 5.0])

    async def strike(_: Cluster) -> None:
        machine.kill()
        await asyncio.sleep(away)
        machine.spawn()

    return Fault(f"SIGKILL {name}, back after {away} s", _at(chance, seconds), strike)


def kill_kafka(cluster: Cluster, chance: random.Random, seconds: float) -> Fault:
    return _kill("kafka", cluster, chance, seconds)


def kill_postgres(cluster: Cluster, chance: random.Random, seconds: float) -> Fault:
    return _kill("postgres", cluster, chance, seconds)


def kill_redis(cluster: Cluster, chance: random.Random, seconds: float) -> Fault:
    return _kill("redis", cluster, chance, seconds)


def empty_redis(cluster: Cluster, chance: random.Random, seconds: float) -> Fault:
    async def strike(whole: Cluster) -> None:
        await whole.empty_redis()

    return Fault("Redis emptied", _at(chance, seconds), strike)


def pause_machine(cluster: Cluster, chance: random.Random, seconds: float) -> Fault:
    name, away = chance.choice(["kafka", "postgres", "redis"]), chance.choice([2.0, 5.0])
    machine = cluster.machines[name]

    async def strike(_: Cluster) -> None:
        if machine.runs:
            machine.send(signal.SIGSTOP)
            await asyncio.sleep(away)
            machine.send(signal.SIGCONT)

    return Fault(f"SIGSTOP {name} for {away} s", _at(chance, seconds), strike)


async def strike(cluster: Cluster, faults: list[Fault]) -> None:
    """All of them, each at its time; two that meet may hit each other."""

    async def one(fault: Fault) -> None:
        await asyncio.sleep(fault.after)
        await fault.strike(cluster)

    await asyncio.gather(*(one(fault) for fault in faults))
