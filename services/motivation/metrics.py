"""Metrics of pay."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from shared.metrics import Metrics


@dataclass(slots=True)
class AccrualReport:
    """Entries posted, by kind; seconds from each causing event to its entry; wins that no plan
    covers; activities of which a version never came.
    """

    kinds: list[str] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    wins_without_plan: int = 0
    version_holes: int = 0

    @classmethod
    def of(cls, parts: "Iterable[AccrualReport]") -> "AccrualReport":
        """The report of a batch that was posted in parts."""
        whole = cls()
        for part in parts:
            whole.kinds += part.kinds
            whole.delays += part.delays
            whole.wins_without_plan += part.wins_without_plan
            whole.version_holes += part.version_holes
        return whole


class MotivationMetrics(Metrics):
    """How late pay is, how much is posted, and wins that no plan pays for."""

    def __init__(self) -> None:
        super().__init__("motivation")
        self.accrual_delay = self.histogram(
            "accrual_delay_seconds", "From an event's moment to the entries that follow from it"
        )
        self.entries = self.counter("posted_entries_total", "Entries of pay", ["kind"])
        self.wins_without_plan = self.counter(
            "wins_without_plan_total",
            "Wins for which no published plan was in force when they were consumed",
        )
        self.wins_without_pay = self.gauge(
            "wins_without_pay", "Activities that pay did not follow, by cause", ["cause"]
        )
        self.version_holes = self.counter(
            "version_holes_total", "Times that an activity's version came before an earlier one"
        )

    def count(self, report: AccrualReport) -> None:
        """Counts what was committed."""
        for kind, count in Counter(report.kinds).items():
            self.entries.labels(kind).inc(count)
        for seconds in report.delays:
            self.accrual_delay.observe(max(0.0, seconds))
        self.wins_without_plan.inc(report.wins_without_plan)
        self.version_holes.inc(report.version_holes)
