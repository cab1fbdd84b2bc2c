"""What a service reads from the environment (`SALES_…`), built once in its app.py."""

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PARTS = frozenset({"api", "consumers", "jobs", "relay", "timers"})


class ServiceSettings(BaseSettings):
    """Addresses, secrets and sizes.

    `namespace` prefixes topics, groups and Redis keys so that set-ups can share servers.
    """

    model_config = SettingsConfigDict(env_prefix="SALES_", extra="ignore")

    host: str = "127.0.0.1"
    port: int = 8080
    namespace: str = ""
    kafka: str = "127.0.0.1:9092"
    database_url: SecretStr
    worker_database_url: SecretStr
    internal_secret: SecretStr
    parts: str = ",".join(sorted(PARTS))
    database_connections: int = 16
    outbox_shards: int = 8
    relay_poll_seconds: float = 0.05
    jobs_poll_seconds: float = 1.0
    dead_letters_per_minute: int = 100
    log_level: str = "INFO"
    traces_endpoint: str = ""
    traces_share: float = 1.0

    def runs(self, part: str) -> bool:
        """Whether this process runs `part`, one of `PARTS`."""
        return part in {name.strip() for name in self.parts.split(",")}
