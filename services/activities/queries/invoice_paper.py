"""One invoice with all that its print form says."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, bindparam, func, select

from services.activities.domain.activity import Activity
from services.activities.domain.invoice_paper import PaperProduct, paper_lines, shipment_day
from services.activities.domain.invoicing import find_invoice
from services.activities.domain.refusals import RequisitesMissing
from services.activities.domain.requisites import missing_for_invoice
from services.activities.printing.invoice import InvoicePaper
from services.activities.storage import requisites as storage
from services.activities.storage.mapping import activity_of
from services.activities.storage.requisites import vat_periods
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.clients import client
from services.activities.storage.tables.directory import company, product
from shared.clock import local_day
from shared.db import Tx, compiled
from shared.errors import NotFound
from shared.ids import ActivityId, ProductId
from shared.money import mode_on
from shared.tenancy import Caller

_a, _c, _o, _p = activity.c, client.c, company.c, product.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_BUYER = ("name", "inn", "kpp")
_GET = compiled(
    select(
        activity,
        *(_c[name].label(f"client_{name}") for name in _BUYER),
        _o.inn.label("company_inn"),
        _o.time_zone.label("company_time_zone"),
    )
    .select_from(
        activity.join(client, and_(_c.tenant_id == _a.tenant_id, _c.id == _a.client_id)).join(
            company, and_(_o.tenant_id == _a.tenant_id, _o.id == _a.company_id)
        )
    )
    .where(_a.tenant_id == _tenant_id, _a.id == bindparam("activity_id", type_=Uuid))
)
_PRODUCTS = compiled(
    select(_p.id, _p.name, _p.vat).where(
        _p.tenant_id == _tenant_id, _p.id == func.any(bindparam("ids", type_=ARRAY(Uuid)))
    )
)


async def get_invoice_paper(
    tx: Tx, activity_id: ActivityId, invoice_id: UUID, shipment_on: date | None, caller: Caller
) -> InvoicePaper:
    """What an invoice's print form says; `shipment_on` is when it is to be shipped, which decides
    the rates until something is.

    Raises `NotFound`, also for another room's, `InvoiceAlreadyCancelled`, `RequisitesMissing`.
    """
    row = await tx.row(_GET, activity_id=activity_id)
    if row is None or not caller.sees_room(row["room_id"]):
        raise NotFound("activity")
    printed = activity_of(row)
    invoice = find_invoice(printed, invoice_id)
    issued_on = local_day(invoice.issued_at, row["company_time_zone"])
    shipped_on = shipment_day(printed.trade.shipments, issued_on, shipment_on)
    _, requisites = await storage.find(tx, row["company_id"])
    mode = mode_on(vat_periods(requisites["vat"]), shipped_on)
    missing = missing_for_invoice(requisites, row["company_inn"], mode)
    if missing or mode is None:
        raise RequisitesMissing(missing=missing)
    return InvoicePaper(
        invoice=invoice,
        issued_on=issued_on,
        agreed=printed.agreed,
        lines=paper_lines(
            printed.products, await _products(tx, printed), invoice.amount, shipped_on, mode
        ),
        supplier={**requisites, "inn": row["company_inn"]},
        buyer={name: row[f"client_{name}"] for name in _BUYER},
    )


async def _products(tx: Tx, printed: Activity) -> dict[ProductId, PaperProduct]:
    ids: list[Any] = [line.product_id for line in printed.products]
    rows = await tx.rows(_PRODUCTS, ids=ids)
    return {row["id"]: PaperProduct(row["name"], row["vat"]) for row in rows}
