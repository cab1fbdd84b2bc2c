"""Progress: an employee's month as it stands."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.motivation.api.requests import PlanReader
from services.motivation.queries import progress as queries
from services.motivation.queries.progress import ProgressQuery
from shared.clock import Period
from shared.ids import ActivityId, CompanyId, EmployeeId, PlanId, RoomId
from shared.money import MoneySum
from shared.vocabulary import AttainmentMeasure, AttainmentScope
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(prefix="/motivation/progress", tags=["motivation"])


class NextTierView(BaseModel):
    """The next tier: from which attainment on, how much is missing, and its rate."""

    start: str = Field(alias="from")
    missing: str
    rate: str


class RuleProgressView(BaseModel):
    """What is attained under a rule with tiers, by its `measure`; the `rate` of the tier (a
    percentage, or an amount for each deal), null below the first. `target` is null where none is
    set; `missing_to_threshold` where the rule has none, or it is reached.
    """

    rule: str
    measure: AttainmentMeasure
    scope: AttainmentScope
    attained: str
    target: str | None
    rate: str | None
    next: NextTierView | None
    missing_to_threshold: str | None


class ProgressView(BaseModel):
    """An employee's month of a company in a room: what their deals earn as they stand, under the
    versions that they belong to, and progress under the version in force on the month's last day.
    `expected` is what they would get more if the named activities closed; null where none is named.
    """

    employee_id: EmployeeId
    company_id: CompanyId
    room_id: RoomId
    period: str
    plan_id: PlanId | None
    plan_version: int | None
    earned: MoneySum
    expected: MoneySum | None
    rules: list[RuleProgressView]


@router.get("", responses=responses(ProgressView))
async def get_progress(
    caller: PlanReader,
    commands: Commands,
    company_id: UUID,
    room_id: UUID,
    employee_id: UUID | None = None,
    period: Annotated[Period | None, Query()] = None,
    activity_id: Annotated[list[UUID], Query(max_length=50)] = [],  # noqa: B006
) -> JsonBytes:
    """An employee's progress: the caller's own and the present month by default; of others for who
    heads the room, accountants and admins.

    With `activity_id` (given more than once for several) also what they would get more if these of
    their open activities closed today with all that was agreed.
    """
    query = ProgressQuery(
        CompanyId(company_id),
        RoomId(room_id),
        None if employee_id is None else EmployeeId(employee_id),
        period,
        [ActivityId(id_) for id_ in activity_id],
    )
    return await commands.read(caller, lambda tx: queries.get_progress(tx, caller, query))
