"""Terms that any rule for deals may have."""

from dataclasses import dataclass
from decimal import Decimal

from services.motivation.domain.deal import Deal, SellerShare
from shared.ids import EmployeeId
from shared.money import Money

WHOLE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A coefficient for deals of VIPs; the most that an employee gets under the rule in a month;
    and who gets the pay instead of the deal's sellers, each the whole of it: a team's head, say.
    """

    vip_coefficient: Decimal = WHOLE
    cap: Money | None = None
    recipients: tuple[EmployeeId, ...] = ()

    def coefficient(self, deal: Deal) -> Decimal:
        """What the pay for `deal` is multiplied by."""
        return self.vip_coefficient if deal.vip else WHOLE

    def paid_shares(self, deal: Deal) -> tuple[SellerShare, ...]:
        """Who is paid for `deal`, and which part of it counts for each."""
        if self.recipients:
            return tuple(SellerShare(employee_id, WHOLE) for employee_id in self.recipients)
        return deal.shares


NO_TERMS = Terms()
