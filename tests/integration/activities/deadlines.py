"""Activities with a deadline, and how far away it is."""

from datetime import datetime, timedelta
from typing import Any

from tests.integration.activities.tenant import Tenant


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def in_work(tenant: Tenant, count: int) -> list[Any]:
    seller = await tenant.user()
    return [await tenant.register(seller, take=True) for _ in range(count)]


async def days_to_go(tenant: Tenant, activity: Any) -> float:
    now = await tenant.see(activity)
    return (moment(now["reset_due_at"]) - moment(now["progress_at"])) / timedelta(days=1)
