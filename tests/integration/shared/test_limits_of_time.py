"""Limits of time are the role's own: they hold for a session that asked for none, as behind a
pooler.
"""

import asyncpg
import pytest

from deploy.environment import SERVICES, Installation, Role

LIMITED = {
    "lock_timeout": "5s",
    "statement_timeout": "15s",
    "idle_in_transaction_session_timeout": "20s",
    "jit": "off",
}


async def _limits(installation: Installation, service: str, role: Role) -> dict[str, str]:
    connection = await asyncpg.connect(installation.database_url(service, role))
    try:
        return {name: await connection.fetchval(f"SHOW {name}") for name in LIMITED}
    finally:
        await connection.close()


@pytest.mark.parametrize("service", SERVICES)
async def test_who_serves_and_who_works_are_limited_and_who_migrates_is_not(
    provisioned: Installation, service: str
) -> None:
    assert await _limits(provisioned, service, "app") == LIMITED
    assert await _limits(provisioned, service, "worker") == LIMITED
    of_owner = await _limits(provisioned, service, "owner")
    assert of_owner["statement_timeout"] == of_owner["lock_timeout"] == "0"
