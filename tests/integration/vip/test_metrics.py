"""What the service tells its operators."""

import pytest

from tests.integration.vip.conftest import NewTenant
from tests.integration.vip.tenant import Tenant


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics", "/openapi.json"])
async def test_the_service_answers_its_operators(new_tenant: NewTenant, path: str) -> None:
    tenant = await new_tenant()
    async with tenant.api.http.get(path) as response:
        assert response.status == 200


async def test_committed_events_and_refused_claims_are_counted(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, other, client = await tenant.seller(), await tenant.seller(), await tenant.client()
    names = (
        'sales_vip_events_total{reason="",type="vip.claimed"}',
        'sales_vip_events_total{reason="released",type="vip.released"}',
        'sales_vip_refused_claims_total{code="vip_of_another"}',
    )
    before = [await read(tenant, name) for name in names]
    vip = (await tenant.claim(seller, client)).body
    await tenant.claim(other, client)
    await tenant.release(seller, vip["id"])
    after = [await read(tenant, name) for name in names]
    assert [new - old for old, new in zip(before, after, strict=True)] == [1, 1, 1]


async def read(tenant: Tenant, name: str) -> float:
    async with tenant.api.http.get("/metrics") as response:
        lines = (await response.text()).splitlines()
    return next((float(line.split()[-1]) for line in lines if line.startswith(name)), 0.0)
