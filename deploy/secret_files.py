"""Secrets of a set-up under Docker, made on its first start: `-m deploy.secret_files FOLDER`.

Under FOLDER each container has a folder of its own, which it alone is given: a service's `env`
(SALES_ENV_FILE), provisioning's, PostgreSQL's `password`, Redis' and Kafka's settings. What all is
made from is kept in `master`, and in nobody else's sight. The environment may name secrets
(SALES_TOKEN_SECRET and so on): they come first, also later, to change one.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.environment import SERVER_PASSWORDS, SERVICES, Installation, Secrets
from deploy.kafka_settings import KAFKA_SETTINGS, SUPER_USER, as_properties, log_ins
from shared.bus.connection import KafkaConnection

REDIS_SETTINGS = {
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": '""',
    "maxmemory-policy": "noeviction",
    "dir": "/data",
}


def main() -> None:
    """Write every file anew; the same secrets make the same files."""
    folder = Path(sys.argv[1])
    words = master_words(folder / "master" / "secrets.env", os.environ)
    for name, text in files(words, os.environ).items():
        write(folder / name, text)
    print(f"secrets: {len(files(words, os.environ))} files are in place")


def master_words(path: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The secrets that all others are made from: as they were, or made now."""
    words = Secrets.new().as_environment() | {
        name: Secrets.new().internal_secret for name in SERVER_PASSWORDS
    }
    if path.exists():
        words |= dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    words |= {name: environment[name] for name in words if environment.get(name)}
    write(path, as_env(words))
    return words


def files(words: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """The text of each file by its path."""
    superuser, redis_password, kafka_password = (words[name] for name in SERVER_PASSWORDS)
    installation = Installation(
        kafka=KafkaConnection("kafka:9092", "SASL_PLAINTEXT", "PLAIN", SUPER_USER, kafka_password),
        redis_url=f"redis://:{redis_password}@redis:6379/0",
        postgres_url=f"postgresql://postgres:{superuser}@postgres:5432/postgres",
        secrets=Secrets.from_environment(words),
        namespace=environment.get("SALES_NAMESPACE", ""),
    )
    demo = {"SALES_OPERATOR_KEY": installation.secrets.operator_key}
    return {
        **{f"{name}/env": as_env(_secrets_of(installation, name)) for name in SERVICES},
        "provision/env": as_env(installation.provisioning()),
        "demo/env": as_env(demo | {"SALES_DEMO_FILE": "/tmp/demo.json"}),
        "postgres/password": superuser,
        "redis/redis.conf": _redis(redis_password),
        "redis/password": redis_password,
        "kafka/server.properties": as_properties(_kafka(kafka_password, environment)),
    }


def as_env(words: Mapping[str, str]) -> str:
    """Lines of `NAME=value`."""
    return "".join(f"{name}={value}\n" for name, value in words.items())


def write(path: Path, text: str) -> None:
    """Put a file in its place at once. Its folder is a volume that one container is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text)
    fresh.chmod(0o444)
    fresh.replace(path)


def _secrets_of(installation: Installation, service: str) -> dict[str, str]:
    """What only this service may know; addresses stand in docker-compose.yml."""
    environment = installation.service(service)
    elsewhere = {"SALES_HOST", "SALES_PORT", "SALES_NAMESPACE"}
    elsewhere |= {f"SALES_{name.upper()}_URL" for name in SERVICES}
    return {name: value for name, value in environment.items() if name not in elsewhere}


def _redis(password: str) -> str:
    settings = REDIS_SETTINGS | {"requirepass": password}
    return "".join(f"{name} {value}\n" for name, value in settings.items())


def _kafka(password: str, environment: Mapping[str, str]) -> dict[str, object]:
    """Like the launcher's, with a listener for the containers and one for the laptop."""
    port = environment.get("SALES_KAFKA_PORT") or "19092"
    return {
        **KAFKA_SETTINGS,
        **log_ins(password, "clients", "laptop", "controller"),
        "listeners": "CLIENTS://:9092,LAPTOP://:19092,CONTROLLER://localhost:9093",
        "advertised.listeners": f"CLIENTS://kafka:9092,LAPTOP://localhost:{port}",
        "listener.security.protocol.map": (
            "CLIENTS:SASL_PLAINTEXT,LAPTOP:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT"
        ),
        "controller.quorum.voters": "1@localhost:9093",
        "log.dirs": "/var/lib/kafka/data",
    }


if __name__ == "__main__":
    main()
