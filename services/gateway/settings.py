"""The gateway's settings from the environment, besides those of every service."""

from typing import Literal, Self

from pydantic import SecretStr, model_validator

from shared.settings import ServiceSettings


class GatewaySettings(ServiceSettings):
    """Addresses of Redis and the services, secrets of access tokens and of the operator, limits.

    Units of fair use are in `edge.costs`, their limits those of all gateways together; the other
    names say their unit. A session ends after `refresh_token_days` without use and `session_days`
    after its log-in. `public_url` is where people reach the gateway; without `smtp_host` no e-mail
    is sent, without `vapid_secret` nothing is pushed to browsers.
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
    overuse_pause_seconds: float = 0.5
    requests_under_way: int = 32
    tenant_requests_under_way: int = 16
    caller_streams: int = 10
    tenant_streams: int = 1_000
    service_seconds: float = 15
    body_seconds: float = 10
    uploads_under_way: int = 4
    tenant_uploads_under_way: int = 2
    upload_seconds: float = 45
    access_token_seconds: int = 900
    refresh_token_days: int = 30
    audit_days: int = 400
    session_days: int = 90
    refresh_grace_seconds: float = 30
    encryption_keys: SecretStr = SecretStr("")
    oidc_insecure: bool = False
    vapid_secret: SecretStr = SecretStr("")
    push_insecure: bool = False
    telegram_token: SecretStr = SecretStr("")
    telegram_bot: str = ""
    telegram_url: str = "https://api.telegram.org"
    rebuild_grace_seconds: float = 5
    reconcile_every_seconds: float = 5
    stream_heartbeat_seconds: float = 15
    public_url: str = "http://127.0.0.1:8080"
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    mail_from: str = ""

    @model_validator(mode="after")
    def _sender(self) -> Self:
        """Found out at the start, not when somebody has forgotten their password."""
        if self.smtp_host and not self.mail_from:
            raise ValueError("SALES_SMTP_HOST needs SALES_MAIL_FROM")
        if self.telegram_token.get_secret_value() and not self.telegram_bot:
            raise ValueError("SALES_TELEGRAM_TOKEN needs SALES_TELEGRAM_BOT, the bot's name")
        return self
