"""Time zones, for who sets up a company."""

from datetime import UTC, datetime

from fastapi import APIRouter

from services.activities.api.directory_responses import TimeZonesView
from shared.clock import TIME_ZONES, utc_offset
from shared.web.callers import AnyCaller
from shared.web.responses import JsonBytes, as_json, responses

router = APIRouter(tags=["directory"])


@router.get("/time-zones", responses=responses(TimeZonesView))
async def list_time_zones(caller: AnyCaller) -> JsonBytes:
    """List the time zones that a tenant or company may have, with their present offsets."""
    now = datetime.now(UTC)
    items = [{"name": name, "utc_offset": utc_offset(name, now)} for name in TIME_ZONES]
    return as_json({"items": items})
