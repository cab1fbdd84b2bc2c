"""What products cost and how companies pay value added tax, from the replicas.

Who pays by them shares the rows of their companies, which whoever stores a change of them locks: so
no pay follows a catalogue that is being changed without being looked at again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from services.motivation.domain.catalogue import Catalogue, ProductTerms
from services.motivation.domain.plan_checks import CatalogueGaps
from services.motivation.domain.plans import Plan
from services.motivation.domain.rules import looks_at_catalogue
from services.motivation.storage.plan_tables import plan
from services.motivation.storage.plans import plan_of
from services.motivation.storage.tables import company, company_vat, product
from shared.db import Tx, compiled
from shared.events.activities import ActivityState
from shared.ids import CompanyId, ProductId
from shared.money import VatPeriod, mode_on

_TENANT = bindparam("tenant_id", type_=Uuid)
_COMPANIES = bindparam("company_ids", type_=ARRAY(Uuid))
_p, _v, _c = product.c, company_vat.c, company.c
_PRODUCTS = compiled(
    select(_p.product_id, _p.vat, _p.costs).where(
        _p.tenant_id == _TENANT, _p.product_id == any_(bindparam("ids", type_=ARRAY(Uuid)))
    )
)
_SOLD = compiled(
    select(_p.category, _p.vat, _p.costs).where(
        _p.tenant_id == _TENANT, _p.company_id == any_(_COMPANIES), _p.active.is_not(False)
    )
)
_VAT = compiled(
    select(_v.company_id, _v.periods).where(
        _v.tenant_id == _TENANT, _v.company_id == any_(_COMPANIES)
    )
)
_of_companies = (
    select(_c.company_id)
    .where(_c.tenant_id == _TENANT, _c.company_id == any_(_COMPANIES))
    .order_by(_c.company_id)
)
_SHARE = compiled(_of_companies.with_for_update(read=True))
_LOCK = compiled(_of_companies.with_for_update())
_PUBLISHED = compiled(
    select(plan).where(
        plan.c.tenant_id == _TENANT,
        plan.c.company_id == any_(_COMPANIES),
        plan.c.plan_version.is_not(None),
    )
)


async def load(tx: Tx, plans: Iterable[Plan], states: Iterable[ActivityState]) -> Catalogue | None:
    """What pay for `states` under `plans` looks at; None where no rule does."""
    if not any(looks_at_catalogue(each.rules) for each in plans):
        return None
    known = list(states)
    ids = {line.product_id for state in known for line in state.products}
    products = await tx.rows(_PRODUCTS, ids=sorted(ids))
    vat = await vat_of(tx, {state.company_id for state in known})
    return Catalogue(vat, {row["product_id"]: _terms(row) for row in products})


async def gaps(tx: Tx, company_id: CompanyId, day: date) -> CatalogueGaps:
    """What the catalogue of a company lacks on a day, of what is sold at present."""
    rows = await tx.rows(_SOLD, company_ids=[company_id])
    periods = (await vat_of(tx, [company_id])).get(company_id, ())
    return CatalogueGaps(
        mode_on(periods, day) is None or any(row["vat"] is None for row in rows),
        frozenset(row["category"] for row in rows if _terms(row).cost_on(day) is None),
    )


async def share(tx: Tx, plans: Iterable[Plan], company_ids: Collection[CompanyId]) -> None:
    """Keeps the catalogue of the companies as it is until the transaction ends, where a rule looks
    at it.
    """
    if any(looks_at_catalogue(each.rules) for each in plans):
        await tx.rows(_SHARE, company_ids=sorted(company_ids))


async def lock(tx: Tx, company_ids: Collection[CompanyId]) -> None:
    """Locks the companies of which the catalogue is to be changed."""
    await tx.rows(_LOCK, company_ids=sorted(company_ids))


async def plans_concerned(tx: Tx, company_ids: Collection[CompanyId]) -> list[Plan]:
    """The published plans of companies and rooms of which a version looks at the catalogue."""
    rows = await tx.rows(_PUBLISHED, company_ids=sorted(company_ids))
    published = [plan_of(row) for row in rows]
    series = {
        (each.company_id, each.room_id) for each in published if looks_at_catalogue(each.rules)
    }
    return [each for each in published if (each.company_id, each.room_id) in series]


async def terms_of(tx: Tx, product_ids: Collection[ProductId]) -> Mapping[ProductId, ProductTerms]:
    """The terms of those of the products that are here."""
    rows = await tx.rows(_PRODUCTS, ids=sorted(product_ids))
    return {row["product_id"]: _terms(row) for row in rows}


async def vat_of(
    tx: Tx, company_ids: Collection[CompanyId]
) -> Mapping[CompanyId, Sequence[VatPeriod]]:
    """How those of the companies that have said so pay value added tax."""
    rows = await tx.rows(_VAT, company_ids=sorted(company_ids))
    return {row["company_id"]: [_period(period) for period in row["periods"]] for row in rows}


def _period(period: Mapping[str, Any]) -> VatPeriod:
    return VatPeriod(date.fromisoformat(period["effective_from"]), period["mode"])


def _terms(row: Mapping[str, Any]) -> ProductTerms:
    costs = tuple(
        (date.fromisoformat(cost["effective_from"]), Decimal(cost["cost"]["amount"]))
        for cost in row["costs"] or ()
    )
    return ProductTerms(row["vat"], costs)
