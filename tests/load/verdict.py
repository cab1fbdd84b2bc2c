"""What a soak may and may not find."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean

MOST_GROWTH, SLACK_MB = 1.10, 8.0
"""Allocators keep what they once needed: below this nothing is a leak in the time of a run."""
MOST_FACTS = 500
MOST_DEAD = 500


@dataclass
class Slice:
    """What was seen at the end of a slice of the load; `memory` in MB, by process."""

    second: float
    rate: float
    p99: float
    memory: dict[str, float]
    lag: int
    waiting: int
    dead: int
    vacuums: int

    def line(self) -> str:
        memory = " ".join(f"{name} {size:.0f}" for name, size in self.memory.items())
        counts = (
            f"lag {self.lag}, waiting {self.waiting}, dead rows {self.dead}, vacuums {self.vacuums}"
        )
        return (
            f"{self.second:5.0f} s  {self.rate:4.0f}/s  p99 {self.p99:6.1f} ms  {counts}  MB:"
            f" {memory}"
        )


def quarters(seen: Sequence[Slice]) -> tuple[Sequence[Slice], Sequence[Slice]]:
    """The second quarter and the last: in the first, caches fill."""
    quarter = max(1, len(seen) // 4)
    return seen[quarter : 2 * quarter] or seen[:1], seen[-quarter:]


def table(seen: Sequence[Slice], left: int) -> str:
    """First and last figures, for people and for docs/performance.md."""
    early, late = quarters(seen)
    counted: dict[str, Callable[[Slice], float]] = {
        "rate, /s": lambda one: one.rate,
        "p99, ms": lambda one: one.p99,
        "records behind": lambda one: one.lag,
        "events waiting": lambda one: one.waiting,
        "dead rows": lambda one: one.dead,
    }
    rows = [(name, *_means(early, late, of)) for name, of in counted.items()]
    rows += [(f"own memory of {name}, MB", *_memory(early, late, name)) for name in seen[0].memory]
    head = "| What | Second quarter | Last quarter |\n|---|--:|--:|"
    lines = [f"| {name} | {before:.1f} | {after:.1f} |" for name, before, after in rows]
    return "\n".join([head, *lines, f"| dead rows that VACUUM left | | {left} |"])


def wrong(seen: Sequence[Slice], left: int) -> list[str]:
    """What the last quarter has more of than the second; empty where all is well."""
    early, late = quarters(seen)
    if len(seen) < 4:
        return ["too few slices to compare"]
    growths = []
    for name in seen[0].memory:
        before, after = _memory(early, late, name)
        if after > MOST_GROWTH * before + SLACK_MB:
            growths.append(f"memory of {name}: {before:.0f} to {after:.0f} MB")
    counts: dict[str, Callable[[Slice], float]] = {
        "lag": lambda one: one.lag,
        "events waiting": lambda one: one.waiting,
    }
    for what, of in counts.items():
        before, after = _means(early, late, of)
        if after > before + MOST_FACTS:
            growths.append(f"{what}: {before:.0f} to {after:.0f}")
    if left > MOST_DEAD:
        growths.append(f"dead rows that VACUUM does not take back: {left}")
    return growths


def _means(
    early: Sequence[Slice], late: Sequence[Slice], of: Callable[[Slice], float]
) -> tuple[float, float]:
    return mean(of(one) for one in early), mean(of(one) for one in late)


def _memory(early: Sequence[Slice], late: Sequence[Slice], name: str) -> tuple[float, float]:
    return _means(early, late, lambda one: one.memory[name])
