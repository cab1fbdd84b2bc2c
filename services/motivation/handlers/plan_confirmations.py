"""Confirmations: people of a room say that they know the plan by which they are paid."""

from services.motivation.storage import confirmations, directory, plans
from shared.db import Tx
from shared.errors import NotFound, Refusal
from shared.ids import PlanId
from shared.tenancy import Caller


class PlanIsDraft(Refusal):
    """Only a published version is confirmed."""

    code = "plan_is_draft"


async def confirm_plan(tx: Tx, plan_id: PlanId, caller: Caller) -> None:
    """Stores that the caller knows the plan; the first confirmation stays.

    Raises `NotFound`, also for a plan of a room in which the caller does not work, `PlanIsDraft`.
    """
    plan = (await plans.by_ids(tx, [plan_id])).get(plan_id)
    if plan is None or plan.room_id not in caller.room_ids:
        raise NotFound("plan")
    if plan.plan_version is None:
        if plan.room_id not in caller.headed_rooms:
            raise NotFound("plan")
        raise PlanIsDraft
    await directory.employee(tx, caller.employee_id)
    await tx.read_clock()
    await confirmations.add(tx, plan_id, caller.employee_id)
