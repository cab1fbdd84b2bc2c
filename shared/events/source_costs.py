"""Events of what sources cost."""

from datetime import date
from uuid import UUID

from shared.events.base import ACTIVITIES, Event
from shared.events.directory import ChangedBy
from shared.ids import CompanyId, RoomId, SourceId
from shared.money import Money


class SourceCostChanged(Event, type="source_cost.changed", topic=ACTIVITIES, noun="source_cost"):
    """What a source costs from `first_on` to `last_on`, both included, was entered, changed or
    removed. Without a company or a room it is of all of them. Its note stays with the cost.
    """

    source_cost_id: UUID
    source_id: SourceId
    company_id: CompanyId | None
    room_id: RoomId | None
    first_on: date
    last_on: date
    amount: Money
    has_note: bool
    removed: bool
    by: ChangedBy = None
