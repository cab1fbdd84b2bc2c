"""Counters of the activities service."""

from shared.metrics import Metrics


class ActivityMetrics(Metrics):
    """Claim conflicts are takes that somebody lost: to another seller, the cooldown or a VIP's
    seller.
    """

    def __init__(self) -> None:
        super().__init__("activities")
        self.takes = self.counter("takes_total", "Takes by outcome", ["outcome"])
        self.resets = self.counter(
            "reset_activities_total", "Activities returned to the pool by their deadline"
        )
