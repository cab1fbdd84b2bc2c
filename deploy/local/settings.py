"""What this set-up runs on: chosen by the environment, remembered in `.run` for `status` and the
next `up`.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Self

from deploy.environment import PORTS, SERVER_PASSWORDS, Installation, Secrets
from deploy.local.errors import CannotRun
from deploy.local.servers import Kafka, Postgres, Redis, Server
from shared.bus.connection import KafkaConnection

ROOT = Path(__file__).parents[2]
SERVER_PORTS = {"kafka": 19092, "kafka_controller": 19093, "postgres": 15432, "redis": 16379}
ADDRESSES = {"kafka": "SALES_KAFKA", "postgres": "SALES_POSTGRES_URL", "redis": "SALES_REDIS_URL"}
LOG_IN = ("PROTOCOL", "MECHANISM", "USER", "CA_FILE")
"""How a Kafka that is not ours asks for a log-in, besides the password: SALES_KAFKA_…."""


@dataclass(frozen=True)
class Settings:
    """Ports of this set-up, and where it lives on servers that are not ours to start."""

    ports: dict[str, int]
    external: dict[str, str]
    """Address by server name."""
    namespace: str = ""
    kafka_log_in: dict[str, str] = field(default_factory=dict)
    """SALES_KAFKA_PROTOCOL and so on, of a Kafka that is not ours."""

    @classmethod
    def read(cls, folder: Path) -> Self:
        """From the environment first, then as it was the last time, then our defaults.

        Raises:
            CannotRun: a port is not a number.
        """
        last = remembered(folder)
        ports = {**SERVER_PORTS, **PORTS, **(last.ports if last else {})}
        chosen = {name: _port(name, default) for name, default in ports.items()}
        external = {
            name: os.environ[variable]
            for name, variable in ADDRESSES.items()
            if os.environ.get(variable)
        }
        namespace = os.environ.get("SALES_NAMESPACE") or (last.namespace if last else "")
        log_in = {
            name: os.environ[name]
            for name in (f"SALES_KAFKA_{word}" for word in LOG_IN)
            if os.environ.get(name)
        }
        return cls(
            chosen,
            (last.external if last else {}) | external,
            namespace,
            (last.kafka_log_in if last else {}) | log_in,
        )

    def write(self, folder: Path) -> None:
        """Remember them."""
        _write_private(folder / "settings.json", json.dumps(asdict(self), indent=1))


def remembered(folder: Path) -> Settings | None:
    """The settings of the last `up`, if there was one."""
    try:
        return Settings(**json.loads((folder / "settings.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


@dataclass(frozen=True)
class Setup:
    """Everything the launcher runs here."""

    servers: list[Server]
    installation: Installation

    @classmethod
    def of(cls, settings: Settings, folder: Path) -> Self:
        """Our servers where none is named."""
        if "postgres" not in settings.external:
            require_secrets_of_data(folder)
        words = secret_words(folder)
        superuser, redis_password, kafka_password = (words[name] for name in SERVER_PASSWORDS)
        ports = settings.ports
        broker = Kafka(
            folder / "data" / "kafka",
            ports["kafka"],
            controller_port=ports["kafka_controller"],
            password=kafka_password,
        )
        own: list[Server] = [
            broker,
            Postgres(postgres_folder(folder), ports["postgres"], password=superuser),
            Redis(folder / "data" / "redis", ports["redis"], password=redis_password),
        ]
        at = {server.name: server.address for server in own} | settings.external
        installation = Installation(
            kafka=_connection(settings, words)
            if "kafka" in settings.external
            else broker.connection,
            redis_url=at["redis"],
            postgres_url=at["postgres"],
            secrets=Secrets.from_environment(words),
            namespace=settings.namespace,
            ports={name: ports.get(name, port) for name, port in PORTS.items()},
        )
        return cls([server for server in own if server.name not in settings.external], installation)


def require_secrets_of_data(folder: Path) -> None:
    """Nothing opens data whose secrets were lost, as where a clone was removed and cloned again.

    Raises:
        CannotRun: PostgreSQL's data are here, and what opens them is not.
    """
    data = postgres_folder(folder)
    known = (folder / "secrets.env").exists() or os.environ.get("SALES_SUPERUSER_PASSWORD")
    if not known and (data / "data" / "PG_VERSION").exists():
        raise CannotRun(
            f"{data} holds the data of an earlier set-up at this path, whose passwords are gone:"
            f" `make reset` removes them; to keep them put {folder.name}/secrets.env back"
        )


def secret_words(folder: Path) -> dict[str, str]:
    """The secrets of this set-up, made at random the first time; the environment may name
    others.
    """
    path = folder / "secrets.env"
    words = Secrets.new().as_environment() | {
        name: Secrets.new().internal_secret for name in SERVER_PASSWORDS
    }
    if path.exists():
        words |= dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    words |= {name: os.environ[name] for name in words if os.environ.get(name)}
    _write_private(path, "".join(f"{name}={value}\n" for name, value in words.items()))
    return words


def _connection(settings: Settings, words: dict[str, str]) -> KafkaConnection:
    """To a Kafka that is not ours. Raises `CannotRun` where the log-in makes no sense."""
    password = {"SALES_KAFKA_PASSWORD": words["SALES_KAFKA_PASSWORD"]}
    address = {"SALES_KAFKA": settings.external["kafka"]}
    try:
        return KafkaConnection.from_environment(address | settings.kafka_log_in | password)
    except ValueError as reason:
        raise CannotRun(str(reason)) from None


def postgres_folder(folder: Path) -> Path:
    """In the set-up's own folder; root's may lie where PostgreSQL's account cannot enter, so root's
    data has a place outside.
    """
    if os.geteuid() != 0:
        return folder / "data" / "postgres"
    mark = sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path("/var/lib/sales-launch") / mark


def remove_data(folder: Path) -> None:
    """Forget everything: data, logs, secrets; downloaded packages stay."""
    shutil.rmtree(postgres_folder(folder), ignore_errors=True)
    for path in folder.iterdir() if folder.exists() else ():
        if path.name in ("cache", "home", "lock"):
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One launcher at a time in this folder.

    Raises:
        CannotRun: another one is at work.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotRun(
                "another `make up`, `down` or `reset` is at work here: wait for it"
            ) from None
        yield


def _port(name: str, default: int) -> int:
    variable = f"SALES_{name.upper()}_PORT"
    value = os.environ.get(variable) or str(default)
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise CannotRun(f"{variable}={value} is not a port")
    return int(value)


def _write_private(path: Path, text: str) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.touch(0o600)
    fresh.write_text(text)
    fresh.replace(path)
