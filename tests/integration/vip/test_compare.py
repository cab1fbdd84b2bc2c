"""Money compared with its owner and made the same, and the places that follow."""

from typing import Any
from uuid import UUID

from services.vip import refill
from shared.events.chain import PaymentReceived
from shared.ids import new_id
from shared.jobs.worker import JobWorker
from shared.replicas.compare import Comparison
from shared.replicas.snapshot import Snapshot
from shared.service_context import ServiceContext
from tests.integration.vip.conftest import NewTenant
from tests.integration.vip.tenant import Tenant


class Owner:
    """The activities service as far as its pages of money go."""

    def __init__(self, tenant: Tenant, *payments: PaymentReceived, refunded: int = 0) -> None:
        self.tenant, self.payments, self.refunded = tenant, payments, refunded

    async def page(self, tenant_id: UUID, kind: str, after: UUID) -> list[Snapshot]:
        if after.int:
            return []
        return [self._snapshot(payment) for payment in self.payments]

    def _snapshot(self, payment: PaymentReceived) -> Snapshot:
        money: dict[str, Any] = {
            "seller_id": str(payment.state.responsible_id),
            "room_id": str(payment.state.room_id),
            "payment_id": str(payment.payment_id),
            "at": payment.paid_at.isoformat(),
        }
        came = {
            **money,
            "what": "payment.received",
            "paid_at": payment.paid_at.isoformat(),
            "amount": {"amount": str(payment.amount.amount), "currency": "RUB"},
        }
        went = {
            **money,
            "what": "payment.refunded",
            "refund_id": str(new_id()),
            "amount": {"amount": str(self.refunded), "currency": "RUB"},
        }
        data = {
            "company_id": str(payment.state.company_id),
            "client_id": str(payment.state.client_id),
            "receipts": [came, went] if self.refunded else [came],
        }
        return Snapshot(type="receipts", subject=payment.activity_id, version=1, data=data)


async def compared(context: ServiceContext, tenant: Tenant, owner: Any) -> list[str]:
    """What differs, without the tenant's name."""
    comparison = Comparison()
    await refill.compare_receipts(context, owner, tenant.tenant_id, comparison)
    return [line.removeprefix(f"tenant {tenant.tenant_id} ") for line in comparison.differences]


async def test_what_differs_is_named_and_made_the_same(
    new_tenant: NewTenant, context: ServiceContext, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    seller, other, client = await tenant.seller(), await tenant.seller(), await tenant.client()
    vip = (await tenant.claim(seller, client)).body
    kept, missed = tenant.payment(client, seller, 100), tenant.payment(client, seller, 7)
    owner: Any = Owner(tenant, kept, missed)
    await tenant.apply_activity_event(kept)
    assert await compared(context, tenant, owner) == [f"receipt {missed.payment_id}: missing"]
    await tenant.reader.execute(
        "UPDATE receipt SET seller_id = $2, returned = 3 WHERE id = $1", kept.payment_id, other
    )
    lines = await compared(context, tenant, owner)
    assert f"receipt {kept.payment_id}: seller_id, returned" in lines
    assert f"places of seller {seller}: not with whom they are due" in lines
    assert await refill.rebuild_receipts(context, owner, tenant.tenant_id) == 2
    await job_worker.run_until_idle()
    assert await refill.rebuild_receipts(context, owner, tenant.tenant_id) == 0
    await job_worker.run_until_idle()
    assert (await tenant.get_vip(vip["id"]))["receipts"]["amount"] == "107.00"
    await tenant.assert_versions_have_no_gaps()


async def test_missed_refunds_give_the_places_back(
    new_tenant: NewTenant, context: ServiceContext, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    seller, client = await tenant.seller(), await tenant.client()
    payment = tenant.payment(client, seller, 100)
    await tenant.apply_activity_event(payment)
    vip = (await tenant.claim(seller, client)).body
    assert vip["kind"] == "by_receipts"
    owner: Any = Owner(tenant, payment, refunded=100)
    await refill.rebuild_receipts(context, owner, tenant.tenant_id)
    await job_worker.run_until_idle()
    seen = await tenant.get_vip(vip["id"])
    assert (seen["kind"], seen["receipts"]["amount"]) == ("in_development", "0.00")
