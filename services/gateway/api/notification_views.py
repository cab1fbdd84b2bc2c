"""Bodies, queries and responses of notifications."""

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.gateway.api.queries import Query
from services.gateway.domain.notifying import (
    DEFAULT_KINDS,
    KINDS,
    LONGEST_LEAD_MINUTES,
    WITH_LEAD,
    KindSettings,
    NotificationSettings,
)
from services.gateway.domain.quiet_hours import QuietHours
from shared.clock import Moment, TimeZone
from shared.rules import rule_broken
from shared.vocabulary import Language, NotificationChannel, NotificationKind
from shared.web.responses import Page

WallTime = Annotated[
    str,
    Field(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
        description="A time of the day, in the person's zone.",
        examples=["21:00"],
    ),
]


class QuietHoursView(BaseModel):
    """Hours in which nothing is sent: what falls due then comes as they end, the list has it at
    once. Over midnight where `ends` is the earlier one; none where both are the same.
    """

    model_config = ConfigDict(extra="forbid")

    begins: WallTime
    ends: WallTime

    def hours(self) -> QuietHours:
        """The hours as the rules take them."""
        return QuietHours(time.fromisoformat(self.begins), time.fromisoformat(self.ends))


class KindChoice(BaseModel):
    """What a person chose for one kind of notification."""

    model_config = ConfigDict(extra="forbid")

    kind: NotificationKind
    enabled: Annotated[
        bool, Field(strict=True, description="Whether it is listed, and sent, at all.")
    ]
    channels: Annotated[
        list[NotificationChannel],
        Field(max_length=3, description="By which it comes besides the list."),
    ] = []
    lead_minutes: Annotated[
        int | None,
        Field(
            strict=True,
            ge=0,
            le=LONGEST_LEAD_MINUTES,
            description="How long before it is due it is told of; only of a next step.",
            examples=[15],
        ),
    ] = None

    def settings(self) -> KindSettings:
        """The choice as the rules take it."""
        lead = DEFAULT_KINDS[self.kind].lead_minutes
        return KindSettings(
            self.enabled,
            frozenset(self.channels),
            lead if self.lead_minutes is None else self.lead_minutes,
        )


def _each_once(choices: list[KindChoice]) -> list[KindChoice]:
    if len({choice.kind for choice in choices}) < len(choices):
        raise rule_broken("distinct")
    if any(choice.lead_minutes and choice.kind not in WITH_LEAD for choice in choices):
        raise rule_broken("not_ahead")
    return choices


Choices = Annotated[
    list[KindChoice],
    AfterValidator(_each_once),
    Field(description="The kinds that are not as by default."),
]


class NotificationSettingsChange(BaseModel):
    """All that a person chooses; a kind that is not named is as by default."""

    model_config = ConfigDict(extra="forbid")

    language: Annotated[Language, Field(description="Of letters and messages.")] = "ru"
    time_zone: Annotated[
        TimeZone | None,
        Field(description="Of the quiet hours; null: that of the company.", examples=["Asia/Omsk"]),
    ] = None
    quiet_hours: Annotated[
        QuietHoursView | None, Field(description="When nothing is sent; null: it always is.")
    ]
    kinds: Choices = []

    def settings(self) -> NotificationSettings:
        """The choices as the rules take them."""
        return NotificationSettings(
            self.language,
            self.time_zone,
            self.quiet_hours.hours() if self.quiet_hours else None,
            {choice.kind: choice.settings() for choice in self.kinds},
        )


class FailingChannel(BaseModel):
    """A channel by which the last message could not be sent."""

    channel: NotificationChannel
    since: Moment = Field(description="Of the first failure that no success followed.")
    reason: str = Field(
        description="Why, as a code: what the mail server answered, `unavailable`, `gone`.",
        examples=["refused_550"],
    )


class NotificationSettingsView(BaseModel):
    """What a person is notified of, when and by which channels."""

    version: int
    language: Language = Field(description="Of letters and messages.")
    time_zone: str | None = Field(
        description="Of the quiet hours; null: that of the company.", examples=["Asia/Omsk"]
    )
    quiet_hours: QuietHoursView | None = Field(
        description="When nothing is sent; null: it always is."
    )
    kinds: list[KindChoice] = Field(description="Every kind, as it was chosen or by default.")
    failing: list[FailingChannel] = Field(description="Channels that do not reach the person.")


def settings_view(
    version: int, settings: NotificationSettings, faults: Sequence[Mapping[str, Any]]
) -> NotificationSettingsView:
    """A person's choices as they are shown, with the channels that fail."""
    quiet = settings.quiet
    return NotificationSettingsView(
        version=version,
        language=settings.language,
        time_zone=settings.time_zone,
        quiet_hours=QuietHoursView(begins=f"{quiet.begins_at:%H:%M}", ends=f"{quiet.ends_at:%H:%M}")
        if quiet
        else None,
        kinds=[
            KindChoice(
                kind=kind,
                enabled=settings.of(kind).enabled,
                channels=sorted(settings.of(kind).channels),
                lead_minutes=settings.of(kind).lead_minutes if kind in WITH_LEAD else None,
            )
            for kind in KINDS
        ],
        failing=[
            FailingChannel(channel=fault["channel"], since=fault["since"], reason=fault["reason"])
            for fault in faults
        ],
    )


class NotificationView(BaseModel):
    """Something that a person was told."""

    id: UUID
    kind: NotificationKind
    moment: Moment = Field(
        description="What it is about: when the step is due, when it happened, since when."
    )
    subject_id: UUID = Field(
        description="The activity, payment, VIP or entry of pay that it is about; of a pool, the"
        " room."
    )
    activity_id: UUID | None = Field(
        description="The activity to open; null where it is of none, or of several."
    )
    room_id: UUID | None = Field(description="The room that it is of; null for pay.")
    company_id: UUID | None = Field(description="The company that it is of.")
    count: int = Field(description="How many things it tells of.", examples=[3])
    shown_at: Moment = Field(description="When it got onto the list.")
    read_at: Moment | None = Field(description="When it was read; null: not yet.")


class NotificationPage(Page[NotificationView]):
    """A page of a person's notifications."""

    unread: int = Field(description="How many are not read, on all pages.", examples=[2])


class NotificationsQuery(Query):
    """A page of notifications."""

    unread: Annotated[bool, Field(description="Only what is not read.")] = False
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str | None, Field(max_length=100)] = None


class ReadUntil(BaseModel):
    """Up to when everything is read."""

    model_config = ConfigDict(extra="forbid")

    until: Annotated[Moment, Field(description="`shown_at` of the newest one that was seen.")]
