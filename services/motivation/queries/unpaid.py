"""Wins without pay, as an accountant sees them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.motivation.domain.plans import plan_for
from services.motivation.domain.unpaid import Cause, cause_of
from services.motivation.storage import catalogue, directory, plans, unpaid
from services.motivation.storage.activities import StoredActivity
from services.motivation.storage.deals import deal_of
from shared.clock import UnknownTimeZone
from shared.db import Tx
from shared.paging import cursor_of, page, read_cursor
from shared.web.messages import messages

Found = tuple[StoredActivity, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class UnpaidFilters:
    """The company and the room whose wins are listed; None is any."""

    company_id: UUID | None = None
    room_id: UUID | None = None


async def list_wins_without_pay(
    tx: Tx, filters: UnpaidFilters, cursor: str | None, limit: int
) -> dict[str, Any]:
    """A page of the tenant's activities that pay did not follow, the newest first.

    Raises `Invalid` for a broken cursor.
    """
    before = read_cursor(cursor, UUID)
    wins = await unpaid.page(
        tx, filters.company_id, filters.room_id, before[0] if before else None, limit + 1
    )
    shown = wins[:limit]
    find_cause = await load_causes(tx, [stored for stored, _ in shown])
    views = [_view(stored, row, find_cause(stored)) for stored, row in shown]
    more = cursor_of(shown[-1][0].id) if len(wins) > limit else None
    return {**page(views, limit, None), "next_cursor": more}


async def load_causes(tx: Tx, wins: Sequence[StoredActivity]) -> Callable[[StoredActivity], Cause]:
    """Finds the cause for which each of `wins` has not accrued, unless its pay was refused."""
    series = {(stored.state.company_id, stored.state.room_id) for stored in wins}
    published = await plans.published_unlocked(tx, series) if series else []
    covering = await plans.by_ids(tx, (stored.cover.plan_id for stored in wins if stored.cover))
    companies = await directory.companies(tx, {company_id for company_id, _ in series})
    terms = await catalogue.load(
        tx, [*published, *covering.values()], (stored.state for stored in wins)
    )

    def find_cause(stored: StoredActivity) -> Cause:
        company = companies.get(stored.state.company_id)
        if company is None:
            return "company_missing"
        try:
            deal = deal_of(stored.state, company.time_zone, stored.sale, terms)
        except UnknownTimeZone:
            return "unknown_time_zone"
        if stored.cover and stored.cover.won_at == deal.won_at:
            return cause_of(deal, covering[stored.cover.plan_id])
        return cause_of(deal, plan_for(deal, published))

    return find_cause


def _view(stored: StoredActivity, row: Mapping[str, Any], cause: Cause) -> dict[str, Any]:
    state = stored.state
    return {
        "activity_id": stored.id,
        "company_id": state.company_id,
        "room_id": state.room_id,
        "client_id": state.client_id,
        "responsible_id": state.responsible_id,
        "won_at": state.won_at,
        "receipts": state.paid,
        "cause": row["refusal_cause"] or cause,
        **_refusal(row["refusal"]),
    }


def _refusal(refusal: Mapping[str, Any] | None) -> dict[str, Any]:
    """The refusal's code, and in the caller's language what it says."""
    if refusal is None:
        return {"code": None, "detail": None}
    texts, extra = messages(), refusal["extra"]
    broken = [
        f"{error['field']}: {texts.rule(error['rule'], error)}" for error in extra.get("errors", ())
    ]
    detail = "; ".join(broken) or texts.detail(refusal["code"], refusal["reason"], extra)
    return {"code": refusal["code"], "detail": detail}
