"""The settings of the activities service, read from the environment."""

from pydantic import SecretStr

from shared.settings import ServiceSettings


class ActivitySettings(ServiceSettings):
    """Changed room settings are pushed to `vip_url`, whose service decides by them;
    `sweep_seconds` lie between two looks at what is due. Accounts of telephony are sealed by
    `encryption_keys`, separated by commas, the newest first; without one there are none.
    """

    port: int = 8081
    vip_url: str = "http://127.0.0.1:8082"
    sweep_seconds: float = 5.0
    encryption_keys: SecretStr = SecretStr("")
