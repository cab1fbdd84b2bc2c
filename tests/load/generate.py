"""The load generator, a process of its own: a plan as JSON on standard input, an outcome as JSON on
standard output.

A closed loop: each connection sends its next request when the answer to the last has come. With
`rate`, requests are started at that many a second instead, as long as a connection is free. Shares
the two cores with what it measures.
"""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import cycle

import orjson
import uvloop

from tests.load.http import Connection


@dataclass
class Plan:
    """`requests` are sent in their order, over and over if `again`; each at most once otherwise."""

    host: str
    port: int
    connections: int
    requests: list[str]
    seconds: float
    warm_up: float = 1.0
    again: bool = False
    rate: float = 0.0


@dataclass
class Outcome:
    """What was measured after the warm-up: `rate` in requests a second, latencies in milliseconds.

    `cpu` is filled in by the stage: CPU seconds per 1,000 requests, by process.
    """

    count: int
    seconds: float
    rate: float
    p50: float
    p99: float
    statuses: dict[str, int] = field(default_factory=dict)
    refused: str = ""
    total: int = 0
    cpu: dict[str, float] = field(default_factory=dict)


class Run:
    """One plan being carried out."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        raw = [each.encode("latin-1") for each in plan.requests]
        self._requests: Iterator[bytes] = cycle(raw) if plan.again else iter(raw)
        self._latencies: list[float] = []
        self._statuses: Counter[int] = Counter()
        self._refused = ""
        self._total = 0
        self._began = self._ends = self._last = 0.0

    async def carry_out(self) -> Outcome:
        connections = [
            await Connection.to(self._plan.host, self._plan.port)
            for _ in range(self._plan.connections)
        ]
        start = time.perf_counter()
        self._began, self._ends = (
            start + self._plan.warm_up,
            start + self._plan.warm_up + self._plan.seconds,
        )
        await asyncio.gather(*(self._work(number, each) for number, each in enumerate(connections)))
        for connection in connections:
            connection.close()
        return self._outcome()

    async def _work(self, number: int, connection: Connection) -> None:
        due = time.perf_counter() + number / self._plan.rate if self._plan.rate else 0.0
        for request in self._requests:
            if due:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                due += self._plan.connections / self._plan.rate
            sent = time.perf_counter()
            if sent >= self._ends:
                return
            status, body = await connection.ask(request)
            answered = time.perf_counter()
            self._total += 1
            if sent >= self._began:
                self._last = max(self._last, answered)
                self._latencies.append(answered - sent)
                self._statuses[status] += 1
            if status >= 400 and not self._refused:
                self._refused = f"{status} {body[:300].decode(errors='replace')}"

    def _outcome(self) -> Outcome:
        ordered = sorted(self._latencies) or [0.0]
        seconds = max(self._last - self._began, 1e-9)

        def at(part: float) -> float:
            return round(1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))], 3)

        statuses = {str(status): count for status, count in self._statuses.items()}
        count = len(self._latencies)
        return Outcome(
            count, seconds, count / seconds, at(0.5), at(0.99), statuses, self._refused, self._total
        )


def main() -> None:
    plan = Plan(**orjson.loads(sys.stdin.buffer.read()))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.stdout.buffer.write(orjson.dumps(asdict(runner.run(Run(plan).carry_out()))))


if __name__ == "__main__":
    main()
