"""An activity as the public API shows it.

Composed by its owner from rows and by the gateway from events, which must show the same.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from shared.events.activities import Checklist, EmployeeShare, ProductLine
from shared.ids import ActivityId, ClientId, CompanyId, EmployeeId, RoomId, SourceId
from shared.money import Money
from shared.vocabulary import How, OverdueKind, Sale, SourceKind, Stage, Status


class ClientSummary(BaseModel):
    """Who wants it."""

    id: ClientId
    name: str
    large: bool


class NextStep(BaseModel):
    """What the responsible promised to do, and when."""

    what: str | None
    due_at: datetime


class Overdue(BaseModel):
    """A deadline of the activity that has passed."""

    what: OverdueKind
    since: datetime | date


class ChecklistView(Checklist):
    """The manual's questions: is the invoice out, is it paid, shipped, signed, all paid, what is
    overdue?
    """

    overdue: list[Overdue]


class ActivityView(BaseModel):
    """An activity as the API shows it in lists, pools and answers to commands."""

    id: ActivityId
    version: int
    company_id: CompanyId
    room_id: RoomId
    client: ClientSummary
    source_id: SourceId
    source_kind: SourceKind
    sale: Sale
    products: list[ProductLine]
    note: str | None
    status: Status
    stage: Stage
    responsible_id: EmployeeId | None
    responsible_since: datetime | None
    how: How | None
    shares: list[EmployeeShare]
    reset_due_at: datetime | None
    next_step: NextStep | None
    invoiced: Money
    paid: Money
    won_at: datetime | None
    lost_reason: str | None
    checklist: ChecklistView
    progress_at: datetime
    created_at: datetime
    created_by: EmployeeId | None


def compose_activity(
    activity_id: UUID,
    version: int,
    state: dict[str, Any],
    client: dict[str, Any],
    text: dict[str, Any],
    now: datetime,
) -> dict[str, Any]:
    """The `ActivityView` of a JSON `ActivityState`; `text` is that of `ActivityDescribed`.

    What is overdue is so at `now`.
    """
    step_due, invoice_due = state["next_step_due_at"], state["invoice_due_on"]
    overdue = []
    if step_due and _moment(step_due) < now:
        overdue.append({"what": "next_step", "since": step_due})
    if (
        invoice_due
        and state["status"] == "in_work"
        and date.fromisoformat(invoice_due) < now.date()
    ):
        overdue.append({"what": "invoice", "since": invoice_due})
    return {
        "id": str(activity_id),
        "version": version,
        "company_id": state["company_id"],
        "room_id": state["room_id"],
        "client": client,
        "source_id": state["source_id"],
        "source_kind": state["source_kind"],
        "sale": state["sale"],
        "products": state["products"],
        "note": text.get("note"),
        "status": state["status"],
        "stage": state["stage"],
        "responsible_id": state["responsible_id"],
        "responsible_since": state["responsible_since"],
        "how": state["how"],
        "shares": state["shares"],
        "reset_due_at": state["reset_due_at"],
        "next_step": {"what": text.get("next_step"), "due_at": step_due} if step_due else None,
        "invoiced": state["invoiced"],
        "paid": state["paid"],
        "won_at": state["won_at"],
        "lost_reason": text.get("lost_reason"),
        "checklist": {**state["checklist"], "overdue": overdue},
        "progress_at": state["progress_at"],
        "created_at": state["created_at"],
        "created_by": state["created_by"],
    }


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
