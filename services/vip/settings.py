"""The vip service's settings from the environment, besides those of every service."""

from shared.settings import ServiceSettings


class VipSettings(ServiceSettings):
    """`reset_every_seconds`: how often VIPs whose deadline has passed are looked for;
    `warn_every_seconds`: how often those whose holders are to be warned.
    """

    activities_url: str = "http://127.0.0.1:8081"
    reset_every_seconds: float = 5.0
    warn_every_seconds: float = 30.0
