"""Takes from a room's pool, from which a seller's cooldown counts."""

from uuid import UUID

from services.gateway.projections.base import CommandResponse, Projection, put
from services.gateway.read_models.fragments import milliseconds, milliseconds_of
from services.gateway.read_models.keys import TenantKeys
from services.gateway.read_models.store import Call
from shared.events import Envelope
from shared.events.activities import ActivityTaken


class Takes(Projection[ActivityTaken]):
    """Each seller's last take in a room, and the company whose cooldown it started.

    Its rank is its moment.
    """

    handles = (ActivityTaken,)
    keys = ("takes",)
    # An activity that was released at once was taken all the same.
    every_version = True

    def from_event(self, event: ActivityTaken, envelope: Envelope, keys: TenantKeys) -> list[Call]:
        state = event.state
        if event.how != "taken" or state.responsible_since is None:
            return []
        taken_at = milliseconds(state.responsible_since)
        return [_put(keys, state.room_id, event.responsible, taken_at, state.company_id)]

    def from_response(self, response: CommandResponse, keys: TenantKeys) -> list[Call]:
        view = response.view
        if (
            response.kind != "activity"
            or (view["status"], view["how"]) != ("in_work", "taken")
            or view["responsible_since"] is None
        ):
            return []
        taken_at = milliseconds_of(view["responsible_since"])
        return [_put(keys, view["room_id"], view["responsible_id"], taken_at, view["company_id"])]


def _put(
    keys: TenantKeys,
    room_id: UUID | str,
    seller: UUID | str,
    taken_at: int,
    company_id: UUID | str,
) -> Call:
    return put(keys.room(room_id, "takes"), seller, taken_at, str(company_id))
