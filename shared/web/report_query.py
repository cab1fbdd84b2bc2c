"""The parameters of a report: the gateway takes them and hands them on to the services as they
are.
"""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.clock import Day
from shared.reports import ReportDays, ReportGroup, ReportSource


class ReportQuery(BaseModel):
    """The days of a report, both included, how they are divided, and where."""

    model_config = ConfigDict(frozen=True)

    first_on: Annotated[Day, Field(alias="from", description="The first day.")]
    last_on: Annotated[Day, Field(alias="to", description="The last day, included.")]
    room_id: UUID | None = None
    company_id: UUID | None = None
    group: Annotated[
        ReportGroup | None,
        Field(description="Into which periods the days are divided; weeks begin on Mondays."),
    ] = None

    @property
    def days(self) -> ReportDays:
        return ReportDays(self.first_on, self.last_on, self.group)

    def encoded(self) -> str:
        """The query once more, as the services take it."""
        values = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return urlencode(values)


class SourcesReportQuery(ReportQuery):
    """As any report; and which source counts."""

    by: Annotated[
        ReportSource,
        Field(description="The corrected source, or the one of the registration."),
    ] = "source"
