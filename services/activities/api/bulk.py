"""One command on many activities."""

from collections.abc import Mapping
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.activities.api.requests import Body, Flag
from services.activities.handlers import bulk
from services.activities.handlers.bulk import Action, ChangeActivities, Choice
from shared.clock import Moment
from shared.db import Tx
from shared.jobs import queries as jobs
from shared.jobs.responses import JobView
from shared.rules import rule_broken
from shared.text import Line
from shared.vocabulary import Stage, Status
from shared.web.callers import Head
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(tags=["activities"], prefix="/activities/bulk")


class BulkFilter(Body):
    """Which activities of a room: those for which all of this holds.

    Without a status those that the action is for: open ones; in work, to be taken away.
    """

    room_id: UUID | None = Field(None, description="The room; required unless `ids` are given.")
    company_id: UUID | None = None
    status: Status | None = Field(None, description="Only with this status.")
    stage: Stage | None = Field(None, description="Only at this stage.")
    responsible_id: UUID | None = Field(None, description="Only those of this seller.")
    source_id: UUID | None = Field(None, description="Only from this source.")
    client_id: UUID | None = Field(None, description="Only of this client.")
    progress_before: Moment | None = Field(
        None, description="Only those whose last progress was before this moment."
    )


_NEEDED: Mapping[Action, tuple[str, ...]] = {
    "move": ("room_id",),
    "assign": ("employee_id",),
    "lose": (),
    "take_away": (),
}
_OPTIONAL: Mapping[Action, tuple[str, ...]] = {
    "move": ("employee_id", "reason"),
    "assign": (),
    "lose": ("reason", "reason_id"),
    "take_away": (),
}


class BulkCommand(Body):
    """One action on many activities.

    To move needs `room_id`, to assign `employee_id`, to lose `reason_id` or `reason`; a move may
    have `employee_id` and `reason` too.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "action": "assign",
                    "filter": {
                        "room_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a02",
                        "status": "free",
                    },
                    "employee_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a05",
                    "preview": True,
                }
            ]
        },
    )

    action: Action = Field(description="What is done to each of them.")
    filter: BulkFilter = Field(BulkFilter(), description="Which activities.")
    ids: Annotated[
        list[UUID],
        Field(
            max_length=1000,
            description="Only these activities; with a filter, those of them for which it holds.",
        ),
    ] = []
    employee_id: UUID | None = Field(
        None,
        description="Assign: the seller. Move: who works them there; without it who does now, if "
        "they sell there.",
    )
    room_id: UUID | None = Field(
        None, description="Move: the room in which they are worked from now on."
    )
    reason: Line | None = Field(
        None,
        description="Lose and move: why, in words. Without `reason_id` it may name a reason of the "
        "company's list.",
    )
    reason_id: UUID | None = Field(
        None,
        description="Lose: a reason of the company's list; activities of other companies are "
        "refused.",
    )
    preview: Flag = Field(False, description="Only count what would be changed.")

    @model_validator(mode="after")
    def _of_a_room_or_named(self) -> Self:
        if self.filter.room_id is None and not self.ids:
            raise rule_broken("not_null", field="filter.room_id")
        if len(set(self.ids)) != len(self.ids):
            raise rule_broken("distinct", field="ids")
        return self

    @model_validator(mode="after")
    def _with_what_belongs_to_the_action(self) -> Self:
        needed = _NEEDED[self.action]
        if self.action == "lose" and self.reason is None and self.reason_id is None:
            raise rule_broken("not_null", field="reason")
        for name in ("employee_id", "room_id", "reason", "reason_id"):
            is_given = getattr(self, name) is not None
            if name in needed and not is_given:
                raise rule_broken("not_null", field=name)
            if is_given and name not in needed and name not in _OPTIONAL[self.action]:
                raise rule_broken("unknown_field", field=name)
        return self

    @property
    def choice(self) -> Choice:
        return Choice(ids=self.ids, **self.filter.model_dump())

    @property
    def values(self) -> dict[str, Any]:
        """What belongs to the action alone."""
        names = (*_NEEDED[self.action], *_OPTIONAL[self.action])
        return {name: getattr(self, name) for name in names}


class BulkPreview(BaseModel):
    """How many activities a bulk command would change."""

    count: int = Field(description="How many activities were chosen.")
    by_status: dict[Status, int] = Field(description="How many they are by status.")
    by_stage: dict[Stage, int] = Field(description="How many they are by stage.")


@router.post(
    "",
    status_code=202,
    responses={
        **responses(JobView, status=202),
        200: {"model": BulkPreview, "description": "A preview: nothing changes"},
    },
)
async def change_activities(body: BulkCommand, caller: Head, commands: Commands) -> JsonBytes:
    """Assign, move, close or take away many activities of the rooms that you head, by a job.

    They are chosen at once, 50,000 at most. Each is judged as by the single command; the job's
    report names those that a rule refused. A job that is cancelled keeps what it has done.
    """
    command = ChangeActivities(body.action, body.choice, body.values)
    if body.preview:
        return await commands.read(caller, lambda tx: bulk.preview_changes(tx, command, caller))

    async def use_case(tx: Tx) -> Any:
        return jobs.view(await bulk.change_activities(tx, command, caller))

    return await commands.run(caller, use_case, 202)
