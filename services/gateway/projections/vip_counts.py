"""How many VIPs each employee holds."""

from uuid import UUID

from services.gateway.projections.base import CommandResponse, Projection, event_rank
from services.gateway.read_models.keys import TenantKeys
from services.gateway.read_models.store import Call, script
from shared.events import Envelope
from shared.events.vip import VipEvent


class VipCounts(Projection[VipEvent]):
    """The holder of each VIP, and the number that each employee holds by kind."""

    handles = (VipEvent,)
    keys = ("vips", "vip_counts")

    def from_event(self, event: VipEvent, envelope: Envelope, keys: TenantKeys) -> list[Call]:
        holder, kind = event.state.responsible_id, event.state.kind
        if event.state.head_id:
            # Covered by that of its group's head, it takes no place.
            holder = None
        return [_count(keys, envelope.subject, event_rank(envelope.version), holder, kind)]

    def from_response(self, response: CommandResponse, keys: TenantKeys) -> list[Call]:
        if response.kind != "vip":
            return []
        vip = response.view
        return [_count(keys, vip["id"], response.rank, vip["responsible_id"], vip["kind"])]


def _count(
    keys: TenantKeys, vip_id: UUID | str, rank: int, holder: UUID | str | None, kind: str | None
) -> Call:
    place = (str(holder), kind) if holder and kind else ("", "")
    return script("count_vips", keys.tenant(), str(vip_id), rank, *place)
