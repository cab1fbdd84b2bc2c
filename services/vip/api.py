"""HTTP in: very important clients, for sellers and heads."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict

from services.vip import handlers, queries
from services.vip.handlers import Claim
from services.vip.metrics import REFUSALS
from services.vip.queries import SellerPlaces, VipView
from services.vip.replicas import Fetched, Owner, ReplicaMissing
from services.vip.storage import directory
from shared.db import Database, Tx
from shared.errors import Refusal
from shared.ids import ClientId, CompanyId, EmployeeId, RoomId, VipId
from shared.paging import Cursor, Limit
from shared.replicas.snapshot import Snapshot
from shared.tenancy import Caller
from shared.web.callers import AnyCaller, Head, Seller
from shared.web.responses import Page, as_json

Decided = tuple[Response, list[Snapshot]]
Decide = Callable[[Tx, Fetched], Awaitable[Decided]]

router = APIRouter(prefix="/api/v1/vip", tags=["VIP"])


@dataclass(frozen=True, slots=True)
class Parts:
    """What routes work with."""

    database: Database
    owner: Owner
    replicas: None = None


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


Service = Annotated[Parts, Depends(_parts)]


class ClaimRequest(BaseModel):
    """The client to hold, for which company, working from which room."""

    model_config = ConfigDict(extra="forbid")

    company_id: CompanyId
    room_id: RoomId
    client_id: ClientId


class Assignment(BaseModel):
    """Who is to hold the client; null: nobody."""

    model_config = ConfigDict(extra="forbid")

    employee_id: EmployeeId | None


@router.get("", response_model=Page[VipView])
async def list_vips(
    caller: AnyCaller,
    service: Service,
    room_id: RoomId | None = None,
    company_id: CompanyId | None = None,
    employee_id: EmployeeId | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Held VIPs of the caller's rooms, in the order in which they were first claimed."""
    rooms = caller.rooms(room_id)
    async with service.database.begin(caller) as tx:
        return as_json(await queries.held(tx, rooms, company_id, employee_id, limit, cursor))


@router.get("/places", response_model=list[SellerPlaces])
async def list_places(
    caller: AnyCaller, service: Service, room_id: RoomId, company_id: CompanyId
) -> Response:
    """How many places each seller of a room has taken for a company, and how many there are."""
    caller.require_room(room_id, field="room_id")
    async with service.database.begin(caller) as tx:
        room_settings = await directory.settings_or_defaults(tx, room_id, company_id)
        return as_json(await queries.places(tx, room_id, company_id, room_settings))


@router.get("/{vip_id}", response_model=VipView)
async def read_vip(vip_id: VipId, caller: AnyCaller, service: Service) -> Response:
    """One VIP of the caller's rooms, also while nobody holds it."""
    async with service.database.begin(caller) as tx:
        return as_json(await queries.visible(tx, vip_id, caller))


@router.post(
    "",
    response_model=VipView,
    status_code=201,
    responses={200: {"model": VipView, "description": "The caller holds it already"}},
)
async def claim_vip(wish: ClaimRequest, caller: Seller, service: Service) -> Response:
    """Hold a client for a company; 200 with the present VIP where the caller does already.

    409 `vip_of_another` with `protected_until`; 409 `vip_limit_reached` with `limit`, `held` and
    `could_release`.
    """

    async def decide(tx: Tx, asked: Fetched) -> Decided:
        vip_id, told = await handlers.claim(
            tx, asked, Claim(wish.room_id, wish.company_id, wish.client_id), caller
        )
        return as_json(await queries.vip_view(tx, vip_id), 201 if told else 200), told

    try:
        answer, told = await _knowing(service, caller, decide)
    except Refusal as refusal:
        REFUSALS.labels(refusal.code).inc()
        raise
    await service.owner.tell(caller.tenant_id, told)
    return answer


@router.post("/{vip_id}/release", response_model=VipView)
async def release_vip(vip_id: VipId, caller: Seller, service: Service) -> Response:
    """Give a client back, so that others may hold it.

    403 unless it is the caller's; 409 `vip_not_held`.
    """
    async with service.database.begin(caller) as tx:
        told = await handlers.release(tx, vip_id, caller)
        answer = as_json(await queries.vip_view(tx, vip_id))
        tx.respond(bytes(answer.body))
    await service.owner.tell(caller.tenant_id, told)
    return answer


@router.post("/{vip_id}/assign", response_model=VipView)
async def assign_vip(
    vip_id: VipId, assignment: Assignment, caller: Head, service: Service
) -> Response:
    """Let a seller of the VIP's room hold the client, or nobody.

    409 `not_of_the_room` where the employee does not sell there; 409 `vip_limit_reached` as for a
    claim of that seller's own.
    """

    async def decide(tx: Tx, asked: Fetched) -> Decided:
        told = await handlers.assign(tx, asked, vip_id, assignment.employee_id, caller)
        return as_json(await queries.vip_view(tx, vip_id)), told

    try:
        answer, told = await _knowing(service, caller, decide)
    except Refusal as refusal:
        REFUSALS.labels(refusal.code).inc()
        raise
    await service.owner.tell(caller.tenant_id, told)
    return answer


async def _knowing(service: Parts, caller: Caller, decide: Decide) -> Decided:
    """What `decide` answers in the caller's transaction; what it misses its owner is asked for
    first, with no transaction open.
    """
    asked: Fetched = set()
    while True:
        try:
            async with service.database.begin(caller) as tx:
                answer, told = await decide(tx, asked)
                tx.respond(bytes(answer.body), answer.status_code)
                return answer, told
        except ReplicaMissing as missing:
            await service.owner.bring(service.database, caller.tenant_id, missing.wanted)
            asked |= missing.wanted
