"""Events of renewals: the next sale of what was won with a term. Sent by the activities service.

Each carries `state`, the renewal after the event.
"""

from datetime import date
from uuid import UUID

from shared.events.activities import ProductLine
from shared.events.base import ACTIVITIES, Event, State
from shared.ids import ActivityId, ClientId, CompanyId, EmployeeId, RoomId
from shared.money import MoneySum
from shared.vocabulary import RenewalStatus, RenewalWithdrawal


class RenewalState(State):
    """A renewal after an event.

    It continues the activity `contract_id` and is due on a day of the company's. `products` are
    those of the contract; `activity_id` is what the renewal became.
    """

    contract_id: ActivityId
    company_id: CompanyId
    room_id: RoomId
    client_id: ClientId
    term_months: int
    number: int
    due_on: date
    products: list[ProductLine]
    amount: MoneySum
    status: RenewalStatus
    has_note: bool
    activity_id: ActivityId | None
    withdrawal: RenewalWithdrawal | None


class RenewalEvent(Event, topic=ACTIVITIES, noun="renewal"):
    """Any event of a renewal: `by` is who did it (nobody, where the system did), `state` the
    renewal as it is now.
    """

    renewal_id: UUID
    by: EmployeeId | None
    state: RenewalState


class RenewalScheduled(RenewalEvent, type="renewal.scheduled"):
    """Something with a term was won, or won again: its next sale is due when the term ends. Sent
    also where part of it came back and will not be sold again.
    """


class RenewalPrepared(RenewalEvent, type="renewal.prepared"):
    """A seller left a note for the renewal; notes stay with it."""


class RenewalMoved(RenewalEvent, type="renewal.moved"):
    """The activity that the renewal continues went to another room, and the renewal with it."""


class RenewalTaken(RenewalEvent, type="renewal.taken"):
    """A seller took the renewal ahead of its day: it is the activity `state.activity_id` now."""


class RenewalOpened(RenewalEvent, type="renewal.opened"):
    """The day came: the renewal is the activity `state.activity_id` now."""


class RenewalWithdrawn(RenewalEvent, type="renewal.withdrawn"):
    """There will be no such sale: somebody said so, the win was taken back, or all of its products
    came back.
    """


class RenewalRestored(RenewalEvent, type="renewal.restored"):
    """A renewal that was withdrawn by hand is due again."""
