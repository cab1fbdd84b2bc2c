"""How a job goes from state to state: leased, advanced, tried again, ended. Pure rules."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from shared.errors import Refusal
from shared.jobs.job import Job, StepResult
from shared.vocabulary import JobState

FIRST_DELAY = timedelta(seconds=1)
LONGEST_DELAY = timedelta(minutes=5)
ANNOUNCE_EVERY = timedelta(seconds=1)


class JobAlreadyFinished(Refusal):
    """A job that ended can't be cancelled."""

    code = "job_already_finished"


class JobNotCancellable(Refusal):
    """The effects of this kind of job must be whole."""

    code = "job_not_cancellable"


def lease(job: Job, lease_id: UUID, worker: str, until: datetime, now: datetime) -> Job:
    """The job in the hands of `worker`. The try is counted before it begins: a step that kills its
    worker has been tried, too.
    """
    return replace(
        job,
        state="running" if job.state == "queued" else job.state,
        started_at=job.started_at or now,
        lease=lease_id,
        worker=worker,
        attempts=job.attempts + 1,
        next_run_at=until,
    )


def advance(job: Job, result: StepResult, now: datetime) -> Job:
    """The job after a step that took effect: ended, or due again at once, behind the tenant's
    other jobs.
    """
    job = replace(
        job,
        cursor=result.cursor,
        done=job.done + result.done,
        total=job.total if result.total is None else result.total,
        refused=job.refused + len(result.refusals),
        attempts=0,
    )
    if result.finished:
        return _finish(job, "succeeded", now)
    if job.state == "cancelling":
        return _finish(job, "cancelled", now)
    return replace(job, next_run_at=now, lease=None, worker=None)


def put_back(job: Job, delay: timedelta, now: datetime) -> Job:
    """The job after a step that failed and will be tried again after `delay`."""
    if job.state == "cancelling":
        return _finish(job, "cancelled", now)
    return replace(job, next_run_at=now + delay, lease=None, worker=None)


def fail(job: Job, error: str, now: datetime) -> Job:
    """The job after a step that failed for good; `error` is a code."""
    return replace(_finish(job, "failed", now), error=error)


def cancel(job: Job, now: datetime) -> Job:
    """The job after somebody asked to cancel it: ended, or to be ended after the step at hand.

    Raises `JobAlreadyFinished` if it has succeeded or failed.
    """
    if job.state in ("cancelled", "cancelling"):
        return job
    if not job.is_open:
        raise JobAlreadyFinished(job_state=job.state)
    if job.lease is None:
        return _finish(job, "cancelled", now)
    return replace(job, state="cancelling")


def retry(job: Job, now: datetime) -> Job:
    """A failed job that is to go on where it stopped."""
    return replace(job, state="running", error=None, finished_at=None, next_run_at=now)


def retry_delay(attempts: int) -> timedelta:
    """The back-off after `attempts` failed tries: doubled with each, at most five minutes."""
    return min(FIRST_DELAY * float(1 << min(attempts - 1, 20)), LONGEST_DELAY)


def is_announced(before: Job, after: Job, now: datetime) -> bool:
    """Whether the change is worth an event: an end always, progress at most once a second."""
    if not after.is_open:
        return before.is_open
    if (after.done, after.total) == (before.done, before.total):
        return False
    return after.announced_at is None or now - after.announced_at >= ANNOUNCE_EVERY


def _finish(job: Job, state: JobState, now: datetime) -> Job:
    return replace(
        job, state=state, finished_at=now, next_run_at=None, lease=None, worker=None, attempts=0
    )
