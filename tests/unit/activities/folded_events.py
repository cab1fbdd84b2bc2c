"""What the events of an activity add up to, without looking at the activity."""

from dataclasses import dataclass
from datetime import datetime

from services.activities.domain.activity import DomainEvent
from shared.ids import EmployeeId
from tests.support.activity_model import TradeModel


@dataclass
class FoldedEvents:
    """`promised` is when the next step is due."""

    trade: TradeModel
    responsible_id: EmployeeId | None = None
    promised: datetime | None = None

    def add(self, event: DomainEvent) -> None:
        """Adds the next event; asserts that no promise and no responsible is overwritten."""
        self.trade.fold(event.type, event.details)
        self._add_promise(event)
        match event.type:
            case "activity.taken":
                self.responsible_id = event.details["responsible"]
            case "activity.released" | "activity.reset":
                assert event.details["former"] == self.responsible_id
                self.responsible_id = None
            case "activity.reopened" | "activity.won" | "activity.win_reversed":
                self.responsible_id = event.after.responsible_id
            case "order.changed":
                self.trade.delivered = any(line.delivered for line in event.after.products)

    def _add_promise(self, event: DomainEvent) -> None:
        if event.details.get("step"):
            assert event.details["step_due_at"] == self.promised, "an end of what was promised"
            self.promised = None
        if event.after.next_step_due_at != self.promised:
            assert self.promised is None, "a promise was overwritten silently"
            self.promised = event.after.next_step_due_at
