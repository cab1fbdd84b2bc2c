"""Settlement: from a month's credited deals of a room to each line of pay.

Credit, attainment, rate, line: deals are taken in one canonical order (business day, then id), each
rule follows the month's total of every employee, and a deal's line is what it adds to that total.
So lines add up to the total exactly, and the order in which facts came has no say.
"""

from services.motivation.domain.settlement.month import (
    ROOM,
    CreditedDeal,
    Month,
    Settlement,
    Targets,
    Who,
)
from services.motivation.domain.settlement.settle import settle

__all__ = ["ROOM", "CreditedDeal", "Month", "Settlement", "Targets", "Who", "settle"]
