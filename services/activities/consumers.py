"""Bus in: the holders of very important clients, and payments that a bank or an ERP reports."""

from collections.abc import Sequence
from typing import Any

from services.activities.domain.inbound_payments import InboundPayment, Payer, reported_kind
from services.activities.handlers.following import follow_changes
from services.activities.handlers.inbound_payments import report_payments
from services.activities.replicas import VIP_HOLDER
from shared.bus.subscription import Subscription
from shared.db import Tx
from shared.events import INBOUND_PAYMENTS, VIP, PublishedEvent
from shared.events.inbound_payments import PaymentReported
from shared.events.vip import VipClaimed, VipEvent, VipReleased

subscription = Subscription(topics=(VIP, INBOUND_PAYMENTS))


@subscription.on_batch(VipEvent)
async def keep_holders(tx: Tx, events: Sequence[PublishedEvent]) -> None:
    """Stores the present holders: a held client's next activity goes straight to its holder, and
    what is open follows a claim or a loss that is new here.
    """
    changes = [event for event in events if isinstance(event.event, VipClaimed | VipReleased)]
    changes.sort(key=lambda change: (change.envelope.subject, change.envelope.version))
    new = [change for change in changes if await VIP_HOLDER.store_one(tx, change)]
    await VIP_HOLDER.store(tx, [event for event in events if event not in changes])
    await follow_changes(tx, new)


@subscription.on_batch(PaymentReported)
async def enter_reported(tx: Tx, events: Sequence[PublishedEvent]) -> None:
    """Enters payments as `POST /inbound/payments` does; what it would refuse is a dead letter."""
    await report_payments(tx, [_payment(event.event) for event in events], None)


def _payment(event: Any) -> InboundPayment:
    payer = event.payer
    return InboundPayment(
        origin="bus",
        external_id=event.external_id,
        company_id=event.company_id,
        direction=event.direction,
        amount=event.amount,
        received_on=event.received_on,
        payer=Payer(payer.inn, payer.kpp, payer.account, payer.name),
        purpose=event.purpose,
        document_number=event.document_number,
        document_on=event.document_on,
        own_account=event.own_account,
        invoice_id=event.invoice_id,
        invoice_number=event.invoice_number,
        kind=reported_kind(event.direction),
    )
