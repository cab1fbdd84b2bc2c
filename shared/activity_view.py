"""An activity as the public API shows it.

Composed by its owner from rows and by the gateway from events, which must show the same.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from shared.clock import end_of_day
from shared.events.activities import (
    ActivityState,
    Checklist,
    DueInvoice,
    EmployeeShare,
    ProductLine,
    ProposedSplit,
)
from shared.ids import (
    ActivityId,
    ClientId,
    CompanyId,
    EmployeeId,
    LossReasonId,
    RoomId,
    SourceId,
)
from shared.money import MoneySum
from shared.vocabulary import How, OverdueKind, Sale, SourceKind, Stage, Status


class ClientSummary(BaseModel):
    """The client of an activity or a VIP."""

    id: ClientId
    name: str
    large: bool
    do_not_call: bool = Field(
        description="Whether the client, or one of its phones, said not to call.", examples=[False]
    )


class NextStep(BaseModel):
    """The responsible's promise: what to do, and by when."""

    what: str | None
    due_at: datetime


class Overdue(BaseModel):
    """A deadline of the activity that has passed: that of a next step, or of the invoice that is
    named.
    """

    what: OverdueKind
    since: datetime | date
    invoice_id: UUID | None = None
    number: str | None = None


class ChecklistView(Checklist):
    """The manual's questions at a glance, and the deadlines that have passed."""

    overdue: list[Overdue]


class ActivityView(BaseModel):
    """An activity as the API shows it in lists, pools and responses to commands."""

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
    reset_warning_at: datetime | None
    next_step: NextStep | None
    agreed: MoneySum
    invoiced: MoneySum
    paid: MoneySum
    claimed: MoneySum
    to_invoice: MoneySum
    to_pay: MoneySum
    due_invoices: list[DueInvoice]
    won_at: datetime | None
    lost_reason: str | None
    lost_reason_id: LossReasonId | None
    lost_at: datetime | None
    first_source_id: SourceId | None = Field(
        description="The source that it was registered with, where the source was corrected since;"
        " else null."
    )
    split_proposal: ProposedSplit | None = Field(
        description="A split of the pay that the responsible proposes and that waits for those who"
        " are asked; else null."
    )
    checklist: ChecklistView
    progress_at: datetime
    created_at: datetime
    created_by: EmployeeId | None


_WARNING = timedelta(hours=24)
Deadlines = list[tuple[datetime, dict[str, Any]]]
"""The moments from which something is overdue, with what `Overdue` says of it then."""

_FROM_STATE = tuple(
    name
    for name in ActivityView.model_fields
    if name in ActivityState.model_fields and name != "split_proposal"
)
_NOTHING = {"amount": "0.00"}
_FROM_TEXT = ("note", "lost_reason")
_OPEN = ("free", "in_work")


def compose_activity(
    activity_id: UUID,
    version: int,
    state: dict[str, Any],
    client: dict[str, Any],
    text: dict[str, Any],
    now: datetime,
) -> dict[str, Any]:
    """The `ActivityView` of a JSON `ActivityState` and the text of its `ActivityDescribed`.

    Fields of the view that the state has under the same name are taken over. What is overdue is so
    at `now`.
    """
    step_due_at = state["next_step_due_at"]
    overdue = [late for late_at, late in deadlines_of(state) if late_at <= now]
    next_step = {"what": text.get("next_step"), "due_at": step_due_at} if step_due_at else None
    return {
        "id": str(activity_id),
        "version": version,
        **{name: state[name] for name in _FROM_STATE},
        **({} if state.get("agreed") else _sums(state)),
        "due_invoices": state.get("due_invoices") or [],
        "split_proposal": state.get("split_proposal"),
        **{name: text.get(name) for name in _FROM_TEXT},
        "claimed": state["claimed"] or {**_NOTHING, "currency": state["paid"]["currency"]},
        "client": client,
        "next_step": next_step,
        "checklist": {**state["checklist"], "overdue": overdue},
    }


def _sums(state: dict[str, Any]) -> dict[str, Any]:
    """What older events leave out: the order's sum, and what is left of it."""
    agreed = sum((Decimal(line["amount"]["amount"]) for line in state["products"]), Decimal())
    currency = state["paid"]["currency"]

    def left(part: str) -> dict[str, str]:
        return _money(max(agreed - Decimal(state[part]["amount"]), Decimal()), currency)

    return {
        "agreed": _money(agreed, currency),
        "to_invoice": left("invoiced"),
        "to_pay": left("paid"),
    }


def _money(amount: Decimal, currency: str) -> dict[str, str]:
    return {"amount": f"{amount:.2f}", "currency": currency}


def about_to_reset_from(view: dict[str, Any]) -> datetime | None:
    """When an activity in work counts as about to reset: from its warning on; a day before where
    nobody is warned. None where it does not reset.
    """
    if view["reset_warning_at"]:
        return datetime.fromisoformat(view["reset_warning_at"])
    due_at = view["reset_due_at"]
    return datetime.fromisoformat(due_at) - _WARNING if due_at else None


def deadlines_of(state: dict[str, Any]) -> Deadlines:
    """What of a JSON `ActivityState` becomes overdue by itself, and from when."""
    deadlines: Deadlines = []
    if step_due_at := state["next_step_due_at"]:
        late_at = datetime.fromisoformat(step_due_at)
        deadlines.append((late_at, {"what": "next_step", "since": step_due_at}))
    if state["status"] in _OPEN:
        deadlines += [_invoice_deadline(due) for due in _due_invoices(state)]
    return deadlines


def _invoice_deadline(due: dict[str, Any]) -> tuple[datetime, dict[str, Any]]:
    late = {"what": "invoice", "since": due["due_on"], "invoice_id": due["invoice_id"]}
    return datetime.fromisoformat(due["overdue_at"]), {**late, "number": due["number"]}


def _due_invoices(state: dict[str, Any]) -> list[dict[str, Any]]:
    """Older events say of one invoice alone when it is due, and leave the zone to UTC."""
    due_invoices: list[dict[str, Any]] | None = state.get("due_invoices")
    if due_invoices is not None:
        return due_invoices
    due_on = state["invoice_due_on"]
    if not due_on:
        return []
    overdue_at = end_of_day(date.fromisoformat(due_on), "UTC").isoformat()
    unnamed = {"invoice_id": None, "number": None}
    return [{**unnamed, "due_on": due_on, "overdue_at": overdue_at}]
