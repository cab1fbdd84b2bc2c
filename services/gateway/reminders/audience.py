"""The people of a tenant as far as it decides whom something concerns."""

from collections.abc import Collection
from uuid import UUID

from services.gateway.domain.notices import Reader
from services.gateway.storage import accounts
from shared.db import Tx


async def people_of(tx: Tx) -> dict[UUID, Reader]:
    """Everybody who works in the tenant, by id."""
    return {
        row["employee_id"]: Reader(
            row["employee_id"],
            row["active"],
            row["roles"],
            row["room_ids"],
            row["headed_room_ids"],
        )
        for row in await accounts.find_all(tx)
        if row["active"]
    }


def zone_for(
    company_id: UUID | None, tenant_id: UUID, zones: dict[UUID, str], own: str | None
) -> str:
    """A person's own time zone, else that of the company, else the tenant's."""
    if own:
        return own
    places: Collection[UUID] = [company_id, tenant_id] if company_id else [tenant_id]
    return next((zones[place] for place in places if place in zones), "UTC")
