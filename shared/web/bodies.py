"""Bodies of requests: how large they may be, read by a middleware and handed on, and in one
encoding only.
"""

from collections.abc import Mapping

from starlette.types import Message, Receive, Scope

from shared.errors import BodyTooLarge, Invalid

LARGEST_BODY = 1 << 20
"""Bytes of a command."""
_TABLE = 20 << 20
_STATEMENT = 64 << 20  # of 50,000 payments
_FORM_AROUND = 1 << 16
UPLOADS: Mapping[str, int] = {
    "/api/v1/imports": _TABLE,
    "/api/v1/bank-statements": _STATEMENT,
    "/imports": _TABLE + _FORM_AROUND,
    "/money/statements": _STATEMENT + _FORM_AROUND,
    "/api/v1/sources/costs/import": LARGEST_BODY,
}
"""The paths to which a file is posted, as it is or in the form of a page, and how many bytes that
may have."""


def is_upload(method: str, path: str) -> bool:
    """Whether the body of a request is a file, whatever its encoding."""
    return method == "POST" and path in UPLOADS


def largest_body(method: str, path: str) -> int:
    """How many bytes the body of a request may have."""
    return UPLOADS[path] if is_upload(method, path) else LARGEST_BODY


def require_declared_size(scope: Scope, largest: int) -> None:
    """Raises `BodyTooLarge` where a request says itself that it has more bytes than `largest`."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > largest:
            raise BodyTooLarge(largest)


def bounded(receive: Receive, largest: int) -> Receive:
    """Receives a body of at most `largest` bytes; raises `BodyTooLarge` behind them."""
    size = 0

    async def receive_bounded() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > largest:
            raise BodyTooLarge(largest)
        return message

    return receive_bounded


def handed_on(body: bytes, receive: Receive) -> Receive:
    """Receives the body once, then what the server sends."""
    replayed = False

    async def replay() -> Message:
        nonlocal replayed
        if replayed:
            return await receive()
        replayed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def require_utf_8(body: bytes) -> None:
    """Raises `Invalid` for JSON that is not UTF-8: what one parser reads another would not, and
    Python's own takes surrogates for characters.

    JSON holds no NUL, which every character of ASCII has in UTF-16 and UTF-32.
    """
    try:
        if b"\0" not in body:
            body.decode()
            return
    except UnicodeDecodeError:
        pass
    raise Invalid("body", "utf_8")
