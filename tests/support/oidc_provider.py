"""A small OpenID provider as a process of its own: `python -m tests.support.oidc_provider PORT`.

It asks nobody for a password: who logs in next is told by `POST /next`. Its tokens are as asked,
right or wrong.
"""

import asyncio
import secrets
import sys
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from time import time
from typing import Any
from urllib.parse import urlencode

from aiohttp import BasicAuth, web
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "sales-launch", "the-secret-of-the-provider"


@dataclass
class Provider:
    """Codes given out, and who logs in next."""

    issuer: str
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    next: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self.metadata)
        app.router.add_get("/keys", self.keys)
        app.router.add_get("/authorize", self.authorize)
        app.router.add_post("/token", self.token)
        app.router.add_post("/next", self.set_next)
        return app

    async def metadata(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            }
        )

    async def keys(self, _: web.Request) -> web.Response:
        return web.json_response({"keys": [self.key.as_dict(private=False)]})

    async def set_next(self, request: web.Request) -> web.Response:
        """Who logs in next: claims of the id token; `key: new` signs by a key not published."""
        self.next = await request.json()
        return web.Response(status=204)

    async def authorize(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        assert query["client_id"] == CLIENT_ID
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        answer = urlencode({"code": code, "state": query["state"]})
        raise web.HTTPFound(f"{query['redirect_uri']}?{answer}")

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self.codes.pop(str(form["code"]), None)
        given = BasicAuth.decode(request.headers["authorization"])
        if asked is None or (given.login, given.password) != (CLIENT_ID, CLIENT_SECRET):
            return web.json_response({"error": "invalid_grant"}, status=400)
        challenge = urlsafe_b64encode(sha256(str(form["code_verifier"]).encode()).digest())
        if challenge.decode().rstrip("=") != asked["code_challenge"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        if form["redirect_uri"] != asked["redirect_uri"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({"token_type": "bearer", "id_token": self._id_token(asked)})

    def _id_token(self, asked: dict[str, str]) -> str:
        told = dict(self.next)
        key = RSAKey.generate_key(2048, {"kid": "1"}) if told.pop("key", "") else self.key
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": int(time()),
            "exp": int(time()) + 300,
            "nonce": asked["nonce"],
            **told,
        }
        return jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)


async def serve(port: int) -> None:
    runner = web.AppRunner(Provider(f"http://127.0.0.1:{port}").app())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
