"""All projections: adding one to the list is all that makes it run."""

from typing import Any

from services.gateway.projections.activities import ActivityFragments, LeftRooms
from services.gateway.projections.base import Projection
from services.gateway.projections.directory import Companies, Rooms, TenantProfile
from services.gateway.projections.names import ActivityTexts, ClientNames
from services.gateway.projections.pay import Pay
from services.gateway.projections.room_settings import RoomSettingsByCompany
from services.gateway.projections.takes import Takes
from services.gateway.projections.things import EmployeeNames, ProductNames, SourceNames
from services.gateway.projections.vip_counts import VipCounts
from shared.events import REGISTRY, Event

ACTIVITY_FRAGMENTS = ActivityFragments()
PROJECTIONS: tuple[Projection[Any], ...] = (
    ClientNames(),
    ActivityTexts(),
    Rooms(),
    Companies(),
    SourceNames(),
    ProductNames(),
    EmployeeNames(),
    TenantProfile(),
    RoomSettingsByCompany(),
    VipCounts(),
    Pay(),
    Takes(),
    ACTIVITY_FRAGMENTS,
    LeftRooms(),
)

BY_EVENT: dict[type[Event], list[Projection[Any]]] = {
    event_type: [
        projection for projection in PROJECTIONS if issubclass(event_type, projection.handles)
    ]
    for event_type in REGISTRY.values()
}
"""The projections that each event concerns."""
HANDLED = tuple(event_type for event_type, projections in BY_EVENT.items() if projections)
PROJECTED = frozenset(event_type.type for event_type in HANDLED)
"""Types of the events that any projection handles."""
