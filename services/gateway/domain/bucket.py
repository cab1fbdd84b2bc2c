"""A token bucket: `rate` units a second, and bursts of a few seconds' worth."""

from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """An allowance: `level` units were left at `at` (monotonic seconds).

    `unreported` units were spent here and are not counted yet where several processes share the
    allowance.
    """

    rate: float
    burst: float
    level: float
    at: float
    unreported: float = 0.0

    @classmethod
    def full(cls, rate: float, burst: float, now: float) -> "Bucket":
        return cls(rate, burst, burst, now)

    def take(self, cost: float, now: float) -> float:
        """Zero where `cost` units may be spent at `now`, else the seconds until they may."""
        self._refill(now)
        # What costs more than a burst passes a full bucket, and is paid off afterwards.
        if self.level >= min(cost, self.burst):
            self.spend(cost)
            return 0.0
        return (min(cost, self.burst) - self.level) / self.rate

    def wait(self, now: float) -> float:
        """The seconds until a unit is left; zero where one is."""
        self._refill(now)
        unit = min(1.0, self.burst)
        return 0.0 if self.level >= unit else (unit - self.level) / self.rate

    def spend(self, cost: float) -> None:
        """Spends `cost` units whatever is left, into a debt of one burst at most."""
        self.level = max(-self.burst, self.level - cost)
        self.unreported += cost

    def give_back(self, cost: float) -> None:
        self.level += cost
        self.unreported -= cost

    def adopt(self, level: float, now: float) -> None:
        """Takes over what is left of the shared allowance after all that was reported."""
        self.level, self.at = min(self.burst, level) - self.unreported, now

    def _refill(self, now: float) -> None:
        self.level = min(self.burst, self.level + max(0.0, now - self.at) * self.rate)
        self.at = now
