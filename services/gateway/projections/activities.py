"""Open activities as ready fragments, in the indexes of their room."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from services.gateway.projections.base import CommandResponse, Projection, event_rank
from services.gateway.projections.descriptions import Description
from services.gateway.read_models.fragments import Json, milliseconds, milliseconds_of, store_form
from services.gateway.read_models.keys import TenantKeys
from services.gateway.read_models.store import Call, script
from shared.activity_view import (
    ActivityView,
    Deadlines,
    about_to_reset_from,
    compose_activity,
    deadlines_of,
)
from shared.clock import EARLIEST
from shared.events import Envelope
from shared.events.activities import ActivityEvent, ActivityMoved

_OPEN = frozenset({"free", "in_work"})
# A won activity whose responsible has promised a next step is shown by its step alone.
_WORKED = frozenset({"in_work", "won"})
FROM_ROOM = "from_room_id"
"""Which room a moved activity has left: of the response to the move alone."""


@dataclass(frozen=True, slots=True)
class ProjectedActivity:
    """One activity at one rank. An empty fragment is a closed activity without a promised step.

    Times are in milliseconds, an empty text for none.
    """

    id: str
    rank: int
    room_id: str
    company_id: str
    client_id: str
    in_pool: bool
    responsible: str
    stage: str
    next_step_due: int | str
    reset_warning: int | str
    fragment: bytes

    @classmethod
    def from_event(
        cls, event: ActivityEvent, envelope: Envelope, description: Description
    ) -> "ProjectedActivity":
        """From an event, with the names and texts known so far."""
        state = event.state.model_dump(mode="json")
        view = compose_activity(
            envelope.subject,
            envelope.version,
            state,
            description.client,
            description.text,
            EARLIEST,
        )
        return cls.from_view(view, event_rank(envelope.version), deadlines_of(state))

    @classmethod
    def from_response(cls, response: CommandResponse) -> "ProjectedActivity":
        """From an `ActivityView`."""
        shown = ActivityView.model_fields
        view = {name: value for name, value in response.view.items() if name in shown}
        step = view["next_step"]
        deadlines = deadlines_of(
            {
                "status": view["status"],
                "next_step_due_at": step["due_at"] if step else None,
                "due_invoices": view["due_invoices"],
            }
        )
        return cls.from_view(view, response.rank, deadlines)

    @classmethod
    def from_view(cls, view: Json, rank: int, deadlines: Deadlines) -> "ProjectedActivity":
        in_work = view["status"] == "in_work"
        promising = view["next_step"] is not None and view["status"] in _WORKED
        next_step_due = view["next_step"]["due_at"] if promising else None
        warning_at = about_to_reset_from(view) if in_work else None
        fragment = store_form(view, deadlines)
        return cls(
            id=view["id"],
            rank=rank,
            room_id=view["room_id"],
            company_id=view["company_id"],
            client_id=view["client"]["id"],
            in_pool=view["status"] == "free",
            responsible=view["responsible_id"] or "" if in_work or promising else "",
            stage=view["stage"],
            next_step_due=milliseconds_of(next_step_due) if next_step_due else "",
            reset_warning=milliseconds(warning_at) if warning_at else "",
            fragment=fragment if view["status"] in _OPEN or promising else b"",
        )

    @property
    def arguments(self) -> tuple[Any, ...]:
        """The activity as `project_activities.lua` takes it."""
        return (
            self.id,
            self.rank,
            self.company_id,
            self.client_id,
            "1" if self.in_pool else "",
            self.responsible,
            self.stage,
            self.next_step_due,
            self.reset_warning,
            self.fragment,
        )


class ActivityFragments(Projection[ActivityEvent]):
    """Each open activity's fragment; the pool, each seller's activities by stage, their next steps
    and resets; and the room in which an activity is.

    Fragments show names and texts, which other projections keep: the projector reads these first.
    """

    handles = (ActivityEvent,)
    keys = (
        "fragment",
        "guard",
        "pool",
        "mine",
        "next_steps",
        "resets",
        "by_client",
        "sizes",
        "activity_room",
        "client_rooms",
    )

    def from_response(self, response: CommandResponse, keys: TenantKeys) -> list[Call]:
        if response.kind != "activity":
            return []
        activity = ProjectedActivity.from_response(response)
        calls = [*self.index([activity], keys), *self.write([activity], keys)]
        left = response.view.get(FROM_ROOM, activity.room_id)
        if left != activity.room_id:
            calls.append(left_room(activity.id, activity.rank, left, keys))
        return calls

    def index(self, activities: Iterable[ProjectedActivity], keys: TenantKeys) -> list[Call]:
        """The calls that say in which room an activity is, and in which rooms a client has one."""
        rooms: list[Any] = []
        clients: list[Any] = []
        for activity in activities:
            rooms += [activity.id, activity.rank, activity.room_id]
            clients += [0, f"{activity.client_id}:{activity.room_id}"]
        return [
            script("put_newer", keys.tenant("activity_room"), *rooms),
            ("ZADD", keys.tenant("client_rooms"), *clients),
        ]

    def write(self, activities: Iterable[ProjectedActivity], keys: TenantKeys) -> list[Call]:
        """The calls that write fragments and a room's indexes, one a room; each replies how many
        activities it had not seen at a later rank.
        """
        by_room: dict[str, list[Any]] = defaultdict(list)
        for activity in activities:
            by_room[activity.room_id].extend(activity.arguments)
        return [
            script("project_activities", keys.room(room_id), *arguments)
            for room_id, arguments in by_room.items()
        ]


class LeftRooms(Projection[ActivityMoved]):
    """A moved activity is gone from the room that it left.

    It stands there as a closed one does, at the rank of the move: what comes late about its time in
    the room changes nothing, and it may come back.
    """

    handles = (ActivityMoved,)
    # In a batch that brings later events of the activity as well, the move is not its latest.
    every_version = True

    def from_event(self, event: ActivityMoved, envelope: Envelope, keys: TenantKeys) -> list[Call]:
        rank = event_rank(envelope.version)
        return [left_room(str(event.activity_id), rank, str(event.from_room), keys)]


def left_room(activity_id: str, rank: int, room_id: str, keys: TenantKeys) -> Call:
    """The call that removes an activity from the indexes of a room that it left."""
    nothing = ("", "", "", "", "", "", "", b"")
    return script("project_activities", keys.room(room_id), activity_id, rank, *nothing)
