"""Wins without pay, as an accountant sees them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.motivation.domain.plans import Plan
from services.motivation.domain.unpaid import Cause, cause_of
from services.motivation.storage import directory, plans, unpaid
from services.motivation.storage.activities import StoredActivity
from services.motivation.storage.deals import deal_of
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
    series = {(stored.state.company_id, stored.state.room_id) for stored, _ in shown}
    published = await plans.published_unlocked(tx, series) if series else []
    companies = await directory.companies(tx, {company_id for company_id, _ in series})
    zones = {id_: company.time_zone for id_, company in companies.items()}
    views = [_view(stored, row, published, zones) for stored, row in shown]
    more = cursor_of(shown[-1][0].id) if len(wins) > limit else None
    return {**page(views, limit, None), "next_cursor": more}


def _view(
    stored: StoredActivity,
    row: Mapping[str, Any],
    published: Sequence[Plan],
    zones: Mapping[UUID, str],
) -> dict[str, Any]:
    state = stored.state
    cause: Cause = row["refusal_cause"] or cause_of(
        deal_of(state), published, zones.get(state.company_id)
    )
    return {
        "activity_id": stored.id,
        "company_id": state.company_id,
        "room_id": state.room_id,
        "client_id": state.client_id,
        "responsible_id": state.responsible_id,
        "won_at": state.won_at,
        "receipts": state.paid,
        "cause": cause,
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
