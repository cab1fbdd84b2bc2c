"""Bad callers: a clear 4xx and nothing stored; slow ones hold no connection of the database; too
many are told when to come again.
"""

import asyncio
import time
import unicodedata
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
import jwt
import orjson
import pytest

from services.gateway.accounts.token_keys import TokenKeys
from shared.internal_tokens import TOKEN_HEADER
from shared.tenancy import Caller
from tests.chaos.bad_input import CLEAR, ODD, raw_body, refused_bodies
from tests.chaos.calls import Json
from tests.chaos.cluster import Cluster
from tests.chaos.shop import Shop, rub
from tests.support.service_client import issuer_of

TABLES = """
    SELECT table_name FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name = 'tenant_id' AND table_name <> 'inbox'
"""


async def stored(cluster: Cluster, shop: Shop) -> Json:
    """How many rows each service's tables hold of the tenant, but for the audit: that notes who was
    refused what.
    """
    found: Json = {}
    for name in ("activities", "vip", "motivation", "gateway"):
        database = await asyncpg.connect(cluster.installation.admin_url(name))
        tables = [row["table_name"] for row in await database.fetch(TABLES)]
        for table in set(tables) - {"audit_entry"}:
            rows = f'SELECT count(*) FROM "{table}" WHERE tenant_id = $1'
            found[f"{name}.{table}"] = await database.fetchval(rows, UUID(shop.tenant))
        await database.close()
    return found


async def at_rest(cluster: Cluster, shop: Shop) -> Json:
    """As `stored`, once what the tenant's own beginning had to say has arrived everywhere."""
    before = await stored(cluster, shop)
    for _ in range(30):
        await asyncio.sleep(2)
        now = await stored(cluster, shop)
        if now == before:
            return now
        before = now
    raise AssertionError("events still flow after a minute")


async def test_what_is_wrong_is_a_clear_4xx_and_leaves_nothing(
    cluster: Cluster, shop: Shop, mine: Json
) -> None:
    before = await at_rest(cluster, shop)
    people = {"seller": shop.sellers[0], "admin": shop.admin, "accountant": shop.accountant}
    wrong = []
    for who, what, path, body in refused_bodies(shop, mine):
        raw = body if isinstance(body, bytes) else raw_body(body)
        try:
            status, response = await shop.gateways.request_once(
                "POST", "/api/v1" + path, people[who].token, raw
            )
        except aiohttp.ClientError as dropped:
            # The door may close on a body beyond every measure while it is still being sent.
            assert "10 MB" in what, f"{what}: {dropped!r}"
            continue
        if (
            status not in CLEAR
            or not isinstance(response, dict)
            or not {"code", "title", "status", "detail"} <= response.keys()
        ):
            wrong.append(f"{what}: {status} {response!s:.200}")
    assert not wrong, "\n".join(wrong)
    assert await stored(cluster, shop) == before


@pytest.mark.parametrize("what", list(ODD))
async def test_odd_text_is_text_in_every_field(what: str, shop: Shop) -> None:
    text, seller = ODD[what], shop.sellers[0]
    client = await seller.must("client", "/clients", {"name": text, "kind": "person"})
    activity = await seller.must(
        "register", "/activities", {**shop.order(client_id=client["id"], take=True), "note": text}
    )
    path = f"/activities/{activity['id']}"
    step = {"what": text, "due_at": "2027-01-01T10:00:00Z"}
    await seller.must(
        "interact", f"{path}/interactions", {"kind": "call", "note": text, "next_step": step}
    )
    await seller.must("invoice", f"{path}/invoices", {"amount": rub(5), "number": text})
    await seller.must("pay", f"{path}/payments", {"amount": rub(1), "external_id": text})
    await seller.must(
        "refund", f"{path}/refunds", {"amount": rub(1), "external_id": text, "reason": text}
    )
    await seller.must("lose", f"{path}/lose", {"reason": text})
    seen = await seller.get(path)
    line = unicodedata.normalize("NFC", text).replace("\u200b", "")
    assert (seen["client"]["name"], seen["note"], seen["lost_reason"]) == (line, text, line)
    found = await seller.get("/clients?q=" + "".join(f"%{byte:02x}" for byte in text.encode()))
    assert client["id"] in [one["id"] for one in found["items"]]


async def test_nobody_passes_with_a_token_that_is_not_ours(
    cluster: Cluster, shop: Shop, mine: Json
) -> None:
    seller, secrets = shop.sellers[0], cluster.installation.secrets
    kid, key = TokenKeys(secrets.token_secret, 900).signing(0.0)
    claims = jwt.decode(seller.token, options={"verify_signature": False})
    good = {"alg": "HS256", "typ": "JWT"}

    def unsigned(algorithm: str) -> str:
        parts = [
            jwt.utils.base64url_encode(orjson.dumps(part)).decode()
            for part in ({**good, "alg": algorithm}, claims)
        ]
        return ".".join([*parts, ""])

    def signed(secret: bytes | str = key, algorithm: str = "HS256", **differently: Any) -> str:
        payload = {
            name: value for name, value in {**claims, **differently}.items() if value is not None
        }
        return jwt.encode(payload, secret, algorithm=algorithm, headers={"kid": kid})

    admin = Caller(claims["ten"], claims["sub"], frozenset({"admin"}))
    internal = issuer_of(cluster.installation).headers(admin, "activities", "GET", "/api/v1/me")
    tokens = {
        "expired": signed(exp=int(time.time()) - 1),
        "never expires": signed(exp=None),
        "forged": signed("x" * 64),
        "changed": seller.token[:-4] + ("AAAA" if seller.token[-4:] != "AAAA" else "BBBB"),
        "HS512": signed(algorithm="HS512"),
        "none": unsigned("none"),
        "None": unsigned("None"),
        "RS256 without a key": unsigned("RS256"),
        "another audience": signed(aud="sales-internal"),
        "another issuer": signed(iss="elsewhere"),
        "of nobody": signed(sub=str(UUID(int=1))),
        "another tenant's": signed(ten=str(UUID(int=1))),
        "a list": signed(sub=[1]),
        "internal": internal[TOKEN_HEADER],
        "long": "a." * 4000,
        "an API key of nobody": "sk_x_y_z",
        "empty": "",
    }
    wrong = []
    for what, token in tokens.items():
        status, response = await shop.gateways.request_once(
            "POST", f"/api/v1/activities/{mine['id']}/payments", token, {"amount": rub(1)}
        )
        if status != 401 or response.get("code") != "unauthenticated":
            wrong.append(f"{what}: {status} {response!s:.200}")
    assert not wrong, "\n".join(wrong)
    # Nor past the door with a header of the inside, nor at a service without one.
    status, _ = await shop.gateways.request_once("GET", "/api/v1/me", "", None, **internal)
    assert status == 401
    async with aiohttp.ClientSession() as http:
        for name in ("activities", "vip", "motivation"):
            url = cluster.of(name)[0].service.url
            path = "/api/v1/rooms" if name == "activities" else "/internal/snapshots"
            for token in (
                seller.token,
                tokens["none"],
                tokens["internal"],
                "",
            ):
                async with http.post(url + path, headers={TOKEN_HEADER: token}) as response:
                    assert response.status == 401, (name, token, await response.text())
