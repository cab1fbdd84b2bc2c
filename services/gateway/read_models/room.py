"""What the sellers of a room have in work and have earned, from the read model in one trip."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from pydantic import BaseModel, Field

from services.gateway.read_models.desk import stored_value, sums_of
from services.gateway.read_models.fragments import milliseconds
from services.gateway.read_models.generations import Generations
from services.gateway.read_models.keys import Keys
from services.gateway.read_models.store import Call, script
from shared.tenancy import Caller
from shared.vocabulary import Stage

STAGES = tuple(stage for stage in get_args(Stage) if stage not in ("new", "won", "lost"))
"""The stages of an activity in work."""


class Load(BaseModel):
    """What is in work."""

    in_work: int = Field(description="How many activities are in work.")
    by_stage: dict[Stage, int] = Field(description="How many are in each stage that any is in.")
    overdue_steps: int = Field(description="How many have a next step that is late.")
    without_next_step: int = Field(description="How many have no next step.")
    about_to_reset: int = Field(description="How many are about to go back to the pool.")


@dataclass(frozen=True, slots=True)
class RoomLoad:
    """What a room has in work, and the month's pay, by employee."""

    pool_count: int
    loads: Mapping[UUID, dict[str, Any]]
    pays: Mapping[UUID, dict[str, Any]]


async def read_room(
    generations: Generations,
    caller: Caller,
    room_id: UUID,
    employee_ids: Sequence[UUID],
    period: str,
    now: datetime,
) -> RoomLoad | None:
    """The load of those employees in the room; None without a complete model.

    Raises `RedisError` or `OSError`.
    """
    ids = [str(employee_id) for employee_id in employee_ids]

    def calls(generation: Keys) -> dict[str, Call]:
        keys = generation.of(caller.tenant_id)
        arguments = (milliseconds(now), len(STAGES), *STAGES, *ids)
        by_name: dict[str, Call] = {
            "room": script("room", keys.room(room_id), *arguments),
            "tenant": ("HGET", keys.tenant("tenant"), "tenant"),
        }
        for employee_id in ids:
            by_name[employee_id] = ("HVALS", keys.employee(employee_id, f"pay:{period}"))
        return by_name

    replies = await generations.read_live(calls)
    if replies is None:
        return None
    pool_count, *loads = replies["room"]
    tenant = replies["tenant"]
    currency = stored_value(tenant)["currency"] if tenant else "RUB"
    return RoomLoad(
        pool_count,
        dict(zip(employee_ids, map(load_of, loads), strict=True)),
        {
            employee_id: sums_of(map(stored_value, replies[str(employee_id)]), currency)
            for employee_id in employee_ids
        },
    )


def load_of(counts: Sequence[int]) -> dict[str, Any]:
    """The `Load` that a reply of the script tells."""
    in_work, late, with_step, resets, *stages = counts
    return {
        "in_work": in_work,
        "by_stage": dict(_counted(stages)),
        "overdue_steps": late,
        "without_next_step": max(0, in_work - with_step),
        "about_to_reset": resets,
    }


def sum_of(loads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The `Load` of all together."""
    stages = [sum(load["by_stage"].get(stage, 0) for load in loads) for stage in STAGES]
    total = {
        name: sum(load[name] for load in loads) for name in Load.model_fields if name != "by_stage"
    }
    return {**total, "by_stage": dict(_counted(stages))}


def _counted(stages: Sequence[int]) -> Iterator[tuple[str, int]]:
    return ((stage, count) for stage, count in zip(STAGES, stages, strict=True) if count)
