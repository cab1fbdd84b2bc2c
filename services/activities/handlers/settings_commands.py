"""Commands that set a room's numbers and options."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.activities.handlers.commands import Changes


@dataclass(frozen=True, slots=True)
class SetRoomSettings:
    """`numbers` are those of the six that change."""

    room_id: UUID
    company_id: UUID
    numbers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PlanRoomSettings:
    """`numbers` are those that change, from the beginning of the company's day on."""

    room_id: UUID
    company_id: UUID
    effective_from: date
    numbers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SetRoomDefaults:
    """`heads_may_change` are names of the six numbers."""

    company_id: UUID
    numbers: Mapping[str, int]
    heads_may_change: Sequence[str]


@dataclass(frozen=True, slots=True)
class ChangeRoomOptions:
    room_id: UUID
    company_id: UUID
    changes: Changes
