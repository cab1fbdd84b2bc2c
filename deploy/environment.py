"""The one place that knows which environment variables a service process gets.

Launcher, tests, provisioning and `deploy.secret_files` build an `Installation` and read from it.
"""

import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit, urlunsplit

from shared.bus.connection import KafkaConnection
from shared.internal_keys import PrivateKeys

SERVICES = ("activities", "vip", "motivation", "gateway")
INTERNAL = "gateway_internal"
"""The gateway's second listener, with metrics and the reasons of health: not for the public."""
PORTS = {"gateway": 8080, "activities": 8081, "vip": 8082, "motivation": 8083, INTERNAL: 9080}

Role = Literal["owner", "app", "worker"]
SERVER_PASSWORDS = ("SALES_SUPERUSER_PASSWORD", "SALES_REDIS_PASSWORD", "SALES_KAFKA_PASSWORD")
"""Of the three servers' super users, where the servers are ours."""
ROLES: tuple[Role, ...] = ("owner", "app", "worker")


@dataclass(frozen=True)
class Secrets:
    """What only the set-up knows. Each service learns what is made from these for it alone."""

    owner_password: str
    app_password: str
    worker_password: str
    kafka_secret: str
    """What the passwords of the services' Kafka users are made from."""
    internal_secret: str
    token_secret: str
    operator_key: str
    encryption_keys: str
    vapid_secret: str
    """What the key is made from by which push services know us."""

    @classmethod
    def new(cls) -> Self:
        """Random ones, 256 bits each."""
        return cls(*(secrets.token_hex(32) for _ in cls.__dataclass_fields__))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read SALES_OWNER_PASSWORD and so on.

        Raises:
            KeyError: one is missing; carries its name.
        """
        return cls(*(environment[f"SALES_{name.upper()}"] for name in cls.__dataclass_fields__))

    def as_environment(self) -> dict[str, str]:
        """The inverse of `from_environment`."""
        return {f"SALES_{name.upper()}": value for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Installation:
    """One set-up of the product: its servers, its namespace on them, where its services listen."""

    kafka: KafkaConnection
    """A super user's where the broker asks for log-ins, for provisioning only."""
    redis_url: str
    postgres_url: str
    """A superuser's, for provisioning only; services never see it."""
    secrets: Secrets
    namespace: str = ""
    """Prefix of topics, groups, databases, roles and Redis keys, so that set-ups may share servers.
    """
    host: str = "127.0.0.1"
    ports: Mapping[str, int] = field(default_factory=lambda: dict(PORTS))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the addresses of a set-up made elsewhere, as `python -m deploy.provision` does.

        Raises:
            KeyError: an address or a secret is missing; carries its name.
            ValueError: the log-in at Kafka makes no sense.
        """
        return cls(
            kafka=KafkaConnection.from_environment(environment),
            redis_url=environment["SALES_REDIS_URL"],
            postgres_url=environment["SALES_POSTGRES_URL"],
            secrets=Secrets.from_environment(environment),
            namespace=environment.get("SALES_NAMESPACE", ""),
            ports=ports(environment),
        )

    def url(self, service: str) -> str:
        """Where `service` answers HTTP."""
        return f"http://{self.host}:{self.ports[service]}"

    def internal_url(self, service: str) -> str:
        """Where `service` shows its metrics and its health."""
        return self.url(INTERNAL if service == "gateway" else service)

    def database(self, service: str) -> str:
        """The name of the service's database."""
        return f"{self.namespace}{service}"

    def role(self, service: str, role: Role) -> str:
        """The name of one of the service's three roles."""
        return f"{self.namespace}{service}_{role}"

    def password(self, service: str, role: Role) -> str:
        """The password of one of the service's roles: no service can log in as another."""
        secret = {
            "owner": self.secrets.owner_password,
            "app": self.secrets.app_password,
            "worker": self.secrets.worker_password,
        }[role]
        return derived(secret, self.role(service, role))

    def database_url(self, service: str, role: Role) -> str:
        """A plain `postgresql://` address of the service's database under one of its roles."""
        admin = urlsplit(self.postgres_url)
        address = admin.netloc.rpartition("@")[2]
        login = f"{self.role(service, role)}:{self.password(service, role)}"
        return urlunsplit(
            ("postgresql", f"{login}@{address}", f"/{self.database(service)}", admin.query, "")
        )

    def admin_url(self, service: str) -> str:
        """The superuser's address of the service's database."""
        return urlunsplit(urlsplit(self.postgres_url)._replace(path=f"/{self.database(service)}"))

    def kafka_of(self, user: str) -> KafkaConnection:
        """The connection of a service, or of another user that `topics.toml` names."""
        if not self.kafka.authenticates:
            return self.kafka
        name = f"{self.namespace}{user}"
        password = derived(self.secrets.kafka_secret, f"kafka:{name}")
        return replace(self.kafka, mechanism="SCRAM-SHA-512", user=name, password=password)

    def internal_key(self, service: str) -> str:
        """What the service's key pairs for internal requests are made from."""
        return derived(self.secrets.internal_secret, f"internal:{service}")

    def internal_peers(self, service: str) -> str:
        """The public keys of the other services."""
        return ",".join(
            f"{peer}={PrivateKeys(self.internal_key(peer)).public}"
            for peer in SERVICES
            if peer != service
        )

    def addresses(self) -> dict[str, str]:
        """What every process of the set-up is told."""
        variables = {"SALES_NAMESPACE": self.namespace}
        return variables | {
            f"SALES_{name.upper()}_URL": self.url(name) for name in SERVICES if name != "gateway"
        }

    def service(self, name: str) -> dict[str, str]:
        """The environment of one service process; only the gateway learns Redis' address and the
        secrets of people's tokens and of the operator; who seals something has a key of its own.
        """
        own = {
            "SALES_HOST": self.host,
            "SALES_PORT": str(self.ports[name]),
            "SALES_DATABASE_URL": self.database_url(name, "app"),
            "SALES_WORKER_DATABASE_URL": self.database_url(name, "worker"),
            "SALES_INTERNAL_KEY": self.internal_key(name),
            "SALES_INTERNAL_PEERS": self.internal_peers(name),
        }
        if name == "activities":
            own["SALES_ENCRYPTION_KEYS"] = self.encryption_keys(name)
        if name == "gateway":
            own |= {
                "SALES_REDIS_URL": self.redis_url,
                "SALES_INTERNAL_PORT": str(self.ports[INTERNAL]),
                "SALES_TOKEN_SECRET": self.secrets.token_secret,
                "SALES_OPERATOR_KEY": self.secrets.operator_key,
                "SALES_ENCRYPTION_KEYS": self.secrets.encryption_keys,
                "SALES_VAPID_SECRET": self.secrets.vapid_secret,
            }
        return self.addresses() | self.kafka_of(name).as_environment() | own

    def encryption_keys(self, name: str) -> str:
        """The keys by which a service other than the gateway seals what it must read again: its
        own, made of those of the installation, the newest first.
        """
        keys = filter(None, map(str.strip, self.secrets.encryption_keys.split(",")))
        return ",".join(derived(key, f"encryption of {name}") for key in keys)

    def provisioning(self) -> dict[str, str]:
        """The environment of `deploy.provision`: what only the operator may know."""
        return {
            **self.kafka.as_environment(),
            "SALES_REDIS_URL": self.redis_url,
            "SALES_POSTGRES_URL": self.postgres_url,
            "SALES_NAMESPACE": self.namespace,
            **self.secrets.as_environment(),
        }


def derived(secret: str, purpose: str) -> str:
    """Another secret, of 256 bits, that tells nothing about `secret` or those of other purposes."""
    return hmac.digest(secret.encode(), purpose.encode(), "sha256").hex()


def with_file(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment` over what the file says that its SALES_ENV_FILE names, if any."""
    path = environment.get("SALES_ENV_FILE")
    lines = Path(path).read_text().splitlines() if path else []
    return {**dict(line.split("=", 1) for line in lines if "=" in line), **environment}


def ports(environment: Mapping[str, str] = os.environ) -> dict[str, int]:
    """Where services listen: SALES_GATEWAY_PORT and so on, or our defaults."""
    return {
        name: int(environment.get(f"SALES_{name.upper()}_PORT") or default)
        for name, default in PORTS.items()
    }
