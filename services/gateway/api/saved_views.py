"""Saved views: the filters of a screen under a name, for oneself or for a room."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.gateway.api.dependencies import AnyCaller, ApiParts, Parts
from services.gateway.domain.screens import Screen
from services.gateway.errors import TooManyViews
from services.gateway.storage import saved_views as storage
from shared.clock import Moment
from shared.errors import NotFound, Unavailable
from shared.ids import EmployeeId, RoomId, derived_id
from shared.tenancy import Caller
from shared.text import Line, Storable

router = APIRouter(prefix="/views", tags=["views"])
MOST = 100
"""Views of one person."""
FilterName = Annotated[Storable, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
FilterValue = Annotated[Storable, StringConstraints(min_length=1, max_length=200)]
Filters = Annotated[
    dict[FilterName, FilterValue],
    Field(
        max_length=20,
        description="The parameters of the page's address, by name.",
        examples=[{"step": "late"}],
    ),
]


class NewSavedView(BaseModel):
    """Filters to be kept under a name."""

    model_config = ConfigDict(extra="forbid")

    screen: Annotated[Screen, Field(description="The page that they are of.")]
    name: Annotated[Line, Field(max_length=60, description="How they are called.")]
    filters: Filters
    room_id: Annotated[
        RoomId | None,
        Field(description="The room for all of which they are kept; null: for oneself alone."),
    ] = None


class SavedView(BaseModel):
    """Filters under a name."""

    id: UUID
    screen: Screen = Field(description="The page that they are of.")
    name: str = Field(description="How they are called.")
    filters: Filters
    room_id: RoomId | None = Field(description="The room that they are shared with; null: none.")
    employee_id: EmployeeId = Field(description="Who saved them.")
    created_at: Moment


class SavedViews(BaseModel):
    """The views that the caller has."""

    items: list[SavedView] = Field(description="One's own and those of one's rooms, by name.")


@router.get("")
async def list_saved_views(caller: AnyCaller, parts: Parts) -> SavedViews:
    """My views, and those that are shared with my rooms."""
    async with parts.database.begin_for(caller.tenant_id) as tx:
        rows = await storage.seen_by(tx, caller.employee_id, caller.rooms())
    return SavedViews(items=[_view(row) for row in rows])


@router.post("", status_code=201)
async def save_view(caller: AnyCaller, new: NewSavedView, parts: Parts) -> SavedView:
    """Keep filters under a name. The same name on the same screen again replaces what I kept under
    it; 409 `too_many_views` for the 101st.
    """
    if new.room_id:
        await _require_room(parts, caller, new.room_id)
    id_ = derived_id(caller.employee_id, new.screen, new.name)
    async with parts.database.begin(caller) as tx:
        if await storage.count_others(tx, caller.employee_id, id_) >= MOST:
            raise TooManyViews(MOST)
        row = await storage.put(tx, id_, caller.employee_id, new.model_dump())
    return _view(row)


@router.delete("/{view_id}", status_code=204)
async def remove_view(caller: AnyCaller, view_id: UUID, parts: Parts) -> Response:
    """Forget a view: one's own; a room's also as its head or as an admin."""
    async with parts.database.begin(caller) as tx:
        row = await storage.find(tx, view_id)
        if row is None or not (row["employee_id"] == caller.employee_id or _sees(caller, row)):
            raise NotFound("saved_view")
        if row["employee_id"] != caller.employee_id:
            caller.require_overseer(row["room_id"])
        await storage.remove(tx, view_id)
    return Response(status_code=204)


async def _require_room(parts: ApiParts, caller: Caller, room_id: RoomId) -> None:
    """Raises `NotFound` for a room that the caller does not work in, or that the tenant has not."""
    caller.require_room(room_id, field="room_id")
    response = await parts.upstreams.get("activities", caller, f"/api/v1/rooms/{room_id}")
    if response.status == 404:
        raise NotFound("room", "room_id")
    if not response.ok:
        raise Unavailable("owner")


def _sees(caller: Caller, row: Any) -> bool:
    return row["room_id"] is not None and caller.sees_room(row["room_id"])


def _view(row: Any) -> SavedView:
    return SavedView(**{name: row[name] for name in SavedView.model_fields})
