"""How a job goes from state to state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.ids import JobId, TenantId, new_id
from shared.jobs import progress
from shared.jobs.job import Job, RefusedElement, StepResult
from shared.vocabulary import JobState

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
QUEUED = Job(
    tenant_id=TenantId(new_id()),
    id=JobId(new_id()),
    version=0,
    kind="count",
    arguments={},
    owner_id=None,
    dedupe_key=None,
    correlation_id="",
    state="queued",
    done=0,
    total=None,
    refused=0,
    cursor=None,
    error=None,
    attempts=0,
    next_run_at=NOW,
    lease=None,
    worker=None,
    created_at=NOW,
    started_at=None,
    finished_at=None,
    announced_at=None,
)
LEASED = progress.lease(QUEUED, new_id(), "worker", LATER, NOW)
CANCELLING = replace(LEASED, state="cancelling")
REFUSAL = RefusedElement("7", "name", "too_long", {"max": 200})


def test_a_lease_counts_the_try_before_it_begins() -> None:
    assert (LEASED.state, LEASED.attempts, LEASED.next_run_at) == ("running", 1, LATER)
    assert (LEASED.worker, LEASED.started_at) == ("worker", NOW)
    again = progress.lease(LEASED, new_id(), "other", LATER, NOW + timedelta(seconds=30))
    assert (again.attempts, again.started_at, again.worker) == (2, NOW, "other")


def test_a_cancelling_job_is_leased_as_such() -> None:
    assert progress.lease(CANCELLING, new_id(), "other", LATER, NOW).state == "cancelling"


def test_a_step_adds_to_what_is_done_and_frees_the_job() -> None:
    job = progress.advance(LEASED, StepResult("a", 5, 10, [REFUSAL]), NOW)
    job = progress.advance(replace(job, attempts=3), StepResult("b", 3), LATER)
    assert (job.cursor, job.done, job.total, job.refused) == ("b", 8, 10, 1)
    assert (job.state, job.lease, job.attempts, job.next_run_at) == ("running", None, 0, LATER)


@pytest.mark.parametrize(
    ("before", "finished", "state"),
    [
        (LEASED, False, "running"),
        (LEASED, True, "succeeded"),
        (CANCELLING, False, "cancelled"),
        (CANCELLING, True, "succeeded"),
    ],
)
def test_a_step_ends_the_job_when_all_is_done_or_it_is_cancelled(
    before: Job, finished: bool, state: str
) -> None:
    job = progress.advance(before, StepResult(done=1, finished=finished), LATER)
    assert job.state == state
    assert (job.finished_at, job.next_run_at) == ((None, LATER) if job.is_open else (LATER, None))


@pytest.mark.parametrize(
    ("before", "state"),
    [
        (QUEUED, "cancelled"),
        (LEASED, "cancelling"),
        (replace(LEASED, lease=None), "cancelled"),
        (CANCELLING, "cancelling"),
        (replace(QUEUED, state="cancelled"), "cancelled"),
    ],
)
def test_cancelling_waits_for_a_step_at_hand_only(before: Job, state: str) -> None:
    assert progress.cancel(before, NOW).state == state


@pytest.mark.parametrize("state", ["succeeded", "failed"])
def test_a_job_that_ended_refuses_to_be_cancelled(state: JobState) -> None:
    job = progress.fail(LEASED, "internal", NOW)
    with pytest.raises(progress.JobAlreadyFinished):
        progress.cancel(replace(job, state=state), NOW)


def test_a_failed_try_waits_and_a_cancelled_one_ends() -> None:
    waiting = progress.put_back(LEASED, timedelta(seconds=4), NOW)
    assert (waiting.state, waiting.attempts, waiting.lease) == ("running", 1, None)
    assert waiting.next_run_at == NOW + timedelta(seconds=4)
    assert progress.put_back(CANCELLING, timedelta(seconds=4), NOW).state == "cancelled"


def test_a_job_fails_with_a_code() -> None:
    job = progress.fail(LEASED, "unavailable", NOW)
    assert (job.state, job.error, job.finished_at, job.lease) == (
        "failed",
        "unavailable",
        NOW,
        None,
    )


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 1), (2, 2), (3, 4), (9, 256), (10, 300), (1000, 300)]
)
def test_the_delay_doubles_up_to_five_minutes(attempts: int, seconds: int) -> None:
    assert progress.retry_delay(attempts) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("announced", "seconds", "expected"),
    [(None, 0, True), (NOW, 0.9, False), (NOW, 1, True)],
)
def test_progress_is_announced_at_most_once_a_second(
    announced: datetime | None, seconds: float, expected: bool
) -> None:
    before = replace(LEASED, announced_at=announced)
    now = NOW + timedelta(seconds=seconds)
    after = progress.advance(before, StepResult(done=1), now)
    assert progress.is_announced(before, after, now) is expected
    assert not progress.is_announced(before, before, now), "nothing is done"


def test_an_end_is_announced_once_and_at_once() -> None:
    before = replace(LEASED, announced_at=NOW)
    over = progress.fail(before, "internal", NOW)
    assert progress.is_announced(before, over, NOW)
    assert not progress.is_announced(over, over, NOW)
