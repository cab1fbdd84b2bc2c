"""The gateway's settings from the environment, besides those of every service."""

from pydantic import SecretStr

from shared.settings import ServiceSettings


class GatewaySettings(ServiceSettings):
    """Addresses of Redis and the services, secrets of access tokens and of the operator, limits.

    Rates are in requests a second; the names of the others say their unit.
    """

    redis_url: SecretStr
    token_secret: SecretStr
    operator_key: SecretStr
    activities_url: str = "http://127.0.0.1:8081"
    vip_url: str = "http://127.0.0.1:8082"
    motivation_url: str = "http://127.0.0.1:8083"
    caller_requests_per_second: float = 2_000
    tenant_requests_per_second: float = 10_000
    service_seconds: float = 15
    body_seconds: float = 10
    access_token_seconds: int = 900
    refresh_token_days: int = 30
    audit_days: int = 400
    rebuild_grace_seconds: float = 5
    reconcile_every_seconds: float = 5
    stream_heartbeat_seconds: float = 15
