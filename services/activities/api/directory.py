"""The directory: admins write it, everyone in the tenant reads what concerns them."""

from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from services.activities.api import bodies
from services.activities.api.views import (
    CompanyView,
    EmployeeView,
    ProductView,
    RoomView,
    SettingsChangeView,
    SettingsView,
    SourceView,
    TenantView,
    answers,
)
from services.activities.handlers import directory
from services.activities.handlers.deadlines import realign_deadlines
from services.activities.queries import directory as queries
from services.activities.storage.directory import COMPANY, EMPLOYEE, PRODUCT, ROOM, SOURCE
from shared.db import Tx
from shared.errors import NotFound, Unavailable
from shared.ids import EmployeeId, derived_id
from shared.paging import Cursor, Limit
from shared.replicas.snapshot import Snapshot
from shared.web.callers import Admin, AnyCaller, Operator
from shared.web.commands import CommandRunner
from shared.web.responses import JsonBytes, Page

CompanyQuery = Annotated[UUID, Query()]
MOVED_AT_ONCE = 500
"""How many deadlines have moved when changed numbers are answered; those of a larger room follow by
the timer.
"""


def router(running: CommandRunner) -> APIRouter:
    """Every path of the directory."""
    routes = APIRouter(tags=["directory"])
    _tenants(routes, running)
    _companies(routes, running)
    _rooms(routes, running)
    _employees(routes, running)
    _products(routes, running)
    _sources(routes, running)
    _settings(routes, running)
    return routes


def _priced(values: dict[str, Any]) -> dict[str, Any]:
    """Price in the table's two columns."""
    if price := values.pop("price", None):
        values |= {"price": price.amount, "currency": price.currency}
    return values


def _tenants(routes: APIRouter, running: CommandRunner) -> None:
    @routes.post("/tenants", status_code=201, responses=answers(TenantView, status=201))
    async def provision_tenant(body: bodies.NewTenant, caller: Operator) -> JsonBytes:
        """Provision a tenant and its first admin; the operator's work."""

        async def use_case(tx: Tx) -> dict[str, Any]:
            admin = body.admin.model_dump()
            row = await directory.provision(
                tx,
                caller.tenant_id,
                caller.employee_id,
                body.name,
                body.time_zone,
                body.currency,
                admin,
            )
            return {"id": row["id"], "admin": {"employee_id": caller.employee_id}}

        return await running.command(caller, use_case, 201)


def _companies(routes: APIRouter, running: CommandRunner) -> None:
    @routes.get("/companies", responses=answers(Page[CompanyView]))
    async def list_companies(
        caller: AnyCaller, limit: Limit = 50, cursor: Cursor = None
    ) -> JsonBytes:
        """The tenant's beneficiary companies."""
        return await running.read(caller, lambda tx: queries.listing(tx, COMPANY, limit, cursor))

    @routes.post("/companies", status_code=201, responses=answers(CompanyView, status=201))
    async def enter_company(body: bodies.NewCompany, caller: Admin) -> JsonBytes:
        """Enter a beneficiary company; time zone and currency are the tenant's unless given."""

        async def use_case(tx: Tx) -> dict[str, Any]:
            return queries.view(await directory.enter_company(tx, body.model_dump()))

        return await running.command(caller, use_case, 201)

    @routes.get("/companies/{company_id}", responses=answers(CompanyView))
    async def see_company(company_id: UUID, caller: AnyCaller) -> JsonBytes:
        """One company."""
        return await running.read(caller, lambda tx: _one(tx, COMPANY, company_id))

    @routes.patch("/companies/{company_id}", responses=answers(CompanyView))
    async def change_company(
        company_id: UUID, body: bodies.CompanyChange, caller: Admin
    ) -> JsonBytes:
        """Change name, INN or time zone; the currency stays what it was entered with."""

        async def use_case(tx: Tx) -> dict[str, Any]:
            return queries.view(await directory.change(tx, COMPANY, company_id, body.given()))

        return await running.command(caller, use_case)


def _rooms(routes: APIRouter, running: CommandRunner) -> None:
    @routes.get("/rooms", responses=answers(Page[RoomView]))
    async def list_rooms(caller: AnyCaller, limit: Limit = 50, cursor: Cursor = None) -> JsonBytes:
        """The caller's rooms; all of them for admins, accountants and marketers."""
        return await running.read(
            caller, lambda tx: queries.listing(tx, ROOM, limit, cursor, caller.rooms())
        )

    @routes.post("/rooms", status_code=201, responses=answers(RoomView, status=201))
    async def enter_room(body: bodies.NewRoom, caller: Admin) -> JsonBytes:
        """Enter a sales room and the companies that it sells for."""

        async def use_case(tx: Tx) -> dict[str, Any]:
            return queries.view(await directory.save_room(tx, body.model_dump()))

        return await running.command(caller, use_case, 201)

    @routes.get("/rooms/{room_id}", responses=answers(RoomView))
    async def see_room(room_id: UUID, caller: AnyCaller) -> JsonBytes:
        """One room."""
        caller.require_room(room_id)
        return await running.read(caller, lambda tx: _one(tx, ROOM, room_id))

    @routes.patch("/rooms/{room_id}", responses=answers(RoomView))
    async def change_room(room_id: UUID, body: bodies.RoomChange, caller: Admin) -> JsonBytes:
        """Change a room's name or companies."""

        async def use_case(tx: Tx) -> dict[str, Any]:
            return queries.view(await directory.save_room(tx, body.given(), room_id))

        return await running.command(caller, use_case)


def _employees(routes: APIRouter, running: CommandRunner) -> None:
    @routes.get("/employees", responses=answers(Page[EmployeeView]))
    async def list_employees(
        caller: AnyCaller, limit: Limit = 50, cursor: Cursor = None
    ) -> JsonBytes:
        """The colleagues of the caller's rooms; everyone for admins, accountants and marketers."""
        return await running.read(caller, lambda tx: queries.employees(tx, caller, limit, cursor))

    @routes.post("/employees", status_code=201, responses=answers(EmployeeView, 409, status=201))
    async def enter_employee(body: bodies.NewEmployee, caller: Admin) -> JsonBytes:
        """Enter an employee with roles and rooms."""

        async def use_case(tx: Tx) -> dict[str, Any]:
            values = body.model_dump(exclude={"employee_id"})
            given = {"id": body.employee_id} if body.employee_id else {}
            return queries.view(await directory.enter_employee(tx, values | given))

        return await running.command(caller, use_case, 201)

    @routes.get("/employees/{employee_id}", responses=answers(EmployeeView))
    async def see_employee(employee_id: UUID, caller: AnyCaller) -> JsonBytes:
        """One colleague."""

        async def query(tx: Tx) -> dict[str, Any]:
            row = await directory.find(tx, EMPLOYEE, employee_id)
            if not (
                caller.sees_every_room
                or employee_id == caller.employee_id
                or caller.room_ids & set(row["room_ids"])
            ):
                raise NotFound("employee")
            return queries.view(row)

        return await running.read(caller, query)

    @routes.patch("/employees/{employee_id}", responses=answers(EmployeeView, 409))
    async def change_employee(
        employee_id: UUID, body: bodies.EmployeeChange, caller: Admin
    ) -> JsonBytes:
        """Change name, roles, rooms, personnel number, or whether they still work."""

        async def use_case(tx: Tx) -> dict[str, Any]:
            return queries.view(
                await directory.change_employee(tx, EmployeeId(employee_id), body.given())
            )

        return await running.command(caller, use_case)


def _products(routes: APIRouter, running: CommandRunner) -> None:
    @routes.get("/products", responses=answers(Page[ProductView]))
    async def list_products(
        caller: AnyCaller, limit: Limit = 50, cursor: Cursor = None
    ) -> JsonBytes:
        """What the tenant's companies sell."""
        return await running.read(caller, lambda tx: queries.listing(tx, PRODUCT, limit, cursor))

    @routes.post("/products", status_code=201, responses=answers(ProductView, status=201))
    async def enter_product(body: bodies.NewProduct, caller: Admin) -> JsonBytes:
        """Enter a product; `delivered` means that signed documents belong to a won sale,
        `term_months` that it renews.
        """

        async def use_case(tx: Tx) -> dict[str, Any]:
            values = body.model_dump(exclude={"price"}) | {"price": body.price}
            return queries.view(await directory.enter_product(tx, _priced(values)))

        return await running.command(caller, use_case, 201)

    @routes.get("/products/{product_id}", responses=answers(ProductView))
    async def see_product(product_id: UUID, caller: AnyCaller) -> JsonBytes:
        """One product."""
        return await running.read(caller, lambda tx: _one(tx, PRODUCT, product_id))

    @routes.patch("/products/{product_id}", responses=answers(ProductView))
    async def change_product(
        product_id: UUID, body: bodies.ProductChange, caller: Admin
    ) -> JsonBytes:
        """Change a product; activities keep what they were registered with."""

        async def use_case(tx: Tx) -> dict[str, Any]:
            return queries.view(
                await directory.change_product(tx, product_id, _priced(body.given()))
            )

        return await running.command(caller, use_case)


def _sources(routes: APIRouter, running: CommandRunner) -> None:
    @routes.get("/sources", responses=answers(Page[SourceView]))
    async def list_sources(
        caller: AnyCaller, limit: Limit = 50, cursor: Cursor = None
    ) -> JsonBytes:
        """Where requests come from."""
        return await running.read(caller, lambda tx: queries.listing(tx, SOURCE, limit, cursor))

    @routes.post("/sources", status_code=201, responses=answers(SourceView, status=201))
    async def enter_source(body: bodies.NewSource, caller: Admin) -> JsonBytes:
        """Enter an acquisition source."""

        async def use_case(tx: Tx) -> dict[str, Any]:
            return queries.view(await directory.enter(tx, SOURCE, body.model_dump()))

        return await running.command(caller, use_case, 201)

    @routes.get("/sources/{source_id}", responses=answers(SourceView))
    async def see_source(source_id: UUID, caller: AnyCaller) -> JsonBytes:
        """One source."""
        return await running.read(caller, lambda tx: _one(tx, SOURCE, source_id))

    @routes.patch("/sources/{source_id}", responses=answers(SourceView))
    async def change_source(source_id: UUID, body: bodies.SourceChange, caller: Admin) -> JsonBytes:
        """Change a source; what was registered keeps the kind it had."""

        async def use_case(tx: Tx) -> dict[str, Any]:
            return queries.view(await directory.change(tx, SOURCE, source_id, body.given()))

        return await running.command(caller, use_case)


def _settings(routes: APIRouter, running: CommandRunner) -> None:
    @routes.get("/rooms/{room_id}/settings", responses=answers(SettingsView))
    async def see_settings(room_id: UUID, company_id: CompanyQuery, caller: AnyCaller) -> JsonBytes:
        """The six numbers of a company in a room."""
        caller.require_room(room_id)

        async def query(tx: Tx) -> dict[str, Any]:
            return _numbers(await directory.settings(tx, room_id, company_id))

        return await running.read(caller, query)

    @routes.put("/rooms/{room_id}/settings", responses=answers(SettingsView))
    async def set_settings(
        room_id: UUID, company_id: CompanyQuery, body: bodies.RoomSettingsBody, caller: Admin
    ) -> JsonBytes:
        """Set the six numbers; they hold at once, for everything open.

        The deadlines of a large room are rewritten afterwards.
        """
        told: list[Snapshot] = []

        async def use_case(tx: Tx) -> dict[str, Any]:
            row, fact = await directory.set_settings(
                tx, room_id, company_id, body.model_dump(), caller
            )
            told.append(Snapshot.of(fact, derived_id(room_id, company_id), row["version"]))
            return _numbers(row)

        answer = await running.command(caller, use_case)
        await running.service.peers["vip"].push(caller.tenant_id, *told)
        # What is left, or all of it where the database has just gone away, is the timer's.
        with suppress(Unavailable):
            await realign_deadlines(
                running.service.database, caller.tenant_id, room_id, company_id, MOVED_AT_ONCE
            )
        return answer

    @routes.get("/rooms/{room_id}/settings/history", responses=answers(Page[SettingsChangeView]))
    async def settings_history(
        room_id: UUID,
        company_id: CompanyQuery,
        caller: AnyCaller,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> JsonBytes:
        """Who changed the numbers, when, from what and to what."""
        caller.require_room(room_id)
        return await running.read(
            caller, lambda tx: queries.history(tx, room_id, company_id, limit, cursor)
        )


def _numbers(row: Any) -> dict[str, Any]:
    return {
        name: value
        for name, value in row.items()
        if name not in ("tenant_id", "room_id", "company_id")
    }


async def _one(tx: Tx, noun: Any, id_: UUID) -> dict[str, Any]:
    return queries.view(await directory.find(tx, noun, id_))
