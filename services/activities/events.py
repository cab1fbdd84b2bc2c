"""From what happened in the domain to the published language, and to what the API shows."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from services.activities.domain.activity import Activity, DomainEvent
from shared.activity_view import compose_activity
from shared.db import Tx
from shared.events import REGISTRY
from shared.events.activities import (
    ActivityEvent,
    ActivityState,
    Checklist,
    EmployeeShare,
    ProductLine,
)
from shared.events.people import ActivityDescribed
from shared.ids import EmployeeId


def publish(
    tx: Tx, events: Sequence[DomainEvent], by: EmployeeId | None, before: Activity | None = None
) -> ActivityState:
    """Says each fact with the state after it, and the text, where it changed, on sales.people.v1.

    The last state, for `view`.
    """
    said = [fact_of(each, None if each.catch_up else by) for each in events]
    for each, fact in zip(events, said, strict=True):
        tx.publish(fact, each.after.id, each.after.version)
    after = events[-1].after
    if _text(after) != (
        _text(before) if before else {"note": None, "next_step": None, "lost_reason": None}
    ):
        tx.publish(_described(after), after.id, after.version)
    return said[-1].state


def fact_of(each: DomainEvent, by: EmployeeId | None) -> ActivityEvent:
    """What happened in the published language.

    Validation is left out: the values come from our own rules.
    """
    details = dict(each.details)
    if "shares" in details:
        details["shares"] = [EmployeeShare.of(**share) for share in details["shares"]]
    kind: Any = REGISTRY[each.what]
    fact: ActivityEvent = kind.of(
        activity_id=each.after.id, by=by, state=state_of(each.after), **details
    )
    return fact


def view(
    activity: Activity, client: Mapping[str, Any], tx: Tx, state: ActivityState | None = None
) -> dict[str, Any]:
    """The `ActivityView` of an activity as it is now; `state` is the activity's where a fact was
    just made of it.
    """
    shown = (state or state_of(activity)).model_dump(mode="json")
    return compose_activity(
        activity.id, activity.version, shown, dict(client), _text(activity), tx.now
    )


def _described(activity: Activity) -> ActivityDescribed:
    return ActivityDescribed(
        note=activity.note, next_step=activity.next_step, lost_reason=activity.lost_reason
    )


def _text(activity: Activity) -> dict[str, str | None]:
    return {
        "note": activity.note,
        "next_step": activity.next_step,
        "lost_reason": activity.lost_reason,
    }


def state_of(one: Activity) -> ActivityState:
    """The activity in the published language."""
    covered = one.covered
    shares = one.shares or (((one.responsible, Decimal(1)),) if one.responsible else ())
    return ActivityState.of(
        company_id=one.company_id,
        room_id=one.room_id,
        client_id=one.client_id,
        source_id=one.source_id,
        source_kind=one.source_kind,
        sale=one.sale,
        products=[_line(line) for line in one.products],
        status=one.status,
        stage=one.stage,
        responsible_id=one.responsible,
        responsible_since=one.responsible_since,
        how=one.how,
        shares=[EmployeeShare.of(employee_id=employee, share=share) for employee, share in shares],
        reset_due_at=one.reset_due_at,
        next_step_due_at=one.next_step_due_at,
        invoice_due_on=one.invoice_due_on,
        invoiced=one.invoiced,
        paid=one.paid,
        checklist=Checklist.of(
            invoiced=one.invoiced.amount > 0,
            paid=one.paid.amount > 0,
            shipped=bool(one.trade.shipments),
            documents_signed=one.documents_signed,
            fully_paid=covered,
        ),
        progress_at=one.progress_at,
        won_at=one.won_at,
        created_at=one.created_at,
        created_by=one.created_by,
    )


def _line(line: Any) -> ProductLine:
    return ProductLine.of(
        product_id=line.product_id,
        category=line.category,
        quantity=line.quantity,
        price=line.price,
        amount=line.amount,
        delivered=line.delivered,
        term_months=line.term_months,
    )
