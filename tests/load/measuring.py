"""Figures beside their floors: interleaved runs, medians of ratios, their spread."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from tests.load.generate import Outcome

Run = Callable[[], Outcome]


@dataclass
class Figure:
    """One line of the report. `ratios` are those of neighbouring runs of product and floor, where
    there is a floor.

    `by_cpu` are ratios of CPU spent for a request by all processes, floor to product: what the
    throughput's ratio comes to where the cores are the limit, and far less disturbed by whatever
    else the machine is doing.
    """

    name: str
    unit: str
    values: list[float]
    floors: list[float] = field(default_factory=list)
    by_cpu: list[float] = field(default_factory=list)
    aim: str = ""
    note: str = ""

    @property
    def value(self) -> float:
        return median(self.values)

    @property
    def ratios(self) -> list[float]:
        return [
            value / floor for value, floor in zip(self.values, self.floors, strict=False) if floor
        ]

    @property
    def ratio(self) -> float | None:
        return median(self.ratios) if self.ratios else None

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "unit": self.unit,
            "value": self.value,
            "floor": median(self.floors) if self.floors else None,
            "ratio": self.ratio,
            "ratios": self.ratios,
            "ratios_by_cpu": self.by_cpu,
            "values": self.values,
            "aim": self.aim,
            "note": self.note,
        }

    def line(self) -> str:
        """For people, and for the table of docs/performance.md."""
        floor = _short(median(self.floors)) if self.floors else ""
        spread = (
            f"{self.ratio:.2f} ({min(self.ratios):.2f}-{max(self.ratios):.2f})"
            if self.ratio is not None
            else ""
        )
        by_cpu = (
            f"{median(self.by_cpu):.2f} ({min(self.by_cpu):.2f}-{max(self.by_cpu):.2f})"
            if self.by_cpu
            else ""
        )
        runs = f"{len(self.values)}" if len(self.values) > 1 else ""
        return (
            f"| {self.name} | {_short(self.value)} {self.unit} | {floor} | {spread} | {by_cpu} |"
            f" {runs} | {self.aim} | {self.note} |"
        )


HEAD = (
    "| What | Median | Floor | Ratio (least-most) | By CPU | Runs | Aim | Note"
    " |\n|---|--:|--:|--:|--:|--:|---|---|"
)


def beside(
    floor: Run, measured: Mapping[str, Run], runs: int
) -> tuple[list[Outcome], dict[str, list[Outcome]]]:
    """Runs the floor and everything measured in turn, `runs` times: a machine that drifts drifts
    under both.

    A first round does not count: each database connection plans its statements afresh five times
    before it keeps a plan.
    """
    floors: list[Outcome] = []
    outcomes: dict[str, list[Outcome]] = {name: [] for name in measured}
    for _ in range(runs + 1):
        floors.append(floor())
        for name, run in measured.items():
            outcomes[name].append(run())
    return floors[1:], {name: results[1:] for name, results in outcomes.items()}


def rates(name: str, outcomes: list[Outcome], floors: list[Outcome], aim: str = "") -> Figure:
    """Requests a second, with the latencies and the CPU of the median run."""
    middle = sorted(outcomes, key=lambda each: each.rate)[len(outcomes) // 2]
    spent = ", ".join(
        f"{process} {seconds:.2f}" for process, seconds in middle.cpu.items() if seconds >= 0.05
    )
    note = f"p50 {middle.p50:.1f} ms, p99 {middle.p99:.1f} ms; CPU s/1,000: {spent}"
    by_cpu = [_cpu(floor) / _cpu(outcome) for outcome, floor in zip(outcomes, floors, strict=False)]
    return Figure(
        name,
        "/s",
        [each.rate for each in outcomes],
        [each.rate for each in floors],
        by_cpu,
        aim,
        note,
    )


def _cpu(outcome: Outcome) -> float:
    """Of everything that works for a request.

    Kafka idles in these runs, and idling is not a request's.
    """
    return sum(seconds for process, seconds in outcome.cpu.items() if process != "kafka") or 1e-9


def load_average() -> str:
    """How busy the machine is with everything; what is not ours falsifies figures."""
    return " ".join(f"{each:.1f}" for each in os.getloadavg())


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
