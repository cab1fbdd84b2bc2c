"""What the vip service reads from the environment besides what every service does."""

from shared.settings import ServiceSettings


class VipSettings(ServiceSettings):
    """`reset_every_seconds`: how often the sweeper looks for VIPs whose deadline has passed."""

    activities_url: str = "http://127.0.0.1:8081"
    reset_every_seconds: float = 5.0
