"""Invoices that payments from outside may pay: those of the numbers that they name, and those of
their payers.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, func, select, true, union

from services.activities.domain.activity import Activity
from services.activities.domain.match_reasons import Candidate
from services.activities.storage.mapping import activity_of
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.clients import client, client_identity
from services.activities.storage.tables.directory import company
from services.activities.storage.tables.money import invoice_number
from shared.clock import local_day
from shared.db import Tx, compiled
from shared.paper_numbers import search_number

MOST_OF_PAYER = 200
"""Activities of one payer that are looked at, those with the latest progress first."""
MOST_OF_NUMBER = 50
_a, _c, _i, _n, _co = activity.c, client.c, client_identity.c, invoice_number.c, company.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_companies = func.any(bindparam("company_ids", type_=ARRAY(Uuid)))
_forms = func.unnest(bindparam("forms", type_=ARRAY(Text))).table_valued("form")
_form = _forms.render_derived(name="named")
_inns = func.unnest(bindparam("inns", type_=ARRAY(Text))).table_valued("inn")
_inn = _inns.render_derived(name="payer")
_of_number = (
    select(_n.activity_id.label("id"))
    .where(
        _n.tenant_id == _tenant_id, _n.search_number == _form.c.form, _n.company_id == _companies
    )
    .limit(MOST_OF_NUMBER)
    .correlate(_form)
    .lateral("of_number")
)
_of_payer = (
    select(_a.id)
    .join(client_identity, (_i.tenant_id == _a.tenant_id) & (_i.client_id == _a.client_id))
    .where(
        _i.tenant_id == _tenant_id,
        _i.kind == "inn",
        _i.value == _inn.c.inn,
        _a.company_id == _companies,
    )
    .order_by(_a.progress_at.desc(), _a.id)
    .limit(MOST_OF_PAYER)
    .correlate(_inn)
    .lateral("of_payer")
)
_ids = union(
    select(_of_number.c.id).select_from(_form.join(_of_number, true())),
    select(_of_payer.c.id).select_from(_inn.join(_of_payer, true())),
).subquery("meant")
FIND = compiled(
    select(activity, _c.inn.label("client_inn"), _co.time_zone)
    .join(_ids, _ids.c.id == _a.id)
    .join(client, (_c.tenant_id == _a.tenant_id) & (_c.id == _a.client_id))
    .join(company, (_co.tenant_id == _a.tenant_id) & (_co.id == _a.company_id))
    .where(_a.tenant_id == _tenant_id, _a.company_id == _companies)
)


async def find(
    tx: Tx, company_ids: Collection[UUID], forms: Collection[str], inns: Collection[str]
) -> list[Candidate]:
    """The invoices of those companies with one of the numbers, in the form of `search_number`, or
    of a client with one of the INNs.
    """
    if not forms and not inns:
        return []
    rows = await tx.rows(
        FIND, company_ids=sorted(company_ids), forms=sorted(forms), inns=sorted(inns)
    )
    return [candidate for row in rows for candidate in _candidates(row)]


def _candidates(row: Mapping[str, Any]) -> Iterator[Candidate]:
    owner: Activity = activity_of(row)
    covered = owner.covered_by_invoice
    for invoice in owner.trade.invoices:
        paid = covered.get(invoice.id, owner.paid.amount * 0)
        yield Candidate(
            invoice_id=invoice.id,
            activity_id=owner.id,
            company_id=owner.company_id,
            form=search_number(invoice.number or ""),
            issued_on=local_day(invoice.issued_at, row["time_zone"]),
            client_inn=row["client_inn"],
            currency=owner.currency,
            due=invoice.amount.amount - paid,
            paid=paid,
            cancelled=invoice.cancelled,
        )
