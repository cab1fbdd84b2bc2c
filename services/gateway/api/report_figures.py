"""The figures of reports: what services counted and summed, joined, with their ratios."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from services.gateway.domain.ratios import conversion, cost_of_each, return_on_cost

Json = dict[str, Any]
_COUNTS = ("requests", "outside", "requests_won", "taken", "won", "lost", "lost_outside")
_SUMS = ("receipts", "refunds", "cost")


@dataclass
class Figures:
    """Counts, and sums of money by currency; `pay` is None where motivation did not answer."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTS, 0))
    sums: dict[str, dict[str, Decimal]] = field(
        default_factory=lambda: {name: {} for name in _SUMS}
    )
    pay: dict[str, Decimal] | None = None

    def add_activities(self, row: Mapping[str, Any]) -> None:
        """Adds a row of what activities counted and summed."""
        for name in _COUNTS:
            self.counts[name] += row.get(name, 0)
        for name in _SUMS:
            for money in row.get(name, ()):
                _add(self.sums[name], money)

    def add_pay(self, money: Mapping[str, str]) -> None:
        """Adds a sum of the ledger's entries."""
        self.pay = {} if self.pay is None else self.pay
        _add(self.pay, money)

    def of_sources(self) -> Json:
        """As `SourceFigures`."""
        counts, sums = self.counts, self.sums
        receipts, cost = sums["receipts"], sums["cost"]
        cpl = cost_of_each(cost, counts["requests"])
        per_won = cost_of_each(cost, counts["won"])
        return {
            "requests": counts["requests"],
            "outside_conversion": counts["outside"],
            "requests_won": counts["requests_won"],
            "conversion": _text(
                conversion(counts["requests_won"], counts["requests"], counts["outside"])
            ),
            **{name: counts[name] for name in ("taken", "won", "lost")},
            **{name: _money(sums[name]) for name in _SUMS},
            "motivation_cost": self._motivation_cost(),
            "cpl": None if cpl is None else _money(cpl),
            "cost_per_won": None if per_won is None else _money(per_won),
            "romi": _ratios(return_on_cost(receipts, cost)),
            "romi_after_pay": None
            if self.pay is None
            else _ratios(return_on_cost(receipts, cost, self.pay)),
        }

    def of_sellers(self) -> Json:
        """As `SellerFigures`."""
        counts = self.counts
        closed = counts["won"] + counts["lost"]
        return {
            **{name: counts[name] for name in ("taken", "won", "lost")},
            "lost_outside_conversion": counts["lost_outside"],
            "conversion": _text(conversion(counts["won"], closed, counts["lost_outside"])),
            **{name: _money(self.sums[name]) for name in ("receipts", "refunds")},
            "motivation_cost": self._motivation_cost(),
        }

    def _motivation_cost(self) -> list[Json] | None:
        return None if self.pay is None else _money(self.pay)


def joined(
    activities: Iterable[Mapping[str, Any]], pay: Iterable[Mapping[str, Any]] | None
) -> tuple[dict[tuple[str | None, int], Figures], Figures]:
    """The figures of each source or seller and period, and those of all together."""

    def nothing() -> Figures:
        return Figures(pay=None if pay is None else {})

    rows: dict[tuple[str | None, int], Figures] = {}
    total = nothing()

    def at(row: Mapping[str, Any]) -> Figures:
        return rows.setdefault((row["key"], row["period"]), nothing())

    for row in activities:
        at(row).add_activities(row)
        total.add_activities(row)
    for row in pay or ():
        at(row).add_pay(row["pay"])
        total.add_pay(row["pay"])
    return rows, total


def funnel(counted: Mapping[str, Any]) -> Json:
    """As `FunnelFigures`."""
    requests, outside = counted["requests"], counted["outside"]
    return {
        "requests": requests,
        "outside_conversion": outside,
        **{name: counted[name] for name in ("taken", "won", "lost", "open")},
        "taken_share": _text(conversion(counted["taken"], requests, 0)),
        "conversion": _text(conversion(counted["won"], requests, outside)),
    }


def funnel_of_all(periods: Iterable[Mapping[str, Any]]) -> Json:
    """As `FunnelFigures`, of all periods together."""
    total: Json = dict.fromkeys(("requests", "outside", "taken", "won", "lost"), 0)
    stages: dict[str, int] = {}
    for counted in periods:
        for name in total:
            total[name] += counted[name]
        for stage, count in counted["open"].items():
            stages[stage] = stages.get(stage, 0) + count
    return funnel({**total, "open": stages})


def _add(sums: dict[str, Decimal], money: Mapping[str, str]) -> None:
    currency = money["currency"]
    sums[currency] = sums.get(currency, Decimal(0)) + Decimal(money["amount"])


def _money(sums: Mapping[str, Decimal]) -> list[Json]:
    return [
        {"amount": f"{amount:.2f}", "currency": currency}
        for currency, amount in sorted(sums.items())
    ]


def _ratios(ratios: Mapping[str, Decimal | None]) -> list[Json]:
    return [{"currency": currency, "value": _text(value)} for currency, value in ratios.items()]


def _text(ratio: Decimal | None) -> str | None:
    return None if ratio is None else f"{ratio:.4f}"
