"""What a service reads from the environment (`SALES_…`), built once in its app.py."""

import os
from ipaddress import ip_network

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.bus.connection import KafkaConnection, Mechanism, Protocol
from shared.internal_tokens import LEEWAY_SECONDS
from shared.networks import canonical_network
from shared.secret_rules import require_safe

PARTS = frozenset({"api", "consumers", "jobs", "relay", "timers"})


class ServiceSettings(BaseSettings):
    """Addresses, secrets and sizes.

    `internal_key` is the seed of the service's own keys, `internal_peers` the public ones of the
    others, as `shared.internal_keys.KeyRing` takes them.
    SALES_ENV_FILE may name a file of them; the environment itself comes first. `laptop` allows
    what nobody else may do: weak secrets, and running as root.
    Headers must be complete after `header_seconds`, responses after `request_seconds`.
    `instance` names this replica in its consumer group over restarts, another name for each that
    runs; a restart then stops no other replica.
    `namespace` prefixes topics, groups and Redis keys so that set-ups can share servers.
    `trusted_proxies` are the addresses and networks, with commas between, whose X-Forwarded-For and
    X-Forwarded-Proto are believed, and whose connections have no limit of their number; without it
    that is true of nobody.
    """

    model_config = SettingsConfigDict(
        env_prefix="SALES_",
        env_file=os.environ.get("SALES_ENV_FILE") or None,
        extra="ignore",
        hide_input_in_errors=True,
    )

    laptop: bool = False
    host: str = "127.0.0.1"
    port: int = 8080
    trusted_proxies: str = ""
    namespace: str = ""
    kafka_bootstrap: str = Field(default="127.0.0.1:9092", validation_alias="SALES_KAFKA")
    kafka_protocol: Protocol = "PLAINTEXT"
    kafka_mechanism: Mechanism = "SCRAM-SHA-512"
    kafka_user: str = ""
    kafka_password: SecretStr = SecretStr("")
    kafka_ca_file: str = ""
    instance: str = Field(default="", pattern=r"^[A-Za-z0-9._-]{0,100}$")
    database_url: SecretStr
    worker_database_url: SecretStr
    internal_key: SecretStr
    internal_peers: str
    internal_leeway_seconds: float = LEEWAY_SECONDS
    parts: str = ",".join(sorted(PARTS))
    database_connections: int = 16
    outbox_shards: int = 8
    relay_poll_seconds: float = 0.05
    jobs_poll_seconds: float = 1.0
    dead_letters_per_minute: int = 100
    header_seconds: float = 10
    request_seconds: float = 60
    header_bytes: int = 64 << 10
    header_count: int = 100
    connections_per_address: int = 0
    log_level: str = "INFO"
    traces_endpoint: str = ""
    traces_share: float = 1.0

    @property
    def proxies(self) -> tuple[str, ...]:
        """The networks of `trusted_proxies`."""
        return tuple(map(canonical_network, filter(None, self.trusted_proxies.split(","))))

    @property
    def kafka(self) -> KafkaConnection:
        """How this service reaches Kafka."""
        return KafkaConnection(
            self.kafka_bootstrap,
            self.kafka_protocol,
            self.kafka_mechanism,
            self.kafka_user,
            self.kafka_password.get_secret_value(),
            self.kafka_ca_file,
            self.instance,
        )

    def require_safe_secrets(self) -> None:
        """Raises `UnsafeSecret` where one keeps nobody out; on a laptop none has to."""
        if self.laptop:
            return
        values = {
            f"SALES_{name.upper()}": value.get_secret_value()
            for name, value in self
            if isinstance(value, SecretStr)
            and name in self.model_fields_set
            # An optional one that is set to nothing is not set.
            and value != type(self).model_fields[name].default
        }
        require_safe(values)

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        """A typing error would otherwise trust nobody, and count all people as their proxy."""
        for network in value.split(",") if value else ():
            ip_network(network.strip())
        return value

    def runs(self, part: str) -> bool:
        """Whether this process runs `part`, one of `PARTS`."""
        return part in {name.strip() for name in self.parts.split(",")}
