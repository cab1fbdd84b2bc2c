"""Entries from differences, with the inputs by which they can be explained for ever."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.motivation.domain.deal import Deal
from services.motivation.domain.difference import Difference
from services.motivation.domain.entries import Cause, NewEntry
from services.motivation.storage.settlements import Debts, RoomMonth
from shared.events import Envelope
from shared.ids import ActivityId, CompanyId, RoomId


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """An activity at a version, as entries name it, and the event from which they follow; that may
    be another activity's.
    """

    activity_id: ActivityId
    version: int
    deal: Deal
    cause: Envelope | None


def entry_of_activity(line: ActivityLine, difference: Difference) -> NewEntry:
    """The entry of an activity's difference."""
    return _entry(
        line.deal.company_id,
        line.deal.room_id,
        difference,
        line.cause,
        activity_id=line.activity_id,
        activity_version=line.version,
        inputs=_inputs(line.deal, difference) | _caused_by(line),
    )


def entry_of_month(
    room_month: RoomMonth, difference: Difference, debts: Debts, cause: Envelope | None
) -> NewEntry:
    """The entry of a month as a whole: a pool's, a cap's, a floor's, a draw's; `debts` are what
    employees owe of draws after the month.
    """
    company_id, room_id = room_month.company_id, room_month.room_id
    inputs = _inputs_of_month(difference, debts)
    return _entry(company_id, room_id, difference, cause, inputs=inputs)


def _entry(
    company_id: CompanyId,
    room_id: RoomId,
    difference: Difference,
    cause: Envelope | None,
    **of_activity: Any,
) -> NewEntry:
    return NewEntry(
        kind=difference.kind,
        employee_id=difference.employee_id,
        company_id=company_id,
        room_id=room_id,
        amount=difference.amount,
        rule=difference.rule,
        plan_id=difference.version.plan_id,
        plan_version=difference.version.number,
        corrects=difference.corrects,
        month=difference.month,
        won_on=difference.won_on,
        cause=Cause(cause.id, cause.correlation_id, cause.time) if cause else None,
        **of_activity,
    )


def _inputs(deal: Deal, difference: Difference) -> dict[str, Any]:
    """The values from which the entry was computed; amounts as text."""
    earning = difference.earning
    return {
        "won_at": deal.won_at,
        "won_on": deal.won_on,
        "receipts": _text(deal.receipts.amount),
        "currency": deal.receipts.currency,
        "source_kind": deal.source_kind,
        "sale": deal.sale,
        "vip": deal.vip,
        "base": _text(earning.base.amount if earning else Decimal(0)),
        "line": _text(earning.before_shares.amount if earning else Decimal(0)),
        "share": f"{earning.share:.4f}" if earning else None,
        "earned": _text(earning.amount.amount if earning else Decimal(0)),
        "posted_before": _text(difference.posted_before.amount),
        **_of_month(difference),
        **_of_catalogue(deal),
    }


def _inputs_of_month(difference: Difference, debts: Debts) -> dict[str, Any]:
    """The values from which a line of the month was computed; amounts as text."""
    earning = difference.earning
    return {
        "month": difference.month,
        "currency": difference.amount.currency,
        "base": _text(earning.base.amount if earning else Decimal(0)),
        "line": _text(earning.before_shares.amount if earning else Decimal(0)),
        "share": f"{earning.share:.4f}" if earning else None,
        "earned": _text(earning.amount.amount if earning else Decimal(0)),
        "posted_before": _text(difference.posted_before.amount),
        "debt": _text(debts.get(difference.employee_id, Decimal(0))),
    }


def _of_month(difference: Difference) -> dict[str, Any]:
    """What a rule that looks at the month has found."""
    earning = difference.earning
    if earning is None or earning.month_total is None or earning.attained is None:
        return {}
    return {
        "attained": _text(earning.attained),
        "rate": None if earning.rate is None else f"{earning.rate.normalize():f}",
        "month_total": _text(earning.month_total.amount),
    }


def _of_catalogue(deal: Deal) -> dict[str, Any]:
    """What net receipts and margin were counted from."""
    if not deal.is_priced:
        return {}
    parts = deal.received_by_product() if deal.products else []
    return {
        "products": [
            {
                "category": product.category,
                "amount": _text(product.amount),
                "receipts": _text(part),
                "vat": f"{product.vat or 0:f}" if product.vat_known else None,
                "cost": None if product.cost is None else _text(product.cost),
            }
            for product, part in zip(deal.products, parts, strict=True)
        ]
    }


def _caused_by(line: ActivityLine) -> dict[str, Any]:
    """The other activity whose event made the entry, where it was not this one's."""
    cause = line.cause
    return {"caused_by": cause.subject} if cause and cause.subject != line.activity_id else {}


def _text(amount: Decimal) -> str:
    return f"{amount:.2f}"
