"""A request's body that a middleware has read and hands on."""

from starlette.types import Message, Receive


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
