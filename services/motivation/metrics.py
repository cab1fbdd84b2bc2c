"""Counters of the motivation service."""

from collections import Counter

from services.motivation.handlers.settling import Settled
from shared.metrics import Metrics


class MotivationMetrics(Metrics):
    """What pay is worth watching for: how late it is, how much is posted, and wins that nobody is
    paid for.
    """

    def __init__(self) -> None:
        super().__init__("motivation")
        self.accrual_delay = self.histogram(
            "accrual_delay_seconds", "From a fact's moment to the lines of pay that follow from it"
        )
        self.lines = self.counter("posted_lines_total", "Lines of pay", ["kind"])
        self.without_plan = self.counter(
            "wins_without_plan_total",
            "Wins for which no published plan was in force when they were heard of",
        )

    def count(self, settled: Settled) -> None:
        """Counts what was done, once it is committed."""
        for kind, count in Counter(settled.lines).items():
            self.lines.labels(kind).inc(count)
        for seconds in settled.delays:
            self.accrual_delay.observe(max(0.0, seconds))
        self.without_plan.inc(settled.without_plan)
