"""Rules of pay: what won activities earn under a plan (domain.md, "Motivation").

Every rule that matches adds an entry of its own: a plan with "5 % of receipts" and "1 % more for
cold" pays a cold sale both. A rule is composed of the deals that it is for (`limits`), what counts
of them (`credit`), a rate that is fixed (`flat`) or follows the month's attainment (`tiered`), and
`terms` that any rule may have. Rules of the month as a whole stand in `monthly`.
"""

from services.motivation.domain.rules.earnings import (
    Earning,
    Rule,
    amounts_of,
    earnings,
    employees_of,
    field_of_employees,
    looks_at_catalogue,
    looks_at_cost,
    needs_room,
    pays_by_month,
    rule_name,
    waits_for_month_end,
)
from services.motivation.domain.rules.flat import Fixed, PercentOfReceipts
from services.motivation.domain.rules.gaps import lacks_terms
from services.motivation.domain.rules.limits import Limits
from services.motivation.domain.rules.monthly import AtMonthEnd, Cap, Draw, Floor, Pool
from services.motivation.domain.rules.terms import Terms
from services.motivation.domain.rules.tiered import Attainment, Tier, Tiered

__all__ = [
    "AtMonthEnd",
    "Attainment",
    "Cap",
    "Draw",
    "Earning",
    "Fixed",
    "Floor",
    "Limits",
    "PercentOfReceipts",
    "Pool",
    "Rule",
    "Terms",
    "Tier",
    "Tiered",
    "amounts_of",
    "earnings",
    "employees_of",
    "field_of_employees",
    "lacks_terms",
    "looks_at_catalogue",
    "looks_at_cost",
    "needs_room",
    "pays_by_month",
    "rule_name",
    "waits_for_month_end",
]
