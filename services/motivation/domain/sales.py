"""First, repeat and renewal: a class of each win that follows from all wins of the client in the
company (domain.md, "Motivation").

In the order of business day and activity's id the earliest win that is no renewal is the first, the
others are repeated; a renewal is one by its origin, wherever it stands. So exactly one is first,
and if that is taken back the next becomes it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from shared.ids import ActivityId, ClientId, CompanyId
from shared.vocabulary import Sale

Buyer = tuple[CompanyId, ClientId]
"""A client of a company: whose wins have one order."""


@dataclass(frozen=True, slots=True)
class Win:
    """A win as its place among the buyer's wins depends on it."""

    activity_id: ActivityId
    won_on: date
    is_renewal: bool

    @property
    def place(self) -> tuple[date, UUID]:
        """Its place in the order of wins."""
        return self.won_on, self.activity_id


def first_of(wins: Iterable[Win]) -> ActivityId | None:
    """The first sale among a buyer's wins; None where all are renewals."""
    sales = [win for win in wins if not win.is_renewal]
    return min(sales, key=lambda win: win.place).activity_id if sales else None


@dataclass(slots=True)
class SalesOrder:
    """Wins of some buyers, followed as they come and go: of each buyer those that change, and the
    earliest of the others, which do not. Later ones are repeated whatever happens.
    """

    _wins: dict[Buyer, dict[ActivityId, Win]] = field(default_factory=dict)
    _buyers: dict[ActivityId, Buyer] = field(default_factory=dict)

    def add(self, buyer: Buyer, win: Win) -> None:
        """A win as it was before."""
        self._wins.setdefault(buyer, {})[win.activity_id] = win
        self._buyers[win.activity_id] = buyer

    def follow(self, activity_id: ActivityId, buyer: Buyer, win: Win | None) -> list[ActivityId]:
        """Takes the activity's win as it is now, None where it is not won; returns the other
        activities whose class changes with it, by id.
        """
        before = self._buyers.pop(activity_id, buyer)
        concerned = {before, buyer}
        firsts = {self._first(each) for each in concerned}
        self._wins.get(before, {}).pop(activity_id, None)
        if win:
            self.add(buyer, win)
        changed = firsts ^ {self._first(each) for each in concerned}
        return sorted(other for other in changed if other and other != activity_id)

    def sale_of(self, activity_id: ActivityId) -> Sale | None:
        """The class of the activity's win; None where it is not won."""
        buyer = self._buyers.get(activity_id)
        if buyer is None:
            return None
        if self._wins[buyer][activity_id].is_renewal:
            return "renewal"
        return "first" if self._first(buyer) == activity_id else "repeat"

    def _first(self, buyer: Buyer) -> ActivityId | None:
        return first_of(self._wins.get(buyer, {}).values())
