"""Rules as they follow a month's deals, one after the other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from services.motivation.domain.deal import Deal, SellerShare
from services.motivation.domain.rules.credit import counted, divided
from services.motivation.domain.rules.earnings import Flat, flat_earnings
from services.motivation.domain.rules.tiered import Scale, Tiered
from services.motivation.domain.settlement.month import ROOM, Targets, Who
from shared.ids import EmployeeId
from shared.money import rounded
from shared.vocabulary import AttainmentMeasure

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Step:
    """An employee's exact month under a rule with the deal that was just followed: the `total`, and
    what it was computed from.
    """

    employee_id: EmployeeId
    total: Decimal
    base: Decimal
    before_shares: Decimal | None
    share: Decimal
    attained: Decimal | None = None
    rate: Decimal | None = None


class FlatMonth:
    """A flat rule over a month: the sum of what the deals earn by themselves."""

    def __init__(self, rule: Flat) -> None:
        self.rule = rule
        self._totals: dict[EmployeeId, Decimal] = {}

    def follow(self, deal: Deal, *, pays: bool) -> Iterator[Step]:
        """The steps of the deal, where the rule `pays` it."""
        if not pays or not self.rule.limits.match(deal):
            return
        for earning in flat_earnings(deal, self.rule, ""):
            id_ = earning.employee_id
            self._totals[id_] = self._totals.get(id_, NOTHING) + earning.amount.amount
            yield Step(
                id_,
                self._totals[id_],
                earning.base.amount,
                earning.before_shares.amount,
                earning.share,
            )


class TieredMonth:
    """A tiered rule over a month: what was attained so far, and credited to whom."""

    def __init__(self, rule: Tiered, targets: Targets) -> None:
        self.rule = rule
        self.attained: dict[Who, Decimal] = {}
        self.missing_targets: set[tuple[Who, AttainmentMeasure]] = set()
        self._targets = targets
        self._scales: dict[Who, Scale] = {}
        self._credited: dict[EmployeeId, Decimal] = {}
        self._earned: dict[EmployeeId, Decimal] = {}

    def follow(self, deal: Deal, *, pays: bool) -> Iterator[Step]:
        """Adds the deal to the attainment; the steps that follow, where the rule `pays` it."""
        before = self._attain(deal)
        if not pays:
            return
        paid: dict[EmployeeId, tuple[SellerShare, Decimal]] = {}
        if self.rule.limits.match(deal):
            coefficient = self.rule.terms.coefficient(deal)
            for share, base in self._bases(deal):
                paid[share.employee_id] = share, base
                self._credit(share.employee_id, base * coefficient, before, coefficient)
        for id_ in [*paid, *self._moved(before, paid)]:
            share, base = paid.get(id_, (SellerShare(id_, NOTHING), NOTHING))
            attained = self.attained.get(self._who(id_), NOTHING)
            counts = deal.receipts.amount if self.rule.currency and id_ in paid else base
            yield Step(
                id_,
                self._total(id_, attained),
                counts,
                None,
                share.share,
                attained,
                self._scale(self._who(id_)).rate(attained),
            )

    def _attain(self, deal: Deal) -> dict[Who, Decimal]:
        """Moves the attainments on; what they were before, of those that were moved."""
        measured = self.rule.attainment.measured(deal, self.rule.limits)
        if measured is None:
            return {}
        before = {}
        for who, part in self._measured_parts(deal, measured):
            before[who] = self.attained.get(who, NOTHING)
            self.attained[who] = before[who] + part
        return before

    def _measured_parts(self, deal: Deal, measured: Decimal) -> Iterable[tuple[Who, Decimal]]:
        if self.rule.attainment.scope == "room":
            return [(ROOM, measured)]
        if self.rule.attainment.measure == "count":
            return [(share.employee_id, share.share) for share in deal.shares]
        parts = divided(measured, deal.shares)
        return [(share.employee_id, part) for share, part in zip(deal.shares, parts, strict=True)]

    def _bases(self, deal: Deal) -> list[tuple[SellerShare, Decimal]]:
        """What counts of the deal for each who is paid: money or, for amounts, a part of a deal."""
        paid = self.rule.terms.paid_shares(deal)
        if self.rule.currency:
            return [(share, share.share) for share in paid]
        base = counted(deal, self.rule.limits.product_category, self.rule.base_of)
        parts = [base] * len(paid) if self.rule.terms.recipients else divided(base, paid)
        return list(zip(paid, parts, strict=True))

    def _credit(
        self, id_: EmployeeId, base: Decimal, before: dict[Who, Decimal], coefficient: Decimal
    ) -> None:
        """Adds a weighted base, and what it earns by its place in the attainment. Where bounds do
        not divide the very money that is paid for, that is rounded to the kopeck, halves away from
        zero.
        """
        self._credited[id_] = self._credited.get(id_, NOTHING) + base
        who = self._who(id_)
        scale, high = self._scale(who), self.attained.get(who, NOTHING)
        low = before.get(who, high)
        if self.rule.pays_what_it_measures:
            earned = scale.between(low, high) * coefficient
        elif high > low:
            earned = rounded(base * scale.between(low, high) / (high - low))
        else:
            earned = rounded(base * scale.rate(high))
        self._earned[id_] = self._earned.get(id_, NOTHING) + earned

    def _moved(
        self, before: dict[Who, Decimal], paid: dict[EmployeeId, tuple[SellerShare, Decimal]]
    ) -> list[EmployeeId]:
        """Others whose total may have moved with an attainment, the room's or their own."""
        changed = {
            who
            for who, low in before.items()
            if self._scale(who).level(low) != self._scale(who).level(self.attained[who])
        }
        return sorted(
            id_ for id_ in self._credited if id_ not in paid and self._who(id_) in changed
        )

    def _total(self, id_: EmployeeId, attained: Decimal) -> Decimal:
        scale = self._scale(self._who(id_))
        if not scale.pays(attained):
            return NOTHING
        if self.rule.mode == "retroactive":
            return self._credited[id_] * scale.rate(attained)
        return self._earned[id_]

    def _who(self, id_: EmployeeId) -> Who:
        return ROOM if self.rule.attainment.scope == "room" else id_

    def _scale(self, who: Who) -> Scale:
        if who not in self._scales:
            key = who, self.rule.attainment.measure
            target = self._targets.get(key)
            if self.rule.attainment.unit == "percent_of_target" and not target:
                self.missing_targets.add(key)
            self._scales[who] = self.rule.scale(target)
        return self._scales[who]
