"""Payments that the ERP has reported and nobody has matched yet: a part of an invoice whose payer
wrote no number, and one of a payer whom nobody knows.
"""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from deploy.demo.deal import Deal
from deploy.demo.directory import Tenant


async def report_payments(tenant: Tenant, deals: Sequence[Deal]) -> None:
    """Reports them as an ERP does, with the accountant's rights."""
    company_id = next(id_ for name, id_ in tenant.companies.items() if name != "soft")
    accountant = tenant.staff["accountant"]
    day = (tenant.today - timedelta(days=1)).date().isoformat()
    body = {"company_id": company_id, "received_on": day}
    stranger = {
        "external_id": "ERP-000017",
        "amount": {"amount": "4200.00", "currency": "RUB"},
        "payer": {"inn": "7707083893", "name": "ООО «Незнакомец»"},
        "purpose": "По договору № 17",
    }
    await accountant.do("reported-stranger", "/inbound/payments", body | stranger)
    for deal in deals:
        inn = deal.order.get("client", {}).get("inn")
        if deal.view["stage"] == "invoiced" and deal.view["company_id"] == company_id and inn:
            part = Decimal(deal.view["to_pay"]["amount"]) / 2
            known = {
                "external_id": "ERP-000018",
                "amount": {"amount": f"{part:.2f}", "currency": "RUB"},
                "payer": {"inn": inn},
                "purpose": "Предоплата",
            }
            await accountant.do("reported-part", "/inbound/payments", body | known)
            return
