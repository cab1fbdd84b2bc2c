"""Bodies of requests: read by a middleware and handed on, and in one encoding only."""

from starlette.types import Message, Receive

from shared.errors import Invalid


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
