"""Bodies that set a room's numbers, options and plans."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from services.activities.api.requests import Body, Change
from shared.clock import Day
from shared.vocabulary import RoomSetting

Days = Annotated[int, Field(ge=0, le=3650, strict=True)]
Cooldown = Annotated[int, Field(ge=0, le=30 * 86400, strict=True)]
Places = Annotated[int, Field(ge=0, le=10_000, strict=True)]


class RoomSettingsBody(Body):
    """The room settings; 0 days or seconds switch a rule off, 0 places allow nobody."""

    activity_reset_days: Days
    retake_cooldown_seconds: Cooldown
    vip_in_development_limit: Places
    vip_by_receipts_limit: Places
    vip_reset_days: Days
    renewal_horizon_days: Days


class RoomDefaultsBody(RoomSettingsBody):
    """What rooms begin with that are to sell for the company, and the numbers that heads may change
    in their own rooms.
    """

    heads_may_change: Annotated[
        list[RoomSetting], Field(max_length=6), AfterValidator(lambda names: sorted(set(names)))
    ] = []


def _in_order(days: list[date]) -> tuple[date, ...]:
    return tuple(sorted(set(days)))


CalendarDays = Annotated[list[Day], Field(max_length=366), AfterValidator(_in_order)]


class RoomOptionsChange(Change):
    """The options of a room that change; the others stay."""

    warn_before_hours: Annotated[int, Field(ge=0, le=720, strict=True)] = 0
    work_limit: Annotated[int, Field(ge=1, le=10_000, strict=True)] | None = None
    first_touch_minutes: Annotated[int, Field(ge=0, le=43_200, strict=True)] = 0
    escalate_after_minutes: Annotated[int, Field(ge=0, le=43_200, strict=True)] = 0
    working_days: Annotated[bool, Field(strict=True)] = False
    days_off: CalendarDays = []
    extra_working_days: CalendarDays = []
    pause_for_invoices: Annotated[bool, Field(strict=True)] = False
    vip_receipts_days: Annotated[int, Field(ge=1, le=3650, strict=True)] = 365


class RoomSettingsChange(Change):
    """Some of the room settings; those left out stay."""

    activity_reset_days: Days = 0
    retake_cooldown_seconds: Cooldown = 0
    vip_in_development_limit: Places = 0
    vip_by_receipts_limit: Places = 0
    vip_reset_days: Days = 0
    renewal_horizon_days: Days = 0


class RoomSettingsPlan(Body):
    """Numbers that are to hold from the beginning of a company's day on."""

    effective_from: Day
    numbers: RoomSettingsChange
