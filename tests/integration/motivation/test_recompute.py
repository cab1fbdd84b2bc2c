"""Recomputing pay, and the ledger's own protection."""

import asyncio
import subprocess
import sys
from typing import Any

import asyncpg
import pytest

from deploy.environment import Installation
from services.motivation import recompute
from services.motivation.storage.tenants import tenants_with_pay
from shared.ids import ActivityId, new_id
from shared.service_context import ServiceContext
from tests.integration.motivation.api import TenantApi
from tests.integration.motivation.checks import recomputed
from tests.integration.motivation.tenant import Tenant, ids
from tests.support.months import LAST_MONTH, THIS_MONTH
from tests.support.servers import ROOT


async def test_recomputing_finds_a_kopeck(tenant: Tenant, provisioned: Any) -> None:
    await tenant.publish()
    await tenant.consume(tenant.event(ActivityId(new_id()), 1, tenant.state("1000")))
    assert await recomputed(tenant) == []
    connection = await asyncpg.connect(provisioned.admin_url("motivation"))
    try:
        await connection.execute(
            "UPDATE entry SET amount = amount + 0.01 WHERE tenant_id = $1", tenant.id
        )
    finally:
        await connection.close()
    of_activity, of_statement = await recomputed(tenant)
    assert "earned 50.00 RUB, posted 50.01 RUB" in of_activity
    assert "total 50.00 RUB, entries make 50.01 RUB" in of_statement


async def test_a_month_is_recomputed_by_itself(tenant: Tenant, provisioned: Any) -> None:
    await tenant.publish()
    kept, undone = ActivityId(new_id()), ActivityId(new_id())
    for activity in (kept, undone):
        await tenant.consume(tenant.event(activity, 1, tenant.state("1000")))
    await tenant.consume(tenant.event(undone, 2, tenant.state("0", status="in_work")))
    assert await _compared(tenant, THIS_MONTH) == (2, 1, [])
    assert await _compared(tenant, LAST_MONTH) == (0, 0, [])
    connection = await asyncpg.connect(provisioned.admin_url("motivation"))
    try:
        await connection.execute(
            "UPDATE entry SET amount = amount + 0.01 WHERE activity_id = $1", undone
        )
    finally:
        await connection.close()
    _, _, (of_activity, of_statement) = await _compared(tenant, THIS_MONTH)
    assert "earned 0.00 RUB, posted 0.02 RUB" in of_activity
    assert "total 50.00 RUB, entries make 50.02 RUB" in of_statement
    assert await _compared(tenant, LAST_MONTH) == (0, 0, [])


async def _compared(tenant: Tenant, month: str) -> tuple[int, int, list[str]]:
    comparison = recompute.Comparison()
    async with tenant.database.begin_for(tenant.id) as tx:
        await recompute.compare(tx, comparison, month)
    return comparison.activities, comparison.statements, comparison.differences


async def test_each_tenant_with_pay_is_met_once(
    context: ServiceContext,
) -> None:
    tenants = sorted((Tenant(context) for _ in range(3)), key=lambda tenant: tenant.id)
    for tenant, wins in zip(tenants, (1, 2, 3), strict=True):
        await tenant.consume(*tenant.directory())
        await tenant.publish()
        for _ in range(wins):
            state = tenant.state("1000")
            await tenant.consume(tenant.event(ActivityId(new_id()), 1, state))
    met = [tenant_id async for tenant_id in tenants_with_pay(context.worker)]
    assert met == sorted(set(met))
    assert {tenant.id for tenant in tenants} <= set(met)


@pytest.mark.parametrize("sql", ["UPDATE entry SET amount = 0", "DELETE FROM entry"])
async def test_the_ledger_is_append_only(tenant: Tenant, sql: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await tenant.query(sql)


async def test_the_recompute_command_agrees_with_the_ledger(
    api: TenantApi, provisioned: Installation
) -> None:
    tenant = api.tenant
    await api.plan()
    await api.publish(*(tenant.event(activity, 1, tenant.state("1000")) for activity in ids(5)))
    await api.statement("250.00")
    of_tenant = ("--tenant", str(tenant.id))
    for options in (of_tenant, (*of_tenant, "--month", THIS_MONTH)):
        finished = await _recompute(provisioned, *options)
        assert finished.returncode == 0, finished.stderr
        assert finished.stdout.strip() == "5 activities, 1 statements, 0 differences"
    refused = await _recompute(provisioned, *of_tenant, "--month", "2026-13")
    assert refused.returncode == 2
    assert "as 2026-10" in refused.stderr


async def _recompute(
    provisioned: Installation, *options: str
) -> "subprocess.CompletedProcess[str]":
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "services.motivation.app", "recompute", *options],
        cwd=ROOT,
        env={**provisioned.service("motivation"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
    )
