"""Keys that sign access tokens are changed while sessions go on."""

import asyncio
import os
import sys

import jwt

from deploy.environment import Installation
from tests.integration.gateway.tenant import Tenant, log_in
from tests.support.servers import ROOT
from tests.support.wait import eventually


async def command(provisioned: Installation, *words: str) -> str:
    """An operator's command of the gateway; what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.gateway.app",
        *words,
        cwd=ROOT,
        env=os.environ | provisioned.service("gateway"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


async def kid_of(tenant: Tenant) -> str:
    """Of the key that signs now."""
    _, session = await log_in(tenant.session, tenant.url, tenant.email)
    return str(jwt.get_unverified_header(session["access_token"])["kid"])


async def test_a_rotated_key_signs_soon_and_the_old_one_is_believed_meanwhile(
    tenant: Tenant, provisioned: Installation
) -> None:
    before = await kid_of(tenant)
    assert "a new key signs from" in await command(provisioned, "tokens", "rotate")
    assert (await tenant.call("GET", "/api/v1/api-keys"))[0] == 200
    said = await command(provisioned, "tokens", "rotate", "--at-once")
    assert "a new key signs from now on" in said

    async def refused() -> bool:
        return (await tenant.call("GET", "/api/v1/api-keys"))[0] == 401

    await eventually(refused)
    assert await kid_of(tenant) != before
    _, session = await log_in(tenant.session, tenant.url, tenant.email)
    status, _, _ = await tenant.call("GET", "/api/v1/api-keys", session["access_token"])
    assert status == 200
