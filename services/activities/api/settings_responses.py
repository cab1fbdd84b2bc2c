"""Views of what new rooms begin with, and of what other numbers would do to a room."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from services.activities.api.renewal_responses import RenewalView
from shared.activity_view import ClientSummary
from shared.ids import ActivityId, EmployeeId
from shared.vocabulary import VipKind


class RoomSettingsView(BaseModel):
    """The room settings; version 0 means the defaults, nobody has set them yet."""

    version: int
    activity_reset_days: int
    retake_cooldown_seconds: int
    vip_in_development_limit: int
    vip_by_receipts_limit: int
    vip_reset_days: int
    renewal_horizon_days: int


class RoomOptionsView(BaseModel):
    """What a company chose for a room beside the six numbers; `version` is that of both."""

    version: int
    warn_before_hours: int
    work_limit: int | None
    first_touch_minutes: int
    escalate_after_minutes: int
    working_days: bool
    days_off: list[date]
    extra_working_days: list[date]
    pause_for_invoices: bool
    vip_receipts_days: int


class ChosenOptionsView(BaseModel):
    """The options of a room before or after a change."""

    warn_before_hours: int
    work_limit: int | None
    first_touch_minutes: int
    escalate_after_minutes: int
    working_days: bool
    days_off: list[date]
    extra_working_days: list[date]
    pause_for_invoices: bool
    vip_receipts_days: int


class RoomOptionsChangeView(BaseModel):
    """A change of a room's options."""

    before: ChosenOptionsView
    after: ChosenOptionsView


class RoomSettingsChangeView(BaseModel):
    """A change of the room settings: by whom, when, from what (null the first time), to what.
    `options` is there where the change was one of the options.
    """

    version: int
    changed_at: datetime
    changed_by: EmployeeId | None
    before: dict[str, int] | None
    after: dict[str, int]
    options: RoomOptionsChangeView | None


class RoomDefaultsView(RoomSettingsView):
    """What a company's new rooms begin with; version 0 means that it has set nothing.
    `heads_may_change` are the numbers that heads may change in their own rooms.
    """

    heads_may_change: list[str]


class RoomDefaultsValues(BaseModel):
    """What a company's new rooms began with before or after a change."""

    activity_reset_days: int
    retake_cooldown_seconds: int
    vip_in_development_limit: int
    vip_by_receipts_limit: int
    vip_reset_days: int
    renewal_horizon_days: int
    heads_may_change: list[str]


class RoomDefaultsChangeView(BaseModel):
    """A change of what new rooms begin with: by whom, when, from what (null the first time), to
    what.
    """

    version: int
    changed_at: datetime
    changed_by: EmployeeId | None
    before: RoomDefaultsValues | None
    after: RoomDefaultsValues


class PlannedNumbers(BaseModel):
    """Numbers that are to hold from the beginning of a company's day on."""

    effective_from: date = Field(description="The company's day.")
    apply_at: datetime = Field(description="When the day begins.")
    numbers: dict[str, int] = Field(description="The numbers that change, by name.")
    by: EmployeeId
    planned_at: datetime = Field(description="When it was planned.")


class PlannedSettings(BaseModel):
    """What is planned for a room, the next day first."""

    items: list[PlannedNumbers] = Field(description="What is planned.")


class ResetPreview(BaseModel):
    """An activity that the proposed numbers would reset sooner than the present ones."""

    activity_id: ActivityId
    client: ClientSummary
    responsible_id: EmployeeId | None
    reset_due_at: datetime | None
    new_reset_due_at: datetime = Field(
        description="When it would be reset by the proposed numbers."
    )


class ResetsPreview(BaseModel):
    """What the proposed numbers would do to the activities in work; `first` are the 100 that would
    be reset first.
    """

    in_work: int = Field(description="Activities in work.")
    sooner: int = Field(description="Those that would be reset sooner than by the present numbers.")
    later: int = Field(description="Those that would be reset later, or never.")
    within_a_week: int = Field(description="Those of `sooner` that would be reset within a week.")
    first: list[ResetPreview] = Field(description="The first of `sooner`, at most 100.")


class SellerOverVipLimit(BaseModel):
    """A seller who holds more VIPs of a kind than the proposed numbers allow."""

    employee_id: EmployeeId
    kind: VipKind
    held: int = Field(description="VIPs of the kind that the seller holds.")
    limit: int = Field(description="The proposed limit.")


class RenewalsPreview(BaseModel):
    """The renewals that a longer horizon would show: how many, and the soonest of them."""

    count: int = Field(description="How many there are.")
    items: list[RenewalView] = Field(description="The soonest, at most 50.")


class RoomSettingsPreview(BaseModel):
    """What the proposed numbers would do. `over_vip_limits` is null where it could not be had."""

    resets: ResetsPreview = Field(description="What would become of the activities in work.")
    renewals: RenewalsPreview = Field(description="The renewals that would appear.")
    over_vip_limits: list[SellerOverVipLimit] | None = Field(
        description="Who holds more VIPs than the proposed numbers allow; null: not to be had now."
    )
