"""A token bucket: `rate` requests a second, and bursts of one second's worth."""

from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """The allowance of one caller: `level` requests were left at `at` (monotonic seconds)."""

    rate: float
    level: float
    at: float

    @classmethod
    def full(cls, rate: float, now: float) -> "Bucket":
        return cls(rate, max(1.0, rate), now)

    def take(self, now: float) -> float:
        """Zero where a request may pass at `now`, else the seconds until one may."""
        level = min(max(1.0, self.rate), self.level + max(0.0, now - self.at) * self.rate)
        self.at = now
        if level >= 1:
            self.level = level - 1
            return 0.0
        self.level = level
        return (1 - level) / self.rate
