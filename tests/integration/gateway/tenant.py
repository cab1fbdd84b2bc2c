"""Tenants behind a real gateway."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import aiohttp

PASSWORD = "correct horse battery"


@dataclass
class Tenant:
    """A provisioned tenant with its admin logged in."""

    url: str
    session: aiohttp.ClientSession
    id: UUID
    admin_id: UUID
    short_name: str
    email: str
    token: str
    refresh: str

    async def call(
        self, method: str, path: str, token: str | None = None, **request: Any
    ) -> tuple[int, Any, Any]:
        """Status, JSON (or text) and headers."""
        headers = {"authorization": f"Bearer {token or self.token}", **request.pop("headers", {})}
        async with self.session.request(
            method, f"{self.url}{path}", headers=headers, **request
        ) as response:
            body = (
                await response.json(content_type=None)
                if "json" in response.content_type
                else await response.text()
            )
            return response.status, body, response.headers

    async def employee(self, **fields: Any) -> tuple[UUID, str]:
        """A new employee with a password: id and access token."""
        employee_id, email = await self.hire(**fields)
        _, session = await log_in(self.session, self.url, email)
        return employee_id, session["access_token"]

    async def hire(self, **fields: Any) -> tuple[UUID, str]:
        """A new employee, with a password unless it is None: id and e-mail."""
        body = {
            "name": "Иван",
            "email": f"{uuid4().hex}@example.com",
            "password": PASSWORD,
            "roles": ["seller"],
            "room_ids": [],
            **fields,
        }
        if body["password"] is None:
            del body["password"]
        status, view, _ = await self.call("POST", "/api/v1/employees", json=body)
        assert status == 201, view
        return UUID(view["id"]), body["email"]


async def log_in(
    session: aiohttp.ClientSession, url: str, email: str, password: str = PASSWORD, **fields: str
) -> tuple[int, Any]:
    form = {"username": email, "password": password, **fields}
    async with session.post(f"{url}/api/v1/auth/token", data=form) as response:
        return response.status, await response.json()


@asynccontextmanager
async def calling_from(address: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A client at another address of this machine."""
    connector = aiohttp.TCPConnector(local_addr=(address, 0))
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


async def provision(
    session: aiohttp.ClientSession, url: str, operator_key: str, **fields: Any
) -> Tenant:
    email = f"{uuid4().hex}@example.com"
    body = {
        **fields,
        "name": "Холдинг",
        "time_zone": "Europe/Moscow",
        "currency": "RUB",
        "admin": {"name": "Анна", "email": email, "password": PASSWORD},
    }
    headers = {"authorization": f"Bearer {operator_key}"}
    async with session.post(f"{url}/api/v1/tenants", json=body, headers=headers) as response:
        assert response.status == 201, await response.text()
        created = await response.json()
    _, session_body = await log_in(session, url, email)
    return Tenant(
        url,
        session,
        UUID(created["id"]),
        UUID(created["admin"]["employee_id"]),
        created["short_name"],
        email,
        session_body["access_token"],
        session_body["refresh_token"],
    )
