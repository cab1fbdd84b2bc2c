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
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

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
BLOCK = 1000
LAPTOP = {"PYTHONUNBUFFERED": "1", "SALES_LAPTOP": "1"}
"""Of every process; tests may run as root."""
# A test sends what a hundred people would, from one address.
UNLIMITED = {f"SALES_{what}_UNITS_PER_SECOND": "1e6" for what in ("CALLER", "TENANT", "ADDRESS")}
_kept: list[socket.socket] = []


@dataclass(frozen=True)
class Servers:
    """Addresses of the three servers; `postgres_url` is a superuser's."""

    kafka: KafkaConnection
    redis_url: str
    postgres_url: str


@contextmanager
def running() -> Iterator[Servers]:
    """Servers for as long as the block runs."""
    kafka, redis_url, postgres_url = (
        os.environ.get(name) for name in ("SALES_KAFKA", "SALES_REDIS_URL", "SALES_POSTGRES_URL")
    )
    if kafka and redis_url and postgres_url:
        yield Servers(KafkaConnection.from_environment(os.environ), redis_url, postgres_url)
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


class Service:
    """One service as a real process; start it as often as needed, each start continues its log."""

    def __init__(self, name: str, environment: Mapping[str, str], log: Path) -> None:
        self.name, self.log = name, log
        self.environment = dict(environment)
        self.url = f"http://{self.environment['SALES_HOST']}:{self.environment['SALES_PORT']}"
        self.program = ["-m", f"services.{name}.app"]
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def of(
        cls,
        installation: Installation,
        name: str,
        folder: Path,
        *,
        port: int | None = None,
        **more: str,
    ) -> Self:
        """A process of service `name`.

        `port` for a second replica; `more` are further variables, as SALES_PARTS="api".
        """
        environment = installation.service(name) | ({"SALES_PORT": str(port)} if port else {})
        if name == "gateway":
            environment |= UNLIMITED
            if port:
                environment |= {"SALES_INTERNAL_PORT": str(free_ports(1)[0])}
        environment |= more
        return cls(name, environment, folder / f"{name}-{environment['SALES_PORT']}.log")

    @property
    def internal_url(self) -> str:
        """Where it shows its metrics and its health."""
        own = self.environment
        return f"http://{own['SALES_HOST']}:{own.get('SALES_INTERNAL_PORT', own['SALES_PORT'])}"

    @property
    def pid(self) -> int:
        """Of the process that runs, or ran last."""
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether its process is there, ready or not."""
        return self._process is not None and self._process.poll() is None

    def start(self, seconds: float = 60) -> Self:
        """Start it and wait until it is ready.

        Raises:
            AssertionError: it ended or was not ready in time; carries the end of its log.
        """
        self.spawn()
        self.wait_ready(seconds)
        return self

    def spawn(self) -> Self:
        """Start it without waiting."""
        with self.log.open("ab") as output:
            command = [
                sys.executable,
                "-SE",
                str(local.TIED),
                "TERM",
                "-",
                sys.executable,
                *self.program,
            ]
            environment = _without_settings() | LAPTOP | self.environment
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
            )
        return self

    def wait_ready(self, seconds: float = 60) -> None:
        """Wait until `/health/ready` answers 200."""
        until = time.monotonic() + seconds
        while not self.is_ready():
            assert self._process is not None and self._process.poll() is None, (
                f"{self.name} ended: {self.tail()}"
            )
            assert time.monotonic() < until, (
                f"{self.name} is not ready after {seconds} s: {self.tail()}"
            )
            time.sleep(0.1)

    def is_ready(self) -> bool:
        """Whether it takes work right now."""
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                f"{self.url}/health/ready", timeout=3
            ) as response:
                return bool(response.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def send(self, number: signal.Signals) -> None:
        """Send it a signal: SIGKILL, SIGSTOP, SIGCONT."""
        os.kill(self.pid, number)

    def stop(self, seconds: float = 30) -> int:
        """Ask it to end and wait; its exit code. It is killed if it does not."""
        if self._process is None:
            return 0
        self._process.terminate()
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def kill(self) -> None:
        """End it without a chance to finish anything."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def tail(self, lines: int = 30) -> str:
        """The end of its log."""
        return (
            "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
            if self.log.exists()
            else ""
        )


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


def _without_settings() -> dict[str, str]:
    """Our environment without what belongs to another set-up of the product."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SALES_")}
