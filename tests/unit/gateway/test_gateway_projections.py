"""Projections: what each is made of, and the fragments that the read models store."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from services.gateway.projections.activities import ProjectedActivity
from services.gateway.projections.base import CommandResponse, event_rank, response_rank
from services.gateway.projections.registry import BY_EVENT, PROJECTED, PROJECTIONS
from services.gateway.projections.takes import Takes
from services.gateway.read_models.fragments import text_of, with_description
from services.gateway.read_models.keys import Keys
from shared.events import REGISTRY

ROOM, SELLER, TENANT = UUID(int=1), UUID(int=2), UUID(int=3)
KEYS = Keys("", "g1").of(TENANT)
MOMENT = "2026-11-20T12:00:00Z"
MOMENT_MS = int(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp() * 1000)


def activity_response(**fields: Any) -> CommandResponse:
    view = {
        "id": str(uuid4()),
        "version": 3,
        "company_id": str(UUID(int=4)),
        "room_id": str(ROOM),
        "client": {"id": str(UUID(int=5)), "name": "Ромашка", "large": False, "do_not_call": False},
        "note": "n",
        "status": "in_work",
        "stage": "invoiced",
        "responsible_id": str(SELLER),
        "responsible_since": MOMENT,
        "how": "taken",
        "reset_due_at": MOMENT,
        "reset_warning_at": MOMENT,
        "next_step": {"what": "call", "due_at": MOMENT},
        "lost_reason": None,
        "lost_reason_id": None,
        "lost_at": None,
        "due_invoices": [
            {
                "invoice_id": str(UUID(int=6)),
                "number": "СЧ|1",
                "due_on": "2026-11-20",
                "overdue_at": MOMENT,
            }
        ],
        "checklist": {"invoiced": True, "overdue": []},
        "created_at": MOMENT,
    }
    return CommandResponse("activity", view | fields, {}, {})


def test_each_key_is_written_by_one_projection() -> None:
    owners = Counter(name for projection in PROJECTIONS for name in projection.keys)
    assert owners and set(owners.values()) == {1}


def test_each_projection_runs_for_the_events_it_handles() -> None:
    for projection in PROJECTIONS:
        assert [kind for kind in BY_EVENT if projection in BY_EVENT[kind]] == [
            kind for kind in REGISTRY.values() if issubclass(kind, projection.handles)
        ]
    assert "activity.taken" in PROJECTED and "loss_reason.changed" not in PROJECTED


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda one: type(one).__name__)
def test_a_response_of_no_kind_changes_no_projection(projection: Any) -> None:
    assert projection.from_response(CommandResponse("other", {"id": 1}, {}, {}), KEYS) == []


@pytest.mark.parametrize(
    ("status", "in_pool", "responsible", "has_fragment"),
    [
        ("free", True, "", True),
        ("in_work", False, str(SELLER), True),
        ("won", False, "", False),
        ("lost", False, "", False),
    ],
)
def test_status_decides_where_an_activity_is_shown(
    status: str, in_pool: bool, responsible: str, has_fragment: bool
) -> None:
    activity = ProjectedActivity.from_response(activity_response(status=status, next_step=None))
    assert (activity.in_pool, activity.responsible) == (in_pool, responsible)
    assert bool(activity.fragment) is has_fragment


def test_a_won_activity_is_shown_while_a_step_is_promised() -> None:
    activity = ProjectedActivity.from_response(activity_response(status="won", stage="won"))
    assert (activity.responsible, activity.next_step_due) == (str(SELLER), MOMENT_MS)
    assert activity.fragment and not activity.in_pool and activity.reset_warning == ""
    lost = ProjectedActivity.from_response(activity_response(status="lost"))
    assert (lost.responsible, lost.next_step_due, lost.fragment) == ("", "", b"")


def test_an_event_outranks_the_response_of_its_version_and_no_later_one() -> None:
    assert response_rank(3) < event_rank(3) < response_rank(4)


def test_a_fragment_ends_where_the_reading_script_puts_what_is_overdue() -> None:
    response = activity_response()
    fragment = ProjectedActivity.from_response(response).fragment
    assert fragment.partition(b"\n")[0].endswith(b'"overdue":[]}}')
    view = response.view
    assert with_description(fragment, view["client"], text_of(view)) == fragment


def test_a_fragment_says_what_is_overdue_from_when() -> None:
    fragment = ProjectedActivity.from_response(activity_response()).fragment
    deadlines = [line.rsplit(b"|", 1) for line in fragment.split(b"\n")[1:]]
    assert [(orjson.loads(late)["what"], int(at)) for late, at in deadlines] == [
        ("next_step", MOMENT_MS),
        ("invoice", MOMENT_MS),
    ]
    assert orjson.loads(deadlines[1][0]) == {
        "what": "invoice",
        "since": "2026-11-20",
        "invoice_id": str(UUID(int=6)),
        "number": "СЧ|1",
    }


@pytest.mark.parametrize(("how", "taken_at"), [("taken", [MOMENT_MS]), ("assigned", [])])
def test_a_take_counts_from_the_moment_of_responsibility(how: str, taken_at: list[int]) -> None:
    calls = Takes().from_response(activity_response(how=how), KEYS)
    assert [rank for *_, rank, _ in calls] == taken_at
