"""What each employee has earned in a month, by company."""

from services.gateway.projections.base import Projection, event_rank, put
from services.gateway.read_models.keys import TenantKeys
from services.gateway.read_models.store import Call
from shared.events import Envelope
from shared.events.motivation import EntryPosted, StatementClosed


class Pay(Projection[EntryPosted | StatementClosed]):
    """The total of each pay statement, as its latest entry or its closing leaves it."""

    handles = (EntryPosted, StatementClosed)
    keys = ("pay",)

    def from_event(
        self, event: EntryPosted | StatementClosed, envelope: Envelope, keys: TenantKeys
    ) -> list[Call]:
        total = event.total if isinstance(event, StatementClosed) else event.statement_total
        key = keys.employee(event.employee_id, f"pay:{event.period}")
        rank = event_rank(envelope.version)
        return [put(key, event.company_id, rank, total.model_dump_json())]
