"""Delivery: shipments, and the closing documents that the client signs."""

from dataclasses import replace
from datetime import datetime

from services.activities.domain.activity import Activity, Document, DomainEvent, Shipment, advance
from services.activities.domain.progress import progress
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.winning import reverse_win, win_if_complete


def record_shipment(
    activity: Activity,
    shipment: Shipment,
    note: str | None,
    room_settings: RoomSettings,
    now: datetime,
) -> list[DomainEvent]:
    """Records goods that went out, whatever the activity's status: they did."""
    details = {"shipment_id": shipment.id, "shipped_on": shipment.shipped_on}
    trade = replace(activity.trade, shipments=(*activity.trade.shipments, shipment))
    changes = progress(activity, room_settings, now)
    return [advance(activity, "shipment.recorded", details, note=note, trade=trade, **changes)]


def record_document(
    activity: Activity,
    document: Document,
    room_settings: RoomSettings,
    won_before: bool,
    now: datetime,
) -> list[DomainEvent]:
    """Records closing documents as sent, signed or returned: signed may win the activity, returned
    may take the win back. No status of the activity refuses them: they are facts of the outside
    world.
    """
    event_type = f"documents.{document.state}"
    trade = replace(activity.trade, documents=(*activity.trade.documents, document))
    changes = progress(activity, room_settings, now)
    recorded = advance(activity, event_type, {"on": document.on}, trade=trade, **changes)
    if activity.status == "won" and activity.delivered and document.state == "returned":
        return [recorded, reverse_win(recorded.after, room_settings, now)]
    return [recorded, *win_if_complete(recorded.after, won_before, now)]
