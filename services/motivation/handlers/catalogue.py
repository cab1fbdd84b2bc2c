"""Changes of what products cost and of how companies pay value added tax: stored, and followed by
the pay of every win that was counted by them, whenever they come.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from services.motivation.handlers.waiting_wins import BATCH, FIRST, WaitingBatch, accrue_again
from services.motivation.storage import catalogue, win_plans
from shared.db import Tx
from shared.events import PublishedEvent
from shared.events.directory import CompanyVatChanged, ProductChanged
from shared.ids import ActivityId, CompanyId
from shared.jobs import enqueue
from shared.replicas import Replica

FOLLOW_CATALOGUE = "follow_catalogue"


async def store(tx: Tx, replica: Replica, events: Sequence[PublishedEvent]) -> None:
    """Stores events of one replica. A job lets the pay of companies follow whose plans look at what
    changed.
    """
    companies = {_company_of(published) for published in events}
    await catalogue.lock(tx, companies)
    concerned = {plan.company_id for plan in await catalogue.plans_concerned(tx, companies)}
    looked_at = [published for published in events if _company_of(published) in concerned]
    before = await _terms(tx, looked_at)
    await replica.store(tx, events)
    after = await _terms(tx, looked_at)
    changed = {key for key, value in after.items() if value != before.get(key)}
    for company_id in sorted({_company_of(each) for each in looked_at if _key(each) in changed}):
        await enqueue(
            tx, FOLLOW_CATALOGUE, {"company_id": str(company_id)}, dedupe_key=str(company_id)
        )


async def follow_catalogue(
    tx: Tx, company_id: CompanyId, after: ActivityId = FIRST
) -> WaitingBatch:
    """Pays the next wins by id after `after` once more, at most `BATCH`: those under plans of
    companies and rooms of which a version looks at the catalogue.
    """
    plans = await catalogue.plans_concerned(tx, [company_id])
    wins = await win_plans.lock_wins_under(tx, [plan.id for plan in plans], after, BATCH)
    return await accrue_again(tx, wins)


async def _terms(tx: Tx, events: Sequence[PublishedEvent]) -> Mapping[Any, Any]:
    """What pay looks at of the things that the events are about."""
    products = [_key(each) for each in events if isinstance(each.event, ProductChanged)]
    companies = [_key(each) for each in events if isinstance(each.event, CompanyVatChanged)]
    terms: dict[Any, Any] = {}
    if products:
        terms.update(await catalogue.terms_of(tx, products))
    if companies:
        terms.update(await catalogue.vat_of(tx, companies))
    return terms


def _key(published: PublishedEvent) -> Any:
    """The product, or the company of which the tax is told."""
    event = published.event
    return event.product_id if isinstance(event, ProductChanged) else _company_of(published)


def _company_of(published: PublishedEvent) -> CompanyId:
    assert isinstance(published.event, ProductChanged | CompanyVatChanged)
    return published.event.company_id
