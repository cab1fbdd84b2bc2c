"""A month without lines says why, of the wins that are the employee's."""

from typing import Any

import pytest

from services.motivation.queries.empty_words import TEXTS
from services.motivation.queries.statements import get_statement
from shared.context import language
from shared.events.directory import CompanyChanged
from shared.ids import EmployeeId, RoomId, new_id
from shared.tenancy import Caller
from shared.vocabulary import Role
from tests.integration.motivation.checks import close
from tests.integration.motivation.tenant import PERCENT, Tenant, ids
from tests.support.months import LAST_MONTH, THIS_MONTH

EARLY = LAST_MONTH.at(5, 0)


async def reasons(
    tenant: Tenant, period: str = THIS_MONTH, seller: int = 0, head_of: RoomId | None = None
) -> list[tuple[str, int]]:
    """Codes and wins of a seller's empty month, as an accountant or a room's head gets it."""
    statement = await _statement(tenant, period, seller, head_of)
    return [(reason["code"], reason["wins"]) for reason in statement["empty_because"]]


async def _statement(
    tenant: Tenant, period: str = THIS_MONTH, seller: int = 0, head_of: RoomId | None = None
) -> dict[str, Any]:
    role: Role = "head" if head_of else "accountant"
    rooms = frozenset({head_of} if head_of else ())
    caller = Caller(tenant.id, EmployeeId(new_id()), frozenset({role}), rooms)
    async with tenant.database.begin_for(tenant.id) as tx:
        return await get_statement(tx, caller, tenant.sellers[seller], period)


async def test_a_month_of_wins_without_a_plan_says_so(tenant: Tenant) -> None:
    first, second, other = ids(3)
    await tenant.consume(
        tenant.event(first, 1, tenant.state("10")),
        tenant.event(second, 1, tenant.state("10")),
        tenant.event(other, 1, tenant.state("10", shares={tenant.sellers[1]: "1"})),
    )
    assert await reasons(tenant) == [("no_plan", 2)]
    assert await reasons(tenant, seller=1) == [("no_plan", 1)]
    assert await reasons(tenant, seller=2) == [("no_wins", 0)]
    assert await reasons(tenant, LAST_MONTH) == [("no_wins", 0)]


async def test_a_plan_that_pays_nothing_says_so_beside_what_it_does_not_cover(
    tenant: Tenant,
) -> None:
    await tenant.publish({**PERCENT, "sale": "repeat"})
    nothing, uncovered = ids(2)
    await tenant.consume(
        tenant.event(nothing, 1, tenant.state("10")),
        tenant.event(uncovered, 1, tenant.state("10", won_at=EARLY, progress_at=EARLY)),
    )
    assert await reasons(tenant) == [("pays_nothing", 1)]
    assert await reasons(tenant, LAST_MONTH) == [("no_plan", 1)]


async def test_a_win_in_a_closed_month_is_told_to_be_posted_elsewhere(tenant: Tenant) -> None:
    await tenant.publish(since=EARLY)
    await close(tenant, LAST_MONTH)
    (late,) = ids(1)
    day = LAST_MONTH.at(20, 0)
    await tenant.consume(tenant.event(late, 1, tenant.state("10", won_at=day, progress_at=day)))
    assert await reasons(tenant, LAST_MONTH) == [("in_another_month", 1)]
    assert await reasons(tenant) == []


async def test_a_refused_win_says_that_an_accountant_sees_the_cause(tenant: Tenant) -> None:
    await tenant.consume(
        tenant.published(
            CompanyChanged(
                company_id=tenant.company, name="Ромашка", time_zone="Mars/Base", currency="RUB"
            ),
            tenant.company,
            2,
        )
    )
    (win,) = ids(1)
    await tenant.consume(tenant.event(win, 1, tenant.state("10")))
    assert await reasons(tenant) == [("unknown_time_zone", 1)]


async def test_a_month_with_lines_needs_no_reason(tenant: Tenant) -> None:
    await tenant.publish()
    (win,) = ids(1)
    await tenant.consume(tenant.event(win, 1, tenant.state("1000")))
    assert await reasons(tenant) == []


async def test_a_head_is_told_of_the_rooms_that_they_head(tenant: Tenant) -> None:
    (win,) = ids(1)
    elsewhere = RoomId(new_id())
    await tenant.consume(tenant.event(win, 1, tenant.state("10", room_id=elsewhere)))
    assert await reasons(tenant, head_of=tenant.room) == [("no_wins", 0)]
    assert await reasons(tenant) == [("no_plan", 1)]


@pytest.mark.parametrize("words", ["ru", "en"])
async def test_the_reason_is_in_the_callers_language(tenant: Tenant, words: Any) -> None:
    token = language.set(words)
    try:
        (reason,) = (await _statement(tenant))["empty_because"]
    finally:
        language.reset(token)
    assert reason["text"] == TEXTS[words]["no_wins"]
    assert TEXTS["ru"].keys() == TEXTS["en"].keys()
