"""Tenants behind a real gateway."""

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
        email = f"{uuid4().hex}@example.com"
        body = {
            "name": "Иван",
            "email": email,
            "password": PASSWORD,
            "roles": ["seller"],
            "room_ids": [],
            **fields,
        }
        status, view, _ = await self.call("POST", "/api/v1/employees", json=body)
        assert status == 201, view
        _, session = await log_in(self.session, self.url, body["email"])
        return UUID(view["id"]), session["access_token"]


async def log_in(
    session: aiohttp.ClientSession, url: str, email: str, password: str = PASSWORD
) -> tuple[int, Any]:
    async with session.post(
        f"{url}/api/v1/auth/token", data={"username": email, "password": password}
    ) as response:
        return response.status, await response.json()


async def provision(session: aiohttp.ClientSession, url: str, operator_key: str) -> Tenant:
    email = f"{uuid4().hex}@example.com"
    body = {
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
        email,
        session_body["access_token"],
        session_body["refresh_token"],
    )
