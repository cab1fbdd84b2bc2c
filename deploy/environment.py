"""The one place that knows which environment variables a service process gets.

Launcher, tests and provisioning build an `Installation` and read from it; docker-compose.yml says
the same by hand.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal, Self
from urllib.parse import quote, urlsplit, urlunsplit

SERVICES = ("activities", "vip", "motivation", "gateway")
PORTS = {"gateway": 8080, "activities": 8081, "vip": 8082, "motivation": 8083}

Role = Literal["owner", "app", "worker"]
ROLES: tuple[Role, ...] = ("owner", "app", "worker")


@dataclass(frozen=True)
class Secrets:
    """What only the set-up knows. A kind of role has one password in all databases."""

    owner_password: str
    app_password: str
    worker_password: str
    internal_secret: str
    token_secret: str
    operator_key: str

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

    kafka: str
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
        """
        return cls(
            kafka=environment["SALES_KAFKA"],
            redis_url=environment["SALES_REDIS_URL"],
            postgres_url=environment["SALES_POSTGRES_URL"],
            secrets=Secrets.from_environment(environment),
            namespace=environment.get("SALES_NAMESPACE", ""),
            ports=ports(environment),
        )

    def url(self, service: str) -> str:
        """Where `service` answers HTTP."""
        return f"http://{self.host}:{self.ports[service]}"

    def database(self, service: str) -> str:
        """The name of the service's database."""
        return f"{self.namespace}{service}"

    def role(self, service: str, role: Role) -> str:
        """The name of one of the service's three roles."""
        return f"{self.namespace}{service}_{role}"

    def password(self, role: Role) -> str:
        """The password of that kind of role."""
        return {
            "owner": self.secrets.owner_password,
            "app": self.secrets.app_password,
            "worker": self.secrets.worker_password,
        }[role]

    def database_url(self, service: str, role: Role) -> str:
        """A plain `postgresql://` address of the service's database under one of its roles."""
        admin = urlsplit(self.postgres_url)
        address = admin.netloc.rpartition("@")[2]
        login = f"{self.role(service, role)}:{quote(self.password(role), safe='')}"
        return urlunsplit(
            ("postgresql", f"{login}@{address}", f"/{self.database(service)}", admin.query, "")
        )

    def admin_url(self, service: str) -> str:
        """The superuser's address of the service's database."""
        return urlunsplit(urlsplit(self.postgres_url)._replace(path=f"/{self.database(service)}"))

    def addresses(self) -> dict[str, str]:
        """What every process of the set-up is told."""
        variables = {
            "SALES_KAFKA": self.kafka,
            "SALES_REDIS_URL": self.redis_url,
            "SALES_NAMESPACE": self.namespace,
        }
        return variables | {
            f"SALES_{name.upper()}_URL": self.url(name) for name in SERVICES if name != "gateway"
        }

    def service(self, name: str) -> dict[str, str]:
        """The environment of one service process; only the gateway learns the secrets of people's
        tokens and of the operator.
        """
        own = {
            "SALES_HOST": self.host,
            "SALES_PORT": str(self.ports[name]),
            "SALES_DATABASE_URL": self.database_url(name, "app"),
            "SALES_WORKER_DATABASE_URL": self.database_url(name, "worker"),
            "SALES_INTERNAL_SECRET": self.secrets.internal_secret,
        }
        if name == "gateway":
            own |= {
                "SALES_TOKEN_SECRET": self.secrets.token_secret,
                "SALES_OPERATOR_KEY": self.secrets.operator_key,
            }
        return self.addresses() | own


def ports(environment: Mapping[str, str] = os.environ) -> dict[str, int]:
    """Where services listen: SALES_GATEWAY_PORT and so on, or our defaults."""
    return {
        name: int(environment.get(f"SALES_{name.upper()}_PORT") or default)
        for name, default in PORTS.items()
    }
