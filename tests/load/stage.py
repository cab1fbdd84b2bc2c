"""What a benchmark plays on: real servers, our services and the floors as real processes, and the
load generator.
"""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import orjson

from deploy.environment import SERVICES, Installation
from tests.load.generate import Outcome, Plan
from tests.load.processes import Cost, cost, server_pids
from tests.support.servers import Servers, free_ports, provisioned, running
from tests.support.service_process import UNLIMITED, Service

ROOT = Path(__file__).parents[2]
LONG = {
    "SALES_ACCESS_TOKEN_SECONDS": "14400",
    # Requests are signed long before they are sent.
    "SALES_INTERNAL_LEEWAY_SECONDS": "14400",
    "SALES_LOG_LEVEL": "WARNING",
}


@dataclass
class Stage:
    """A provisioned set-up whose services can be started, with all parts or some, and stopped."""

    servers: Servers
    installation: Installation
    folder: Path
    services: dict[str, Service] = field(default_factory=dict)
    floors: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    floor_ports: dict[str, int] = field(default_factory=dict)

    def start(self, names: Sequence[str] = SERVICES, **more: str) -> None:
        """Start services, the gateway last; `more` are settings such as SALES_PARTS="api"."""
        for name in names:
            self.services[name] = Service(
                name,
                self.installation.service(name) | LONG | UNLIMITED | more,
                self.folder / f"{name}.log",
            )
            self.services[name].spawn()
        for name in names:
            self.services[name].wait_ready(90)

    def stop(self, names: Sequence[str] = SERVICES) -> None:
        for name in names:
            if name in self.services:
                self.services.pop(name).stop()

    def restart(self, names: Sequence[str] = SERVICES, **more: str) -> None:
        self.stop(names)
        self.start(names, **more)

    def costs(self) -> dict[str, Cost]:
        """Of each service, floor and server, now."""
        pids = {name: service.pid for name, service in self.services.items()} | {
            name: floor.pid for name, floor in self.floors.items()
        }
        return {name: cost(pid) for name, pid in (pids | server_pids()).items()}

    async def database(self, service: str) -> asyncpg.Connection:
        """A superuser's connection to a service's database, past row-level security."""
        return await asyncpg.connect(self.installation.admin_url(service), command_timeout=1200)

    def load(
        self,
        address: str,
        requests: list[bytes],
        connections: int,
        seconds: float,
        again: bool = False,
        rate: float = 0.0,
        warm_up: float = 1.0,
    ) -> Outcome:
        """Runs the generator. Raises `AssertionError` where a request was refused."""
        at = urlsplit(address)
        assert at.hostname and at.port
        plan = Plan(
            at.hostname,
            at.port,
            connections,
            [each.decode("latin-1") for each in requests],
            seconds,
            warm_up,
            again,
            rate,
        )
        before = self.costs()
        done = subprocess.run(
            [sys.executable, "-m", "tests.load.generate"],
            cwd=ROOT,
            input=orjson.dumps(asdict(plan)),
            stdout=subprocess.PIPE,
            check=True,
        )
        outcome = Outcome(**orjson.loads(done.stdout))
        spent = {
            name: each.cpu - before[name].cpu
            for name, each in self.costs().items()
            if name in before
        }
        outcome.cpu = {
            name: 1000 * seconds / max(1, outcome.total) for name, seconds in spent.items()
        }
        assert not outcome.refused, outcome.refused
        assert outcome.count, "nothing was left to measure after the warm-up"
        return outcome

    def start_floor(self, name: str, **environment: str) -> str:
        """Start `tests.load.<name>`; its address."""
        (port,) = free_ports(1)
        environment = (
            os.environ
            | {"FLOOR_PORT": str(port), "FLOOR_SECRET": self.installation.secrets.token_secret}
            | environment
        )
        self.floors[name] = subprocess.Popen(
            [sys.executable, "-m", f"tests.load.{name}"], cwd=ROOT, env=environment
        )
        self.floor_ports[name] = port
        _wait_for(port)
        return f"http://127.0.0.1:{port}"

    def close(self) -> None:
        self.stop([name for name in reversed(SERVICES) if name in self.services])
        for process in self.floors.values():
            process.terminate()
            process.wait()

    async def settled(self, seconds: float = 120) -> None:
        """Waits until no fact waits in an outbox and no consumer is behind."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not [name for name in self.services if await self.waiting(name)] and not self.lag():
                return
            await asyncio.sleep(0.2)
        raise AssertionError(f"facts still wait after {seconds} s")

    async def forget(self) -> None:
        """Marks what waits in outboxes as published: a benchmark without a relay leaves thousands
        of facts that nobody asked for.
        """
        for name in self.services:
            connection = await self.database(name)
            await connection.execute(
                "UPDATE outbox SET published_at = now() WHERE published_at IS NULL"
            )
            await connection.execute("VACUUM ANALYZE outbox")
            await connection.close()

    async def waiting(self, service: str) -> int:
        connection = await self.database(service)
        try:
            return int(
                await connection.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
            )
        finally:
            await connection.close()

    def lag(self) -> int:
        """Records that consumers are behind, as they measure it themselves once a second."""
        return int(sum(self.metric(name, "consumer_lag_records") for name in self.services))

    def metric(self, service: str, name: str) -> float:
        """The sum of a metric of a service over its labels."""
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            f"{self.services[service].internal_url}/metrics", timeout=10
        ) as answer:
            lines = answer.read().decode().splitlines()
        return sum(
            float(line.rpartition(" ")[2])
            for line in lines
            if line.startswith(f"sales_{service}_{name}")
        )


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nothing answers at port {port}")


@contextmanager
def stage() -> Iterator[Stage]:
    """Servers and a provisioned set-up; everything that was started ends with the block.

    Never containers: their CPU can't be seen.
    """
    os.environ["SALES_TEST_DOCKER"] = "0"
    with (
        running() as servers,
        provisioned(servers) as installation,
        tempfile.TemporaryDirectory() as folder,
    ):
        made = Stage(servers, installation, Path(folder))
        try:
            yield made
        finally:
            made.close()
