"""An activity as the public API shows it.

Composed by its owner from rows and by the gateway from events, which must show the same.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from shared.events.activities import ActivityState, Checklist, EmployeeShare, ProductLine
from shared.ids import ActivityId, ClientId, CompanyId, EmployeeId, RoomId, SourceId
from shared.money import MoneySum
from shared.vocabulary import How, OverdueKind, Sale, SourceKind, Stage, Status


class ClientSummary(BaseModel):
    """The client of an activity or a VIP."""

    id: ClientId
    name: str
    large: bool


class NextStep(BaseModel):
    """The responsible's promise: what to do, and by when."""

    what: str | None
    due_at: datetime


class Overdue(BaseModel):
    """A deadline of the activity that has passed."""

    what: OverdueKind
    since: datetime | date


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
    won_at: datetime | None
    lost_reason: str | None
    checklist: ChecklistView
    progress_at: datetime
    created_at: datetime
    created_by: EmployeeId | None


_WARNING = timedelta(hours=24)

_FROM_STATE = tuple(
    name for name in ActivityView.model_fields if name in ActivityState.model_fields
)
_NOTHING = {"amount": "0.00"}
_FROM_TEXT = ("note", "lost_reason")


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
    next_step = {"what": text.get("next_step"), "due_at": step_due_at} if step_due_at else None
    return {
        "id": str(activity_id),
        "version": version,
        **{name: state[name] for name in _FROM_STATE},
        **({} if state.get("agreed") else _sums(state)),
        **{name: text.get(name) for name in _FROM_TEXT},
        "claimed": state["claimed"] or {**_NOTHING, "currency": state["paid"]["currency"]},
        "client": client,
        "next_step": next_step,
        "checklist": {**state["checklist"], "overdue": _overdue(state, now)},
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


def _overdue(state: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    step_due_at, invoice_due_on = state["next_step_due_at"], state["invoice_due_on"]
    overdue = []
    if step_due_at and datetime.fromisoformat(step_due_at) < now:
        overdue.append({"what": "next_step", "since": step_due_at})
    if (
        invoice_due_on
        and state["status"] == "in_work"
        and date.fromisoformat(invoice_due_on) < now.date()
    ):
        overdue.append({"what": "invoice", "since": invoice_due_on})
    return overdue
