"""What an audit entry holds of a request: ids and codes, never a secret and no contact."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from services.gateway.accounts import audit
from services.gateway.accounts.audit import AuditEntry, AuditTrail
from services.gateway.edge.auditing import AuditMiddleware
from services.gateway.edge.context import RequestContext, set_context
from services.gateway.metrics import GatewayMetrics
from shared.errors import Unavailable
from shared.ids import EmployeeId, TenantId, new_id
from shared.tenancy import Caller

CALLER = Caller(TenantId(UUID(int=1)), EmployeeId(UUID(int=2)))
PERSON = {"name": "Анна Петрова", "email": "anna@example.com", "password": "correct horse battery"}


class Trail(AuditTrail):
    """A trail that keeps what it would write."""

    def __init__(self, size: int = 10) -> None:
        super().__init__(None, GatewayMetrics(), size)  # type: ignore[arg-type]
        self.written: list[AuditEntry] = []

    async def write(self, entry: AuditEntry) -> None:
        self.written.append(entry)


async def record(
    method: str,
    path: str,
    body: Any = None,
    *,
    query: str = "",
    status: int = 200,
    response: Any = None,
    caller: Caller | None = CALLER,
    trail: Trail | None = None,
) -> list[AuditEntry]:
    """The entries that a request leaves."""
    trail = trail or Trail()

    async def app(scope: Any, _: Any, send: Any) -> None:
        set_context(scope, RequestContext(orjson.dumps(body), {}, caller))
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": orjson.dumps(response)})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(b"content-type", b"application/json"), (b"user-agent", b"test\x00/1")],
        "client": ("203.0.113.7", 1),
    }
    await AuditMiddleware(app, trail, GatewayMetrics())(scope, None, send)  # type: ignore[arg-type]
    assert sent[0]["status"] in (status, 503)
    return [*trail.written, *trail._buffer]


async def test_a_granted_role_is_recorded_with_who_whom_and_from_where() -> None:
    employee_id = new_id()
    body = {**PERSON, "roles": ["admin"], "active": True}
    (entry,) = await record("PATCH", f"/api/v1/employees/{employee_id}", body)
    assert (entry.operation, entry.outcome, entry.status) == ("change_employee", "done", 200)
    assert (entry.actor_kind, entry.actor_id) == ("employee", CALLER.employee_id)
    assert entry.target_ids == (employee_id,)
    assert (entry.address, entry.user_agent) == ("203.0.113.7", "test/1")
    assert entry.details == {
        "fields": ["active", "email", "name", "password", "roles"],
        "roles": ["admin"],
        "active": True,
    }


async def test_no_value_that_identifies_a_person_is_recorded() -> None:
    created = {"id": str(new_id()), **PERSON}
    (entry,) = await record("POST", "/api/v1/employees", PERSON, status=201, response=created)
    (read,) = await record("GET", "/api/v1/clients", query="q=%2B74951234567&limit=5")
    for text in map(repr, (entry, read, audit.security_fields(entry))):
        assert not [value for value in (*PERSON.values(), "4951234567") if value in text]
    assert read.details == {"query": ["limit", "q"]}


async def test_what_was_created_is_the_target() -> None:
    key_id = new_id()
    body = {"name": "1С", "scopes": ["payroll"]}
    created = {"id": str(key_id), "secret": "sk_secret"}
    (entry,) = await record("POST", "/api/v1/api-keys", body, status=201, response=created)
    assert entry.target_ids == (key_id,)
    assert entry.details == {"fields": ["name", "scopes"], "scopes": ["payroll"]}
    assert "sk_secret" not in repr(entry)


async def test_a_refused_change_is_recorded_with_its_code() -> None:
    problem = {"code": "forbidden"}
    (entry,) = await record("POST", "/api/v1/api-keys", {}, status=403, response=problem)
    assert (entry.outcome, entry.code, entry.target_ids) == ("refused", "forbidden", ())


async def test_a_read_of_pay_names_whose_pay() -> None:
    employee_id = new_id()
    path, query = "/api/v1/motivation/statement", f"period=2026-11&employee_id={employee_id}"
    (entry,) = await record("GET", path, query=query)
    assert (entry.operation, entry.target_ids) == ("get_statement", (employee_id,))
    assert entry.details["period"] == "2026-11"
    (own,) = await record("GET", path)
    assert own.target_ids == (CALLER.employee_id,)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"/api/v1/activities/{new_id()}/take"),
        ("GET", "/api/v1/pool"),
        ("GET", "/health/ready"),
        ("GET", "/xapi/v1/clients"),
    ],
)
async def test_sellers_commands_leave_no_entry(method: str, path: str) -> None:
    assert await record(method, path, {}) == []


async def test_a_stranger_leaves_no_entry_in_any_tenant() -> None:
    assert await record("GET", "/api/v1/clients", status=401, caller=None) == []


async def test_who_is_told_to_wait_fills_no_audit() -> None:
    problem = {"code": "rate_limited"}
    for method, path in (("GET", "/api/v1/clients"), ("POST", "/api/v1/api-keys")):
        assert await record(method, path, {}, status=429, response=problem) == []


async def test_repeated_refused_reads_are_one_entry_until_they_are_written() -> None:
    trail = Trail(size=100)
    for _ in range(5):
        problem = {"code": "forbidden"}
        await record("GET", "/api/v1/clients", status=403, response=problem, trail=trail)
        await record("GET", f"/api/v1/clients/{new_id()}", trail=trail)
    operations = [entry.operation for entry in trail._buffer]
    assert operations == ["list_clients", *["get_client"] * 5]


async def test_a_response_of_another_shape_is_recorded_all_the_same() -> None:
    assert await record("POST", "/api/v1/tenants", {}, status=201, response={}, caller=None) == []
    assert len(await record("POST", "/api/v1/employees", {}, status=201, response=[1])) == 1


async def test_pay_is_not_given_out_while_reads_can_not_be_recorded() -> None:
    trail = Trail(size=1)
    assert len(await record("GET", "/api/v1/clients", trail=trail)) == 1
    with pytest.raises(Unavailable):
        trail.require_room()
    assert len(await record("GET", "/api/v1/clients", trail=trail)) == 1
