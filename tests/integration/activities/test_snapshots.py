"""What peers fetch on their own behalf: the employees, by which the gateway judges accounts."""

from uuid import UUID

from shared.ids import EmployeeId, TenantId, new_id
from shared.tenancy import Caller
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant
from tests.support.client import Response


async def employees(tenant: Tenant, tenant_id: UUID, system: str) -> Response:
    """The directory's employees, as the service `system` reads them."""
    caller = Caller(TenantId(tenant_id), EmployeeId(UUID(int=0)), system=system)
    return await tenant.api.send(caller, "GET", f"/internal/snapshots/employees/{tenant_id}")


async def test_the_gateway_reads_every_employee_of_a_tenant(new_tenant: NewTenant) -> None:
    tenant, other = await new_tenant(), await new_tenant()
    seller, head = await tenant.user("seller"), await tenant.user("head")
    stranger = await other.user("seller")
    response = await employees(tenant, tenant.tenant_id, "gateway")
    assert response.status == 200
    described = {
        (snapshot["type"], snapshot["subject"]): snapshot for snapshot in response.body["snapshots"]
    }
    everybody = {str(user.id) for user in (tenant.admin, seller, head)}
    assert {subject for _, subject in described} == everybody != {str(stranger.id)}
    assert described["employee.changed", str(head.id)]["data"]["roles"] == ["head"]
    assert described["employee.changed", str(head.id)]["version"] == 1
    assert described["person.described", str(seller.id)]["data"]["emails"]


async def test_an_unknown_tenant_has_no_employees_rather_than_none(new_tenant: NewTenant) -> None:
    """An empty list would end every account there."""
    response = await employees(await new_tenant(), new_id(), "gateway")
    assert (response.status, response.code) == (404, "not_found")


async def test_no_person_reads_them(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    admin = Caller(tenant.tenant_id, tenant.admin.id, frozenset({"admin"}))
    path = f"/internal/snapshots/employees/{tenant.tenant_id}"
    assert (await tenant.api.send(admin, "GET", path)).status == 401
