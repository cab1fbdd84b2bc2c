"""What the motivation service reads from the environment, besides what every service does."""

from shared.settings import ServiceSettings


class MotivationSettings(ServiceSettings):
    """`activities_url` is where the owner of the directory answers."""

    port: int = 8083
    activities_url: str = "http://127.0.0.1:8081"
    settle_seconds: float = 1.0
