"""`GET /me`: who the caller is."""

from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel

from services.gateway.api.reads import names
from services.gateway.edge.admission import caller_in
from services.gateway.edge.upstream import Upstreams
from services.gateway.read_models.generations import Generations
from services.gateway.storage import repository
from shared.db import Database


class Named(BaseModel):
    """A room or a company."""

    id: UUID
    name: str | None


class MeView(BaseModel):
    """The caller; rooms and companies are those that they may work with.

    What could not be had is named in `missing`.
    """

    employee_id: UUID
    tenant_id: UUID
    name: str
    email: str | None
    roles: list[str]
    rooms: list[Named]
    companies: list[Named]
    missing: list[str] = []


def me_router(database: Database, generations: Generations, services: Upstreams) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["accounts"])

    @router.get("/me", response_model=MeView)
    async def me(request: Request) -> MeView:
        """Who I am, my roles, rooms and companies."""
        caller = caller_in(request.scope)
        async with database.begin_for(caller.tenant_id) as tx:
            row = await repository.account(tx, caller.employee_id)
        found, missing = await names(generations, services, caller)
        return MeView(
            employee_id=caller.employee_id,
            tenant_id=caller.tenant_id,
            name=row["name"] if row else "",
            email=row["email"] if row else None,
            roles=sorted(caller.roles),
            missing=missing,
            **found,
        )

    return router
