"""Settings of the motivation service, besides those of every service."""

from shared.settings import ServiceSettings


class MotivationSettings(ServiceSettings):
    """`activities_url` is the address of the directory's owner."""

    port: int = 8083
    activities_url: str = "http://127.0.0.1:8081"
