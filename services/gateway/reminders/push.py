"""Web push (RFC 8030, 8291, 8292): encrypted to the browser, signed by our key.

The topic of a message is the notification's: one that is sent again takes the place of the first
while that has not been delivered, and its browser shows one of them. Addresses come from people's
browsers: nothing of ours is reached by them.
"""

from asyncio import gather
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Mapping
from ipaddress import ip_address
from time import time
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import aiohttp
import orjson
import structlog
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from pywebpush import WebPusher

from services.gateway.accounts.oidc_client import PublicResolver, is_public
from services.gateway.reminders.channels import ChannelFault
from services.gateway.reminders.texts import Message
from services.gateway.storage import push_subscriptions
from shared.db import Database, Tx
from shared.errors import Unavailable
from shared.ids import TenantId
from shared.vocabulary import NotificationChannel

log = structlog.get_logger()
TTL_SECONDS = 12 * 3_600
"""How long a push service keeps a message for a browser that is away."""
_SIGNED_SECONDS = 3_600
_SECONDS = 10
_GONE = frozenset({404, 410})
_ORDER = int("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)
"""Of P-256: private keys lie below it."""
_POINT_BYTES, _AUTH_BYTES = 65, 16


class VapidKey:
    """Our key for push services, made from a secret of 256 bits in hexadecimal or any text;
    `subject` is where they reach us, as `mailto:`.
    """

    def __init__(self, secret: str, subject: str) -> None:
        number = int.from_bytes(secret.encode(), "big") % (_ORDER - 1) + 1
        private_key = ec.derive_private_key(number, ec.SECP256R1())
        self._vapid, self._subject = Vapid02(private_key=private_key), subject
        point = private_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public = urlsafe_b64encode(point).decode().rstrip("=")

    def headers(self, endpoint: str) -> dict[str, str]:
        """What tells the push service at `endpoint` that it is us."""
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int(time()) + _SIGNED_SECONDS,
            "sub": self._subject,
        }
        return dict(self._vapid.sign(claims))


def is_endpoint(address: str, insecure: bool = False) -> bool:
    """Whether messages may be pushed to an address: over TLS, to a name on the internet; with
    `insecure` anywhere, for a push service beside us in tests.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    if insecure:
        return bool(host)
    if parts.scheme != "https" or parts.username is not None or port not in (None, 443):
        return False
    try:
        return is_public(str(ip_address(host)))
    except ValueError:
        return "." in host.strip(".")


def are_keys(p256dh: str, auth: str) -> bool:
    """Whether they are a browser's: a point of P-256 and a secret of 16 bytes, in base64url."""
    try:
        point, secret = _decoded(p256dh), _decoded(auth)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return False
    return len(point) == _POINT_BYTES and len(secret) == _AUTH_BYTES


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


class PushChannel:
    """Messages to the browsers that people subscribed."""

    name: NotificationChannel = "push"

    def __init__(self, database: Database, key: VapidKey, insecure: bool) -> None:
        self._database, self._key, self._insecure = database, key, insecure
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        resolver = None if self._insecure else PublicResolver()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=20, resolver=resolver),
            timeout=aiohttp.ClientTimeout(total=_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def addresses(self, tx: Tx, people: Collection[UUID]) -> Mapping[UUID, Any]:
        return await push_subscriptions.of_people(tx, people)

    async def send(self, address: Any, message: Message) -> None:
        """To all browsers of a person; it is sent where one of them gets it."""
        outcomes = await gather(*(self._push(browser, message) for browser in address))
        if "sent" in outcomes:
            return
        if "unavailable" in outcomes:
            raise Unavailable("push")
        raise ChannelFault("gone" if set(outcomes) == {"gone"} else "refused")

    async def _push(self, browser: Any, message: Message) -> str:
        """How it went; a browser that the push service knows no more is forgotten."""
        endpoint = browser["endpoint"]
        if not is_endpoint(endpoint, self._insecure):
            return "refused"
        try:
            status = await self._post(endpoint, browser, message)
        except (aiohttp.ClientError, TimeoutError, OSError) as failure:
            log.info("push_retried", reason=type(failure).__name__)
            return "unavailable"
        if status in _GONE:
            tenant_id = TenantId(browser["tenant_id"])
            async with self._database.begin_for(tenant_id) as tx:
                await push_subscriptions.remove(tx, browser["employee_id"], browser["id"])
            return "gone"
        if status == 429 or status >= 500:
            return "unavailable"
        return "sent" if status < 300 else "refused"

    async def _post(self, endpoint: str, browser: Any, message: Message) -> int:
        assert self._session
        keys = {"p256dh": browser["p256dh"], "auth": browser["auth"]}
        content = orjson.dumps(
            {
                "id": message.id,
                "kind": message.kind,
                "title": message.subject,
                "url": message.link,
            }
        )
        encrypted = WebPusher({"endpoint": endpoint, "keys": keys}).encode(content)
        headers = {
            **self._key.headers(endpoint),
            "Content-Encoding": "aes128gcm",
            "TTL": str(TTL_SECONDS),
            # 32 characters, the most that a topic may have.
            "Topic": UUID(message.id).hex,
            "Urgency": "normal",
        }
        async with self._session.post(
            endpoint, data=encrypted["body"], headers=headers, allow_redirects=False
        ) as response:
            return response.status
