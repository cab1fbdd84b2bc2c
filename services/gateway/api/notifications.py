"""A person's notifications, and what they choose to be notified of."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from redis.exceptions import RedisError

from services.gateway.api.dependencies import AnyCaller, ApiParts, Parts
from services.gateway.api.notification_views import (
    NotificationPage,
    NotificationSettingsChange,
    NotificationSettingsView,
    NotificationsQuery,
    NotificationView,
    ReadUntil,
    settings_view,
)
from services.gateway.live.publisher import announcements_of_notifications
from services.gateway.storage import deliveries, notification_settings, notifications
from shared.errors import Invalid, NotFound
from shared.tenancy import Caller
from shared.versions import differing, stale
from shared.web.responses import tagged

router = APIRouter(tags=["notifications"])
_FIELDS = tuple(NotificationView.model_fields)


@router.get("/notifications")
async def list_notifications(
    caller: AnyCaller, parts: Parts, query: Annotated[NotificationsQuery, Query()]
) -> NotificationPage:
    """What I was told, the newest first; kept for 90 days."""
    rooms, employee_id = _rooms(caller), caller.employee_id
    before = _place(query.cursor) if query.cursor else None
    async with parts.database.begin_for(caller.tenant_id) as tx:
        rows = await notifications.page(
            tx, employee_id, rooms, query.unread, before, query.limit + 1
        )
        unread = await notifications.count_unread(tx, employee_id, rooms)
    items = [_view(row) for row in rows[: query.limit]]
    more = len(rows) > query.limit
    return NotificationPage(
        items=items, next_cursor=_cursor(items[-1]) if more else None, unread=unread
    )


@router.post("/notifications/read", status_code=204)
async def read_all_notifications(caller: AnyCaller, read: ReadUntil, parts: Parts) -> Response:
    """Mark all of mine as read that were shown until then."""
    async with parts.database.begin(caller) as tx:
        await notifications.mark_all_read(tx, caller.employee_id, read.until)
    await _announce(parts, caller, caller.employee_id)
    return Response(status_code=204)


@router.post("/notifications/{notification_id}/read")
async def read_notification(
    caller: AnyCaller, notification_id: UUID, parts: Parts
) -> NotificationView:
    """Mark one of mine as read."""
    return await _mark(parts, caller, notification_id, True)


@router.post("/notifications/{notification_id}/unread")
async def unread_notification(
    caller: AnyCaller, notification_id: UUID, parts: Parts
) -> NotificationView:
    """Mark one of mine as not read, to come back to it."""
    return await _mark(parts, caller, notification_id, False)


@router.get("/me/notifications")
async def get_notification_settings(
    caller: AnyCaller, parts: Parts, response: Response
) -> NotificationSettingsView:
    """What I am notified of, when, and by which channels."""
    async with parts.database.begin_for(caller.tenant_id) as tx:
        version, settings = await notification_settings.get(tx, caller.employee_id)
        faults = await deliveries.faults_of(tx, caller.employee_id)
    return tagged(response, settings_view(version, settings, faults))


@router.put("/me/notifications")
async def set_notification_settings(
    caller: AnyCaller, change: NotificationSettingsChange, parts: Parts, response: Response
) -> NotificationSettingsView:
    """Choose what I am notified of; it holds for what is not sent yet, too."""
    chosen = change.settings()
    async with parts.database.begin(caller) as tx:
        version, before = await notification_settings.lock(tx, caller.employee_id)
        faults = await deliveries.faults_of(tx, caller.employee_id)
        if not tx.expects(version):
            raise _stale(version, settings_view(version, before, faults), change)
        if not await notification_settings.put(tx, caller.employee_id, version + 1, chosen):
            raise _stale(version + 1, settings_view(version, before, faults), change)
        if chosen.lead != before.lead:
            lead_minutes = chosen.of("next_step").lead_minutes
            await notifications.replan_steps(tx, caller.employee_id, lead_minutes)
    return tagged(response, settings_view(version + 1, chosen, faults))


def _stale(
    version: int, present: NotificationSettingsView, change: NotificationSettingsChange
) -> Exception:
    return stale(
        version, differing(present.model_dump(mode="json"), change.model_dump(mode="json"))
    )


async def _mark(parts: ApiParts, caller: Caller, id_: UUID, is_read: bool) -> NotificationView:
    rooms = _rooms(caller)
    async with parts.database.begin(caller) as tx:
        if await notifications.find(tx, caller.employee_id, rooms, id_) is None:
            raise NotFound("notification")
        await notifications.mark(tx, caller.employee_id, id_, is_read)
        row = await notifications.find(tx, caller.employee_id, rooms, id_)
    await _announce(parts, caller, id_)
    return _view(row)


async def _announce(parts: ApiParts, caller: Caller, id_: UUID) -> None:
    """Tells the person's other pages."""
    calls = announcements_of_notifications(
        parts.generations.namespace, caller.tenant_id, [(caller.employee_id, id_)]
    )
    try:
        await parts.generations.store.run(*calls)
    except (RedisError, OSError):
        parts.metrics.notices_unannounced.inc()


def _rooms(caller: Caller) -> Collection[UUID] | None:
    return None if caller.sees_every_room else caller.room_ids


def _view(row: Any) -> NotificationView:
    return NotificationView(**{name: row[name] for name in _FIELDS})


def _cursor(last: NotificationView) -> str:
    moment = last.shown_at.isoformat().replace("+00:00", "Z")
    return f"{moment}|{last.id}"


def _place(cursor: str) -> tuple[datetime, UUID]:
    """Raises `Invalid` for what is no cursor of this list."""
    moment, _, id_ = cursor.partition("|")
    try:
        shown_at = datetime.fromisoformat(moment)
        if shown_at.tzinfo is None:
            raise ValueError("without a zone")
        return shown_at, UUID(id_)
    except ValueError:
        raise Invalid("cursor", "cursor") from None
