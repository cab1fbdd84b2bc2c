"""The whole product on one machine with two processes of every service, each reached, and reaching,
through wires that can be cut.

callers -> two gateways -> [activities] [vip] [motivation], each a wire that shares its connections
between two processes every process -> its own wires to PostgreSQL, Kafka (a listener of its own)
and Redis
"""

import asyncio
import os
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from redis.asyncio import Redis
from redis.exceptions import RedisError

from deploy.environment import SERVICES, Installation
from deploy.local import servers as local
from tests.chaos.machines import SECONDS, Machine, ManyDoors
from tests.chaos.wires import Switchboard, Wire
from tests.support.servers import OURS, ROOT, Servers, free_ports, provisioned, sweep
from tests.support.service_process import Service

REPLICAS = 2


@dataclass
class Replica:
    """One process of a service and the wires that it reaches the servers by."""

    service: Service
    postgres: Wire
    kafka: Wire
    redis: Wire
    paused: bool = False

    @property
    def name(self) -> str:
        return self.service.name

    def pause(self) -> None:
        self.service.send(signal.SIGSTOP)
        self.paused = True

    def resume(self) -> None:
        if self.paused:
            self.service.send(signal.SIGCONT)
            self.paused = False


@dataclass
class Cluster:
    """Everything that runs. Faults come from `tests.chaos.faults`, and `mend` ends them."""

    folder: Path
    board: Switchboard
    installation: Installation
    machines: Mapping[str, Machine]
    replicas: list[Replica]
    balanced: Mapping[str, Wire]

    @property
    def gateways(self) -> list[str]:
        return [replica.service.url for replica in self.of("gateway")]

    def of(self, name: str) -> list[Replica]:
        return [replica for replica in self.replicas if replica.name == name]

    def spawn(self) -> None:
        for replica in self.replicas:
            if not replica.service.runs:
                replica.service.spawn()

    async def mend(self) -> None:
        """Everything runs and is connected again."""
        self.board.turn("whole", *self.balanced.values())
        for replica in self.replicas:
            self.board.turn("whole", replica.postgres, replica.kafka, replica.redis)
            replica.resume()
        for machine in self.machines.values():
            if machine.runs:
                machine.send(signal.SIGCONT)
            else:
                machine.spawn()
        await asyncio.gather(*(machine.wait_ready() for machine in self.machines.values()))
        self.spawn()
        await self.wait_ready()

    async def empty_redis(self) -> None:
        """As if it had been replaced by a new one. Away, it cannot be."""
        client: Redis = Redis.from_url(self.installation.redis_url, socket_timeout=5)
        try:
            await client.flushall()
        except (RedisError, OSError):
            pass
        finally:
            await client.aclose()

    async def wait_ready(self) -> None:
        await asyncio.gather(
            *(asyncio.to_thread(replica.service.wait_ready, SECONDS) for replica in self.replicas)
        )

    async def command(self, service: str, *words: str) -> tuple[int, str]:
        """An operator's command of a service, as one would type it; its exit code and what it
        said.
        """
        return await _run(f"services.{service}.app", self.installation.service(service), *words)

    async def payroll(self, *words: str) -> tuple[int, str]:
        """The same of the example of a payroll system, which asks the first gateway."""
        where = {
            **self.installation.kafka_of("payroll").as_environment(),
            "SALES_NAMESPACE": self.installation.namespace,
        }
        gateway = next(
            replica.service for replica in self.replicas if replica.service.name == "gateway"
        )
        return await _run("deploy.examples.payroll", where, *words, "--gateway", gateway.url)


async def _run(module: str, settings: dict[str, str], *words: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *words,
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    return process.returncode or 0, output.decode(errors="replace")


@contextmanager
def standing(**more: str) -> Iterator[Cluster]:
    """A cluster, ready. `more` are settings of every process."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{OURS}{os.getpid()}-chaos-"))
    folder.chmod(0o711)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        board = Switchboard()
        stack.callback(board.close)
        names = [name for name in SERVICES for _ in range(REPLICAS)]
        ports = free_ports(4 + len(SERVICES) + 5 * len(names))
        doors = {ports.pop(): ports.pop() for _ in names}
        machines = _machines(folder, ports, doors)
        for machine in machines.values():
            machine.spawn()
            stack.callback(machine.stop)
        addresses = {name: machine.server.address for name, machine in machines.items()}
        broker = machines["kafka"].server
        assert isinstance(broker, local.Kafka)
        installation = stack.enter_context(
            provisioned(Servers(broker.connection, addresses["redis"], addresses["postgres"]))
        )
        own = {name: [ports.pop() for _ in range(REPLICAS)] for name in SERVICES}
        balanced = {
            name: board.wire(installation.ports[name], *(("127.0.0.1", port) for port in own[name]))
            for name in SERVICES
        }
        replicas = [
            _replica(installation, board, folder, name, port, door, ports, more)
            for (name, port), door in zip(
                ((name, port) for name in SERVICES for port in own[name]),
                doors.items(),
                strict=True,
            )
        ]
        cluster = Cluster(folder, board, installation, machines, replicas, balanced)
        stack.callback(_end, cluster)
        cluster.spawn()
        for replica in replicas:
            replica.service.wait_ready(SECONDS)
        yield cluster


def _machines(folder: Path, ports: list[int], doors: Mapping[int, int]) -> dict[str, Machine]:
    word = secrets.token_hex(16)
    servers: list[local.Server] = [
        ManyDoors(
            folder / "kafka",
            ports.pop(),
            controller_port=ports.pop(),
            password=word,
            doors=doors,
        ),
        local.Postgres(folder / "postgres", ports.pop(), password=word, durable=False),
        local.Redis(folder / "redis", ports.pop(), password=word),
    ]
    return {server.name: Machine(server, folder / f"{server.name}.log") for server in servers}


def _replica(
    installation: Installation,
    board: Switchboard,
    folder: Path,
    name: str,
    port: int,
    door: tuple[int, int],
    ports: list[int],
    more: Mapping[str, str],
) -> Replica:
    listener, kafka_port = door
    urls = [
        installation.database_url(name, "app"),
        installation.database_url(name, "worker"),
        installation.redis_url,
    ]
    postgres = board.wire(ports.pop(), _address(urls[0]))
    redis = board.wire(ports.pop(), _address(urls[2]))
    kafka = board.wire(kafka_port, ("127.0.0.1", listener))
    settings = {
        "SALES_DATABASE_URL": _through(urls[0], postgres),
        "SALES_WORKER_DATABASE_URL": _through(urls[1], postgres),
        "SALES_REDIS_URL": _through(urls[2], redis),
        "SALES_KAFKA": kafka.address,
        **more,
    }
    return Replica(
        Service.of(installation, name, folder, port=port, **settings), postgres, kafka, redis
    )


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 0


def _through(url: str, wire: Wire) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@{wire.address}"))


def _end(cluster: Cluster) -> None:
    for replica in cluster.replicas:
        if replica.service.runs:
            replica.service.kill()
    for machine in cluster.machines.values():
        if machine.runs:
            machine.send(signal.SIGCONT)
        else:
            machine.spawn()
            asyncio.run(machine.wait_ready())
