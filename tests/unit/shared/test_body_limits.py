"""A service's own bound on bodies."""

from typing import Any

import orjson
import pytest
from starlette.types import Message, Receive, Scope, Send

from shared.web.bodies import LARGEST_BODY, UPLOADS, is_upload, largest_body
from shared.web.body_limits import BodyLimits


async def _read_all(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


async def post(path: str, size: int, declared: bool) -> tuple[int, Any]:
    headers = [(b"content-length", str(size).encode())] if declared else []
    pieces = [bytes(size // 2), bytes(size - size // 2)]
    sent: list[Message] = []

    async def receive() -> Message:
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
    await BodyLimits(_read_all)(scope, receive, send)
    return sent[0]["status"], orjson.loads(sent[1]["body"])


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("path", [*UPLOADS, "/api/v1/clients"])
async def test_a_service_takes_no_larger_body_than_the_gateway(path: str, declared: bool) -> None:
    largest = largest_body("POST", path)
    assert await post(path, largest, declared) == (200, {})
    status, problem = await post(path, largest + 1, declared)
    assert (status, problem["code"], problem["max_bytes"]) == (413, "too_large", largest)


def test_only_the_posted_file_is_larger_than_a_command() -> None:
    (path, *_) = UPLOADS
    assert is_upload("POST", path)
    assert largest_body("POST", path) == UPLOADS[path]
    for method, other in (("PUT", path), ("POST", f"{path}/1"), ("POST", "/api/v1/clients")):
        assert not is_upload(method, other)
        assert largest_body(method, other) == LARGEST_BODY
