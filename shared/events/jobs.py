"""Events about background jobs. Sent by the service that runs the job, kept for a day.

They are for live updates: each carries the job's counts, no names and no texts.
"""

from typing import Annotated

from pydantic import Field

from shared.events.base import JOBS, Event
from shared.ids import EmployeeId, JobId
from shared.vocabulary import JobState

Code = Annotated[str, Field(pattern="^[a-z_]+$")]


class JobEvent(Event, topic=JOBS, noun="job"):
    """A job after the event. `owner_id` is who asked for it, null for the system's own.

    `done` counts the elements dealt with, the `refused` ones among them; `total` is null while it
    is not known.
    """

    job_id: JobId
    kind: Code
    owner_id: EmployeeId | None
    state: JobState
    done: int
    total: int | None
    refused: int


class JobProgressed(JobEvent, type="job.progressed"):
    """A job got further. At most once a second for a job."""


class JobFinished(JobEvent, type="job.finished"):
    """A job ended: succeeded, failed with the code of an `error`, or cancelled."""

    error: Code | None
