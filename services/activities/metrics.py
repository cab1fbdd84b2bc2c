"""Metrics of the activities service."""

from shared.metrics import Metrics


class ActivityMetrics(Metrics):
    """Takes that a seller lost have the code of the refusal as outcome: to another seller, to the
    cooldown, to a VIP's holder.
    """

    def __init__(self) -> None:
        super().__init__("activities")
        self.takes = self.counter("takes_total", "Takes by outcome", ["outcome"])
        self.resets = self.counter(
            "reset_activities_total", "Activities returned to the pool by their deadline"
        )
        self.renewals = self.counter(
            "opened_renewals_total", "Renewals that became activities on their day"
        )
