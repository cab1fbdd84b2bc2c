"""What the activities service reads from the environment."""

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """`vip_url` is told at once when the numbers that it decides by change."""

    port: int = 8081
    vip_url: str = "http://127.0.0.1:8082"
    sweep_seconds: float = 5.0
