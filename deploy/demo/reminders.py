"""What a seller of the demo chose to be reminded of: early, and not at night."""

from typing import Any

from deploy.demo.directory import Tenant

CHOICE: dict[str, Any] = {
    "language": "ru",
    "time_zone": "Europe/Moscow",
    "quiet_hours": {"begins": "20:00", "ends": "09:00"},
    "kinds": [
        {"kind": "next_step", "enabled": True, "channels": ["push"], "lead_minutes": 30},
        {"kind": "pool", "enabled": False, "channels": []},
    ],
}


async def choose_reminders(tenant: Tenant) -> None:
    """The choice of the first seller of a room, once; the others have the defaults."""
    seller = tenant.sellers("new")[0]
    if not (await seller.see("/me/notifications"))["version"]:
        await seller.do("reminders", "/me/notifications", CHOICE, "PUT")
