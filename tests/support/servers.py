"""Real Kafka, PostgreSQL and Redis for a test session, and our services as real processes.

Where servers come from: the addresses the environment names; else containers, where Docker answers;
else the launcher's own servers on free ports, with their own data, gone with the session.
"""

import asyncio
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from deploy import ready
from deploy.environment import PORTS as SERVICE_PORTS
from deploy.environment import Installation, Secrets
from deploy.local import servers as local
from deploy.provision import provision, remove
from shared.bus.connection import KafkaConnection

ROOT = Path(__file__).parents[2]
OURS = "sales-test-"
SECONDS = 120
PORTS = range(20000, 32000)
BLOCK = 500
_kept: list[socket.socket] = []


@dataclass(frozen=True)
class Servers:
    """Addresses of the three servers; `postgres_url` is a superuser's."""

    kafka: KafkaConnection
    redis_url: str
    postgres_url: str

    def as_environment(self) -> dict[str, str]:
        """What `running` reads."""
        return self.kafka.as_environment() | {
            "SALES_REDIS_URL": self.redis_url,
            "SALES_POSTGRES_URL": self.postgres_url,
        }


@contextmanager
def running(environment: Mapping[str, str] = os.environ) -> Iterator[Servers]:
    """Servers for as long as the block runs."""
    kafka, redis_url, postgres_url = (
        environment.get(name) for name in ("SALES_KAFKA", "SALES_REDIS_URL", "SALES_POSTGRES_URL")
    )
    if kafka and redis_url and postgres_url:
        yield Servers(KafkaConnection.from_environment(environment), redis_url, postgres_url)
    elif docker_answers():
        with _containers() as servers:
            yield servers
    else:
        with _processes() as servers:
            yield servers


@contextmanager
def provisioned(servers: Servers) -> Iterator[Installation]:
    """A set-up of its own on `servers`: databases, roles, topics, schemas; removed afterwards."""
    installation = Installation(
        kafka=servers.kafka,
        redis_url=servers.redis_url,
        postgres_url=servers.postgres_url,
        secrets=Secrets.new(),
        namespace=f"t{secrets.token_hex(3)}_",
        ports=dict(zip(SERVICE_PORTS, free_ports(len(SERVICE_PORTS)), strict=True)),
    )
    asyncio.run(provision(installation, SECONDS))
    try:
        yield installation
    finally:
        asyncio.run(remove(installation))


def free_ports(count: int) -> list[int]:
    """Ports nobody has, of those the system never gives to outgoing connections: one stays ours
    over a restart.

    Each is given once in a process, and two processes choose from different blocks: what is free
    now may be bound much later.
    """
    ports: list[int] = []
    for port in _own_ports():
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        ports.append(port)
        if len(ports) == count:
            return ports
    raise RuntimeError("this process has used up its ports")


@cache
def _own_ports() -> Iterator[int]:
    """The ports of a block that no other process of anybody chooses from as long as this one lives:
    it keeps the first.
    """
    for start in range(PORTS.start, PORTS.stop, BLOCK):
        keeper = socket.socket()
        try:
            keeper.bind(("127.0.0.1", start))
        except OSError:
            keeper.close()
        else:
            _kept.append(keeper)
            return iter(range(start + 1, start + BLOCK))
    raise RuntimeError("too many test sessions at once")


def docker_answers() -> bool:
    """Whether containers may be started here; SALES_TEST_DOCKER=0 forbids it."""
    if os.environ.get("SALES_TEST_DOCKER") == "0" or not shutil.which("docker"):
        return False
    return subprocess.run(["docker", "info"], capture_output=True, timeout=20).returncode == 0


@contextmanager
def _processes() -> Iterator[Servers]:
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{OURS}{os.getpid()}-"))
    # PostgreSQL may run under another account than we do.
    folder.chmod(0o711)
    broker, controller, postgres, redis = free_ports(4)
    kafka = local.Kafka(
        folder / "kafka", broker, controller_port=controller, password=secrets.token_hex(16)
    )
    database = local.Postgres(
        folder / "postgres", postgres, password=secrets.token_hex(16), durable=False
    )
    cache = local.Redis(folder / "redis", redis, password=secrets.token_hex(16))
    started: list[tuple[local.Server, subprocess.Popen[bytes]]] = []
    try:
        with ThreadPoolExecutor() as threads:
            list(threads.map(lambda server: server.prepare(), (kafka, database, cache)))
        servers: tuple[local.Server, ...] = (kafka, database, cache)
        for server in servers:
            with (folder / f"{server.name}.log").open("wb") as log:
                started.append(
                    (
                        server,
                        subprocess.Popen(
                            server.command(), cwd="/", stdout=log, stderr=subprocess.STDOUT
                        ),
                    )
                )
        asyncio.run(_wait(kafka, database, cache))
        yield Servers(kafka.connection, cache.address, database.address)
    finally:
        for server, process in started:
            process.send_signal(signal.Signals[f"SIG{server.stop_signal}"])
        for _, process in started:
            _end(process)
        shutil.rmtree(folder, ignore_errors=True)


async def _wait(*servers: local.Server) -> None:
    await asyncio.gather(*(ready.wait(server.name, server.check, SECONDS) for server in servers))


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def sweep() -> None:
    """Remove what sessions left that were killed: their servers died with them, their files could
    not.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{OURS}*"):
        owner = folder.name.removeprefix(OURS).partition("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _containers() -> Iterator[Servers]:
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    from testcontainers.community.postgres import PostgresContainer
    from testcontainers.community.redis import RedisContainer
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy

    (port,) = free_ports(1)
    kafka = DockerContainer("apache/kafka:4.3.1").with_bind_ports(19092, port)
    # The address that clients get must be known before the start.
    kafka.with_envs(
        KAFKA_NODE_ID="1",
        KAFKA_PROCESS_ROLES="broker,controller",
        KAFKA_LISTENERS="PLAINTEXT://:9092,HOST://:19092,CONTROLLER://:9093",
        KAFKA_ADVERTISED_LISTENERS=f"PLAINTEXT://localhost:9092,HOST://localhost:{port}",
        KAFKA_LISTENER_SECURITY_PROTOCOL_MAP="PLAINTEXT:PLAINTEXT,HOST:PLAINTEXT,CONTROLLER:PLAINTEXT",
        KAFKA_INTER_BROKER_LISTENER_NAME="PLAINTEXT",
        KAFKA_CONTROLLER_LISTENER_NAMES="CONTROLLER",
        KAFKA_CONTROLLER_QUORUM_VOTERS="1@localhost:9093",
        KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR="1",
        KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR="1",
        KAFKA_TRANSACTION_STATE_LOG_MIN_ISR="1",
        KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS="0",
        KAFKA_AUTO_CREATE_TOPICS_ENABLE="false",
    )
    kafka.waiting_for(LogMessageWaitStrategy("Kafka Server started").with_startup_timeout(SECONDS))
    database = PostgresContainer("postgres:18", driver=None).with_command(
        "postgres -c max_connections=200 -c fsync=off"
    )
    cache = RedisContainer("redis:7")
    with kafka, database, cache:
        redis_url = f"redis://{cache.get_container_host_ip()}:{cache.get_exposed_port(6379)}/0"
        yield Servers(
            KafkaConnection(f"localhost:{port}"), redis_url, database.get_connection_url()
        )
