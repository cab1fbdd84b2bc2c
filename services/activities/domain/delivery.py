"""Delivery: shipments, and the closing documents that the client signs.

Both are facts of the outside world, recorded whatever became of the activity.
"""

from dataclasses import replace
from datetime import datetime

from services.activities.domain.activity import Activity, DomainEvent, advance
from services.activities.domain.documents import document_states
from services.activities.domain.progress import progress
from services.activities.domain.refusals import DocumentNotSent
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.trade import Document, Shipment
from services.activities.domain.winning import reverse_win, win_if_complete


def record_shipment(
    activity: Activity,
    shipment: Shipment,
    note: str | None,
    room_settings: RoomSettings,
    won_before: bool,
    now: datetime,
) -> list[DomainEvent]:
    """Records goods that went out, or a service done, which may win the activity."""
    details = {"shipment_id": shipment.id, "shipped_on": shipment.shipped_on}
    trade = replace(activity.trade, shipments=(*activity.trade.shipments, shipment))
    changes = progress(activity, room_settings, now)
    recorded = advance(activity, "shipment.recorded", details, note=note, trade=trade, **changes)
    return [recorded, *win_if_complete(recorded.after, won_before, now)]


def record_document(
    activity: Activity,
    document: Document,
    room_settings: RoomSettings,
    won_before: bool,
    now: datetime,
) -> list[DomainEvent]:
    """Records a closing document as sent, signed or returned: the last signature may win the
    activity. The return of one that was signed takes the win back; what was sent only after the
    win concerns itself alone.

    Raises `DocumentNotSent` for the return of a number that was neither sent nor signed.
    """
    before = document_states(activity.trade.documents).get(document.number)
    if document.state == "returned" and before is None:
        raise DocumentNotSent
    trade = replace(activity.trade, documents=(*activity.trade.documents, document))
    details = {"on": document.on, "number": document.number}
    changes = progress(activity, room_settings, now)
    event_type = f"documents.{document.state}"
    recorded = advance(activity, event_type, details, trade=trade, **changes)
    signature_lost = document.state == "returned" and before == "signed"
    if activity.status == "won" and activity.delivered and signature_lost:
        return [recorded, reverse_win(recorded.after, room_settings, now)]
    return [recorded, *win_if_complete(recorded.after, won_before, now)]
