"""Files through admission: larger bodies on their paths alone, and few at once."""

import asyncio
from uuid import UUID

import pytest
from starlette.types import Message, Receive, Scope, Send

from services.gateway.accounts.callers import Authenticated
from services.gateway.edge.admission import AdmissionMiddleware
from services.gateway.edge.context import context_of
from services.gateway.edge.uploads import UploadTurns
from services.gateway.metrics import GatewayMetrics
from shared.errors import Overuse
from shared.ids import EmployeeId, TenantId
from shared.tenancy import Caller
from shared.web.bodies import LARGEST_BODY, UPLOADS
from tests.unit.gateway.test_gateway_admission import check_operator, fair_use

TENANTS = {f"Bearer {number}": TenantId(UUID(int=number)) for number in range(3)}
IMPORTS = "/api/v1/imports"


class Office:
    """An application that answers once it is told to."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.may_answer = asyncio.Event()
        uploads = UploadTurns(2, 1, 1, GatewayMetrics())
        self._middleware = AdmissionMiddleware(
            self._answer, self._authenticate, check_operator, fair_use(), 1, uploads
        )

    async def _authenticate(self, token: str | None, *_: str) -> Authenticated:
        return Authenticated(Caller(TENANTS[token or ""], EmployeeId(UUID(int=9))), 77.0)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.sizes.append(len(context_of(scope).body))
        await self.may_answer.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def post(self, path: str, size: int, tenant: int = 0, declared: bool = True) -> int:
        """The status of a body of `size` bytes, sent in two pieces."""
        length = [(b"content-length", str(size).encode())]
        encoding = [(b"transfer-encoding", b"chunked")]
        headers = [
            (b"authorization", f"Bearer {tenant}".encode()),
            *(length if declared else encoding),
        ]
        pieces = [bytes(size // 2), bytes(size - size // 2)]
        statuses: list[int] = []

        async def receive() -> Message:
            piece = pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
        await self._middleware(scope, receive, send)
        return statuses[0]


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("path", [*UPLOADS, "/api/v1/clients"])
async def test_a_body_is_as_large_as_its_path_allows(path: str, declared: bool) -> None:
    office = Office()
    office.may_answer.set()
    largest = UPLOADS.get(path, LARGEST_BODY)
    assert await office.post(path, largest, declared=declared) == 200
    assert await office.post(path, largest + 1, declared=declared) == 413
    assert office.sizes == [largest]


async def test_one_tenants_files_leave_room_for_anothers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.gateway.edge.uploads.TURN_SECONDS", 0.05)
    office = Office()
    first = asyncio.create_task(office.post(IMPORTS, 10))
    await asyncio.sleep(0)
    assert await office.post(IMPORTS, 10) == 429
    another = asyncio.create_task(office.post(IMPORTS, 20, tenant=1))
    await asyncio.sleep(0)
    assert await office.post(IMPORTS, 30, tenant=2) == 429
    office.may_answer.set()
    assert (await first, await another) == (200, 200)
    assert await office.post(IMPORTS, 40) == 200
    assert office.sizes == [10, 20, 40]


async def test_a_refused_file_gives_its_turn_back() -> None:
    office = Office()
    office.may_answer.set()
    for _ in range(3):
        assert await office.post(IMPORTS, UPLOADS[IMPORTS] + 1, declared=False) == 413
    assert await office.post(IMPORTS, 10) == 200


async def test_a_turn_is_waited_for_and_given_back_once() -> None:
    turns = UploadTurns(1, 1, 1, GatewayMetrics())
    first: Scope = {}
    await turns.enter(first, TENANTS["Bearer 0"])
    second: Scope = {}
    waiting = asyncio.create_task(turns.enter(second, TENANTS["Bearer 1"]))
    await asyncio.sleep(0)
    assert not waiting.done()
    turns.leave(first)
    turns.leave(first)
    await waiting
    turns.leave(second)
    turns.leave({})


async def test_too_many_waiting_files_of_a_tenant_are_refused_at_once() -> None:
    turns = UploadTurns(1, 1, 1, GatewayMetrics())
    await turns.enter({}, TENANTS["Bearer 0"])
    waiting = [asyncio.create_task(turns.enter({}, TENANTS["Bearer 0"])) for _ in range(4)]
    await asyncio.sleep(0)
    with pytest.raises(Overuse):
        await turns.enter({}, TENANTS["Bearer 0"])
    for task in waiting:
        task.cancel()
