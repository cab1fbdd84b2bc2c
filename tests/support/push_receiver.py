"""A small push service with the browsers behind it: it checks who sends, and decrypts."""

import asyncio
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import http_ece
import jwt
import orjson
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.servers import free_ports
from tests.support.stub_server import serving


def base64url(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


class Browser:
    """A browser's keys."""

    def __init__(self) -> None:
        self._key, self._auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)

    @property
    def keys(self) -> dict[str, str]:
        """As `PushSubscription.toJSON()` has them."""
        return {"p256dh": base64url(_point(self._key.public_key())), "auth": base64url(self._auth)}

    def decrypt(self, content: bytes) -> Any:
        """A message for it."""
        return orjson.loads(
            http_ece.decrypt(content, private_key=self._key, auth_secret=self._auth)
        )


@dataclass(frozen=True)
class Pushed:
    """A message as it came: decrypted, with its topic and what the sender claims."""

    message: Any
    topic: str
    ttl: int
    claims: dict[str, Any]


class PushReceiver:
    """Takes messages for one browser at `endpoint`; `status` is what it answers."""

    def __init__(self) -> None:
        self.browser, self.status = Browser(), 201
        self.port = free_ports(1)[0]
        self.endpoint = f"http://127.0.0.1:{self.port}/send/{os.urandom(8).hex()}"
        self._pushed: asyncio.Queue[Pushed] = asyncio.Queue()
        self.app = web.Application()
        self.app.router.add_post("/send/{name}", self._take)

    async def next(self, seconds: float = 20) -> Pushed:
        """The next message."""
        return await asyncio.wait_for(self._pushed.get(), seconds)

    @property
    def is_empty(self) -> bool:
        return self._pushed.empty()

    async def _take(self, request: web.Request) -> web.Response:
        scheme, _, fields = request.headers["Authorization"].partition(" ")
        assert scheme == "vapid"
        values = dict(field.split("=", 1) for field in fields.split(","))
        point = urlsafe_b64decode(values["k"] + "=" * (-len(values["k"]) % 4))
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        claims = jwt.decode(
            values["t"], key, algorithms=["ES256"], audience=f"http://127.0.0.1:{self.port}"
        )
        headers = request.headers
        message = self.browser.decrypt(await request.read())
        self._pushed.put_nowait(
            Pushed(message, headers["Topic"], int(headers["TTL"]), {**claims, "k": values["k"]})
        )
        return web.Response(status=self.status)


@asynccontextmanager
async def open_push_receiver() -> AsyncIterator[PushReceiver]:
    receiver = PushReceiver()
    async with serving(receiver.app, receiver.port):
        yield receiver
