"""The gateway's settings from the environment, besides those of every service."""

from pydantic import SecretStr

from shared.settings import ServiceSettings


class GatewaySettings(ServiceSettings):
    """Addresses of Redis and the services, secrets of access tokens and of the operator, limits.

    Units of fair use are in `edge.costs`, their limits those of all gateways together; the other
    names say their unit.
    """

    redis_url: SecretStr
    token_secret: SecretStr
    operator_key: SecretStr
    activities_url: str = "http://127.0.0.1:8081"
    vip_url: str = "http://127.0.0.1:8082"
    motivation_url: str = "http://127.0.0.1:8083"
    connections_per_address: int = 500
    internal_host: str = "127.0.0.1"
    internal_port: int = 9080
    caller_units_per_second: float = 800
    tenant_units_per_second: float = 1_600
    address_units_per_second: float = 100
    burst_seconds: float = 5
    requests_under_way: int = 32
    tenant_requests_under_way: int = 16
    caller_streams: int = 10
    tenant_streams: int = 1_000
    service_seconds: float = 15
    body_seconds: float = 10
    access_token_seconds: int = 900
    refresh_token_days: int = 30
    audit_days: int = 400
    rebuild_grace_seconds: float = 5
    reconcile_every_seconds: float = 5
    stream_heartbeat_seconds: float = 15
