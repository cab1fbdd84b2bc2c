"""Payments that an ERP, a partner or a bank's connector reports: entered once, matched, the sure
ones booked.
"""

from collections.abc import Sequence
from dataclasses import replace

from services.activities.domain.inbound_payments import InboundPayment
from services.activities.handlers.entering_payments import Entered, enter_payments
from services.activities.handlers.matching import match_payments
from services.activities.queries.inbound_payments import view_of
from services.activities.queries.judged_payments import View
from services.activities.storage import inbound_payments as storage
from shared.db import Tx
from shared.errors import NotFound
from shared.ids import EmployeeId
from shared.tenancy import Caller
from shared.web.commands import Responded


async def report_payment(tx: Tx, payment: InboundPayment, caller: Caller) -> View | Responded:
    """Enters a payment and books it if it is sure. One that is known, from the same sender or from
    another, is shown as it is now.

    Raises `NotFound` for an invoice that is not the company's, and what `enter_payments` raises.
    """
    if payment.invoice_id and not await storage.has_invoice(
        tx, payment.company_id, payment.invoice_id
    ):
        raise NotFound("invoice", "invoice_id")
    (entered,) = await report_payments(tx, [payment], caller.employee_id)
    (row,) = await storage.lock(tx, [entered.id])
    view = await view_of(tx, row)
    return view if entered.outcome == "new" else Responded(view, 200)


async def report_payments(
    tx: Tx, payments: Sequence[InboundPayment], by: EmployeeId | None
) -> list[Entered]:
    """Enters payments and books the sure ones, in one transaction; the states are those after it.

    Raises what `enter_payments` raises.
    """
    entered = await enter_payments(tx, payments, by)
    waiting = {each.id for each in entered if each.outcome != "repeated"}
    states = {each.id: each.state for each in await match_payments(tx, sorted(waiting), by)}
    return [replace(each, state=states.get(each.id, each.state)) for each in entered]
