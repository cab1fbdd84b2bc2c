"""A job, what a step of it did, and how a service declares a kind of job."""

import dataclasses
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from shared.db import Tx
from shared.errors import Refusal
from shared.ids import EmployeeId, JobId, TenantId
from shared.tenancy import Caller
from shared.vocabulary import JobState

log = structlog.get_logger()

OPEN_STATES: tuple[JobState, ...] = ("queued", "running", "cancelling")


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it is stored; moments are UTC.

    `cursor` is where the next step begins, None at the beginning. `owner_id` is who asked for the
    job, None for the system's own. `attempts` counts the tries of the step at hand.
    """

    tenant_id: TenantId
    id: JobId
    version: int
    kind: str
    arguments: Mapping[str, Any]
    owner_id: EmployeeId | None
    dedupe_key: str | None
    correlation_id: str
    state: JobState
    done: int
    total: int | None
    refused: int
    cursor: Any
    error: str | None
    attempts: int
    next_run_at: datetime | None
    lease: UUID | None
    worker: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    announced_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


@dataclass(frozen=True, slots=True)
class RefusedElement:
    """An element that a rule refused: which one (a row's number, an id), the field if it is one
    field's rule, and the rule with its parameters.

    `rule` is a rule's name, or a refusal's `code` or `code.reason`; its text stands in
    `shared.web.messages`.
    """

    element: str
    field: str
    rule: str
    parameters: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, element: str, refusal: Refusal) -> "list[RefusedElement]":
        """Why `refusal` kept an element out: each broken rule of a field, or the refusal."""
        broken = refusal.extra.get("errors")
        if not broken:
            return [cls(element, "", str(refusal), refusal.extra)]
        return [
            cls(
                element,
                error["field"],
                error["rule"],
                {name: value for name, value in error.items() if name not in ("field", "rule")},
            )
            for error in broken
        ]

    @classmethod
    def of_failures(
        cls, failures: Iterable[tuple[UUID | int, Exception]]
    ) -> "list[RefusedElement]":
        """Why each element failed that `apply_or_halve` found; an error of ours is `internal`."""
        refused = []
        for element, failure in failures:
            if isinstance(failure, Refusal):
                refused += cls.of(str(element), failure)
            else:
                log.error("job_element_failed", element=str(element), exc_info=failure)
                refused.append(cls(str(element), "", "internal"))
        return refused


@dataclass(frozen=True, slots=True)
class StepResult:
    """The outcome of one step.

    `done` is how many elements the step dealt with, refused ones included; `total` how many there
    are in all, None if unknown or unchanged. `outcome` is for the kind's own `after_commit`.
    """

    cursor: Any = None
    done: int = 0
    total: int | None = None
    refusals: Sequence[RefusedElement] = ()
    finished: bool = False
    outcome: Any = None


RunStep = Callable[[Tx, Job], Awaitable[StepResult]]
AfterCommit = Callable[[Any, Job, StepResult], Awaitable[None]]
ReadRows = Callable[[Tx, Caller, Job], Awaitable[Sequence[Sequence[str]]]]


@dataclass(frozen=True, slots=True)
class JobReport:
    """A report of a kind's own, in place of the refused elements: its columns, and its rows, all of
    them at once, so there must be a bound to them. `read_rows` raises `NotFound` for a caller who
    may not see them any more.
    """

    columns: tuple[str, ...]
    read_rows: ReadRows


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job and its step.

    A step is one transaction: its effect and the job's progress commit together, so each element
    takes effect once. It should take well under a second. `after_commit(context, job, result)` runs
    after a step's commit, for metrics and pushes: a crash in between loses it. A step is tried
    `attempts` times before the job fails. A kind whose effects must be whole, such as pay, is not
    `cancellable`. `report` is there where a kind has results rather than refusals.
    """

    name: str
    run_step: RunStep
    after_commit: AfterCommit | None = None
    attempts: int = 10
    cancellable: bool = True
    report: JobReport | None = None
