"""Background jobs: long work as a row, advanced in steps of one transaction each."""

from shared.jobs.job import Job, JobKind, JobReport, RefusedElement, StepResult
from shared.jobs.queue import enqueue

__all__ = ["Job", "JobKind", "JobReport", "RefusedElement", "StepResult", "enqueue"]
