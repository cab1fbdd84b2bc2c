"""Promised next steps: each ends kept, moved or dropped, and is told so.

Nothing said is overwritten silently (domain: «Order, invoices, money, documents»).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.activities.domain.activity import Activity
from services.activities.domain.refusals import NoNextStep
from shared.vocabulary import InteractionKind, StepEnd


@dataclass(frozen=True, slots=True)
class EndedStep:
    """The end of a promise: what of it is published, the text that stays with the timeline, and
    what changes of the activity. All empty where nothing was promised.
    """

    details: Mapping[str, Any] = field(default_factory=dict)
    text: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)


def end_step(activity: Activity, end: StepEnd) -> EndedStep:
    """Ends the promised step of an activity, if there is one."""
    if activity.next_step_due_at is None:
        return EndedStep()
    return EndedStep(
        {"step": end, "step_due_at": activity.next_step_due_at},
        {"step_what": activity.next_step},
        {"next_step": None, "next_step_due_at": None},
    )


def end_by_interaction(
    activity: Activity, kind: InteractionKind, promises: bool, end: StepEnd | None
) -> EndedStep:
    """Ends the promised step as the caller says by `end`. Otherwise an interaction keeps it; a mere
    note moves it where it `promises` another, and else leaves it.

    Raises `NoNextStep` for an `end` of nothing.
    """
    if end and activity.next_step_due_at is None:
        raise NoNextStep
    if kind == "note" and not end:
        return end_step(activity, "moved") if promises else EndedStep()
    return end_step(activity, end or "kept")
