"""The ids of tenants that the operator provisions: the same for a command that is sent again."""

from uuid import UUID

import orjson

from shared.db import Database
from shared.db.idempotent_responses import store
from shared.idempotency import Replayed
from shared.ids import EmployeeId, TenantId, new_id
from shared.tenancy import Caller, Command

# Before it is provisioned a tenant has no wall of its own to keep the command behind.
_OPERATOR = Caller(TenantId(UUID(int=0)), EmployeeId(UUID(int=0)), operator=True)


async def claim_ids(database: Database, command: Command | None) -> tuple[TenantId, EmployeeId]:
    """The ids of a new tenant and of its first admin.

    Raises `KeyReused` where the Idempotency-Key came with another body.
    """
    tenant_id, employee_id = TenantId(new_id()), EmployeeId(new_id())
    if command is None:
        return tenant_id, employee_id
    body = orjson.dumps([tenant_id, employee_id])
    async with database.begin_for(_OPERATOR.tenant_id) as tx:
        first = await store(tx.connection, _OPERATOR, command, 201, body)
    if first is None:
        return tenant_id, employee_id
    if not isinstance(first, Replayed):
        raise first
    tenant, employee = orjson.loads(first.response.body)
    return TenantId(UUID(tenant)), EmployeeId(UUID(employee))
