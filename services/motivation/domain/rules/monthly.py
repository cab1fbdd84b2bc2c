"""Rules of a month as a whole: their entries belong to no deal."""

from dataclasses import dataclass
from decimal import Decimal

from services.motivation.domain.deal import SellerShare
from services.motivation.domain.rules.limits import EVERY_DEAL, Limits
from services.motivation.domain.rules.tiered import Attainment
from shared.ids import EmployeeId
from shared.money import Money
from shared.vocabulary import PayBase

ROOM = Attainment(scope="room")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Money of the whole room, shared out: an `amount`, or a `percent` of what counts of its deals.

    Paid once the room's attainment reaches the `threshold`, in full where there is none. Without
    `shares` each seller gets a part by their credit of the receipts.
    """

    percent: Decimal | None = None
    amount: Money | None = None
    base_of: PayBase = "receipts"
    limits: Limits = EVERY_DEAL
    attainment: Attainment = ROOM
    threshold: Decimal | None = None
    shares: tuple[SellerShare, ...] = ()
    kind = "pool"


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that an employee earns in a month; without `employee_ids` for each who earns."""

    amount: Money
    employee_ids: tuple[EmployeeId, ...] = ()
    kind = "cap"


@dataclass(frozen=True, slots=True)
class Floor:
    """The least that an employee gets for a month; without `employee_ids` for each who earns."""

    amount: Money
    employee_ids: tuple[EmployeeId, ...] = ()
    kind = "floor"


@dataclass(frozen=True, slots=True)
class Draw:
    """An advance on a month's earnings: at least `amount` is paid. What was paid beyond the
    earnings is a debt, taken off what later months earn beyond the draw; forgiven where not
    `recoverable`.
    """

    amount: Money
    recoverable: bool = True
    employee_ids: tuple[EmployeeId, ...] = ()
    kind = "draw"


Monthly = Pool | Cap | Floor | Draw
AtMonthEnd = Floor | Draw
"""What is known only once no more can be earned in the month."""
