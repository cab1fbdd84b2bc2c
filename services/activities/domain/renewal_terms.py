"""How renewals follow their contract: what a win schedules, what a refund or a reversal undoes."""

from collections.abc import Iterable
from datetime import date

from services.activities.domain.activity import Activity
from services.activities.domain.renewals import Renewal, RenewalEvent, Term, advance
from services.activities.domain.trade import OrderLine, Refund
from shared.clock import local_day, start_of_day
from shared.ids import RoomId, new_id
from shared.money import total


def business_day(contract: Activity, time_zone: str) -> date:
    """The day of the win in the company's days: the latest of paid-on and signed-on, and never
    after the win was recorded (domain: «Motivation»).
    """
    assert contract.won_at
    recorded_on = local_day(contract.won_at, time_zone)
    trade = contract.trade
    days = [
        payment.paid_on or local_day(payment.paid_at, time_zone)
        for payment in trade.payments
        if payment.state == "confirmed"
    ]
    days += [document.on for document in trade.documents if document.state == "signed"]
    return min(max(days, default=recorded_on), recorded_on)


def terms_of(
    contract: Activity, won_on: date, renewed: Renewal | None
) -> dict[Term, tuple[OrderLine, ...]]:
    """The terms that begin with the win, with the lines of each.

    A contract that `renewed` another goes on where that one's term ended, counted from the same
    day: 31 January, 28 February, 31 March. Where even the next term would be over, it counts anew.
    """
    lines_by_months = _lines_by_months(contract)
    return {
        _term(months, won_on, renewed): lines for months, lines in sorted(lines_by_months.items())
    }


def _lines_by_months(contract: Activity) -> dict[int, tuple[OrderLine, ...]]:
    """The lines with a term, but for products whose money went back."""
    lines_by_months: dict[int, tuple[OrderLine, ...]] = {}
    for line in contract.products:
        if line.term_months and not _is_refunded(contract, line):
            lines = lines_by_months.get(line.term_months, ())
            lines_by_months[line.term_months] = (*lines, line)
    return lines_by_months


def _is_refunded(contract: Activity, line: OrderLine) -> bool:
    """Whether refunds that name the product make up what it cost."""
    of_product = [other.amount for other in contract.products if _same_product(other, line)]
    refunds = [refund.amount for refund in contract.trade.refunds if _same_product(refund, line)]
    cost = total(of_product, contract.currency)
    return bool(refunds) and cost <= total(refunds, contract.currency)


def _same_product(other: OrderLine | Refund, line: OrderLine) -> bool:
    return other.product_id == line.product_id


def _term(months: int, won_on: date, renewed: Renewal | None) -> Term:
    if renewed:
        following = Term(months, 1, renewed.due_on)
        if renewed.term_months == months:
            following = Term(months, renewed.number + 1, renewed.counted_from)
        if following.due_on > won_on:
            return following
    return Term(months, 1, won_on)


def follow_win(
    contract: Activity, existing: Iterable[Renewal], renewed: Renewal | None, time_zone: str
) -> list[RenewalEvent]:
    """Schedules a renewal for each term of a contract that was just won.

    One that a reversed win had withdrawn is scheduled again; one that became an activity, or that
    somebody withdrew, stays as it is.
    """
    by_months = {renewal.term_months: renewal for renewal in existing}
    won_on = business_day(contract, time_zone)
    events = []
    for term, lines in terms_of(contract, won_on, renewed).items():
        before = by_months.get(term.months)
        if before and (before.status != "withdrawn" or before.withdrawal == "by_hand"):
            continue
        scheduled = Renewal(
            id=before.id if before else new_id(),
            version=before.version + 1 if before else 1,
            contract_id=contract.id,
            term_months=term.months,
            number=term.number,
            counted_from=term.counted_from,
            due_on=term.due_on,
            due_at=start_of_day(term.due_on, time_zone),
            company_id=contract.company_id,
            room_id=contract.room_id,
            client_id=contract.client_id,
            products=lines,
            note=before.note if before else None,
        )
        events.append(RenewalEvent("renewal.scheduled", scheduled))
    return events


def follow_reversal(existing: Iterable[Renewal]) -> list[RenewalEvent]:
    """Withdraws what is still scheduled of a contract that is no longer won."""
    return [
        advance(renewal, "renewal.withdrawn", status="withdrawn", withdrawal="win_reversed")
        for renewal in existing
        if renewal.status == "scheduled"
    ]


def follow_refund(contract: Activity, existing: Iterable[Renewal]) -> list[RenewalEvent]:
    """Takes products whose money went back out of what is scheduled of a contract."""
    lines_by_months = _lines_by_months(contract)
    events = []
    for renewal in existing:
        lines = lines_by_months.get(renewal.term_months)
        if renewal.status != "scheduled" or lines == renewal.products:
            continue
        if lines:
            events.append(advance(renewal, "renewal.scheduled", products=lines))
        else:
            gone = {"status": "withdrawn", "withdrawal": "refunded"}
            events.append(advance(renewal, "renewal.withdrawn", **gone))
    return events


def follow_move(existing: Iterable[Renewal], room_id: RoomId) -> list[RenewalEvent]:
    """Moves a contract's renewals along with it."""
    return [
        advance(renewal, "renewal.moved", room_id=room_id)
        for renewal in existing
        if renewal.room_id != room_id
    ]
