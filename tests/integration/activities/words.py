"""Consent and "do not call" as the tests record and read them."""

from typing import Any

from tests.integration.activities.tenant import Tenant, User
from tests.support.client import Response

PHONE, OTHER_PHONE = "+74951234567", "+74951234568"
WORD = {"kind": "do_not_call", "source": "Звонок", "text": "Больше не звоните"}


async def cold_source(tenant: Tenant) -> str:
    source = {"name": "Обзвон", "channel": "calls", "kind": "cold"}
    return str((await tenant.create("/sources", **source))["id"])


async def say(tenant: Tenant, user: User, client_id: str | None = None, **word: Any) -> Response:
    path = f"/clients/{client_id}/consents" if client_id else "/consents"
    return await tenant.call(user, "POST", path, {**WORD, **word})


async def is_marked(tenant: Tenant, client_id: str) -> bool:
    seen = await tenant.call(tenant.admin, "GET", f"/clients/{client_id}")
    return bool(seen.body["do_not_call"])


def described(*phones: str, **more: Any) -> dict[str, Any]:
    return {"name": "Ромашка", "kind": "organization", "phones": list(phones), **more}
