"""Bad callers: a clear 4xx and nothing stored; slow ones hold no connection of the database; too
many are told when to come again.
"""

import asyncio
import json
import time
import unicodedata
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import aiohttp
import asyncpg
import jwt
import orjson
import pytest
import pytest_asyncio

from services.gateway.accounts.token_keys import TokenKeys
from shared.internal_tokens import TOKEN_HEADER
from shared.tenancy import Caller
from tests.chaos.calls import Json
from tests.chaos.cluster import Cluster
from tests.chaos.conftest import NewShop
from tests.chaos.shop import Shop, rub
from tests.support.servers import UNLIMITED
from tests.support.service_client import issuer_of

CLEAR = range(400, 500)
NASTY = {
    "NUL": "a\x00b",
    "control": "a\x1b[31mb",
    "lone surrogate": "\ud800",
    "too long": "ж" * 5000,
    "empty": "",
    "a number": 5,
    "a list": [1],
    "an object": {"$ne": 1},
    "true": True,
}
UNSEEN = {"turned": "\u202eabc", "invisible": "\u200b\ufeff", "two lines": "a\nb"}
ODD = {
    "SQL": "'; DROP TABLE activity; --",
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "template": "{{7*7}} ${7*7} %s %n",
    "zalgo": "Z\u0351\u036b\u0343algo",
    "emoji": "Семья 👩‍👩‍👧 🏳️‍🌈",
    "zero width": "a\u200bb",
    "a path": "../../etc/passwd",
}
AMOUNTS: list[Any] = [
    "-1.00",
    "0.00",
    "0",
    "1e400",
    "NaN",
    "Infinity",
    "9" * 400,
    "1" + "0" * 15 + ".00",
    "1.001",
    "1,00",
    "",
    " ",
    None,
    [],
    1e308,
    10**30,
    -5,
    "0x10",
    "١٢",
]
CURRENCIES: list[Any] = ["USD", "rub", "R", "РУБ", "", None, 643, "RUB\x00"]
MOMENTS: list[Any] = [
    "9999-12-31T23:59:59Z",
    "10000-01-01T00:00:00Z",
    "0000-00-00T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-11-01T00:00:00",
    "soon",
    10**20,
    {},
]
TABLES = """
    SELECT table_name FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name = 'tenant_id' AND table_name <> 'inbox'
"""


@pytest_asyncio.fixture(scope="module")
async def shop(new_shop: NewShop) -> Shop:
    return await new_shop(2)


@pytest_asyncio.fixture(scope="module")
async def mine(shop: Shop) -> Json:
    """An activity in work of the first seller."""
    return await shop.register(by=shop.sellers[0], take=True)


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


def refused_bodies(shop: Shop, mine: Json) -> Iterator[tuple[str, str, str, Any]]:
    """Who asks, what for, where, with which body: all of them wrong."""
    path = f"/activities/{mine['id']}"
    for amount in AMOUNTS:
        yield (
            "seller",
            f"amount {amount!r:.30}",
            f"{path}/payments",
            {"amount": {"amount": amount, "currency": "RUB"}},
        )
        yield (
            "seller",
            f"invoice of {amount!r:.30}",
            f"{path}/invoices",
            {"amount": {"amount": amount, "currency": "RUB"}},
        )
    for currency in CURRENCIES:
        yield (
            "seller",
            f"currency {currency!r}",
            f"{path}/payments",
            {"amount": {"amount": "1.00", "currency": currency}},
        )
    for moment in MOMENTS:
        yield (
            "seller",
            f"moment {moment!r}",
            f"{path}/payments",
            {"amount": rub(1), "paid_at": moment},
        )
        step = {"what": "x", "due_at": moment}
        if moment != MOMENTS[0]:
            yield (
                "seller",
                f"step at {moment!r}",
                f"{path}/interactions",
                {"kind": "call", "next_step": step},
            )
    for name, unseen in UNSEEN.items():
        yield "seller", f"client {name}", "/clients", {"name": unseen, "kind": "person"}
    for name, text in NASTY.items():
        yield "seller", f"reason {name}", f"{path}/release", {"reason": text}
        yield "seller", f"client {name}", "/clients", {"name": text, "kind": "person"}
        yield (
            "seller",
            f"external id {name}",
            f"{path}/payments",
            {"amount": rub(1), "external_id": text} if text != "" else {"amount": 1},
        )
        yield "admin", f"company {name}", "/companies", {"name": text}
        yield "admin", f"source {name}", "/sources", {"name": "x", "channel": text, "kind": "cold"}
        yield (
            "admin",
            f"e-mail {name}",
            "/employees",
            {"name": "x", "email": text, "roles": ["seller"], "room_ids": []},
        )
        yield "admin", f"plan {name}", "/motivation/plans", {"name": text}
        yield (
            "seller",
            f"id {name}",
            "/vip",
            {"company_id": text, "room_id": shop.room, "client_id": mine["client"]["id"]},
        )
    deep = b'{"reason":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    for name, raw in {
        "10 MB": b'{"reason":"' + b"x" * 10_000_000 + b'"}',
        "deep": deep,
        "not JSON": b"{",
        "not UTF-8": b'{"reason":"\xff"}',
        "nothing": b"",
        "null": b"null",
        "twice": b'{"reason":"a","reason":5}',
        "huge number": b'{"reason":' + b"9" * 100_000 + b"}",
        "extra": b'{"reason":"a","admin":true}',
    }.items():
        yield "seller", f"body {name}", f"{path}/release", raw
        yield "accountant", f"adjustment {name}", "/motivation/adjustments", raw
        yield "seller", f"VIP {name}", "/vip", raw


async def test_what_is_wrong_is_a_clear_4xx_and_leaves_nothing(
    cluster: Cluster, shop: Shop, mine: Json
) -> None:
    before = await at_rest(cluster, shop)
    people = {"seller": shop.sellers[0], "admin": shop.admin, "accountant": shop.accountant}
    wrong = []
    for who, what, path, body in refused_bodies(shop, mine):
        raw = body if isinstance(body, bytes) else _raw(body)
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


def _raw(body: Any) -> bytes:
    # orjson refuses what a bad caller would send.
    return json.dumps(body).encode()


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


@pytest_asyncio.fixture
async def slow_callers(
    cluster: Cluster, shop: Shop, mine: Json
) -> AsyncIterator[list[asyncio.StreamReader]]:
    """A hundred half requests at each gateway and service, and nobody who goes on with them."""
    writers, readers = [], []
    urls = [replica.service.url for replica in cluster.replicas]
    for url in urls:
        where = urlsplit(url)
        for number in range(100):
            reader, writer = await asyncio.open_connection(where.hostname, where.port)
            head = (
                f"POST /api/v1/activities/{mine['id']}/payments HTTP/1.1\r\nhost:"
                f" x\r\nauthorization: Bearer {shop.sellers[0].token}\r\n"
            )
            body = (
                "content-type: application/json\r\ncontent-length: 100\r\n\r\n{"
                if number % 2
                else ""
            )
            writer.write((head + body).encode())
            writers.append(writer)
            readers.append(reader)
    yield readers
    for writer in writers:
        writer.transport.abort()


async def test_slow_callers_hold_no_connection_of_the_database(
    cluster: Cluster, shop: Shop, slow_callers: list[asyncio.StreamReader]
) -> None:
    database: Any = await asyncpg.connect(cluster.installation.postgres_url)
    try:
        await asyncio.sleep(1)
        busy = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE $1 AND state LIKE 'idle in"
            " transaction%'"
        )
        held = []
        for _ in range(10):
            await asyncio.sleep(0.1)
            held.append(await database.fetchval(busy, cluster.installation.namespace + "%"))
        assert min(held) == 0, held
        started = time.monotonic()
        calls = await asyncio.gather(
            *(shop.register(by=seller, take=True) for seller in shop.sellers * 8)
        )
        assert len(calls) == 16 and time.monotonic() - started < 10
    finally:
        await database.close()


async def test_a_rate_limited_caller_learns_when_to_retry_and_others_go_on(
    cluster: Cluster, shop: Shop
) -> None:
    replica = cluster.of("gateway")[0]
    replica.service.kill()
    replica.service.environment["SALES_CALLER_UNITS_PER_SECOND"] = "5"
    await cluster.mend()
    greedy, modest = shop.sellers
    try:
        async with aiohttp.ClientSession(replica.service.url) as http:

            async def knock(token: str) -> tuple[int, str | None, Any]:
                async with http.get(
                    "/api/v1/me", headers={"authorization": f"Bearer {token}"}
                ) as response:
                    return (
                        response.status,
                        response.headers.get("retry-after"),
                        await response.json(),
                    )

            answers = await asyncio.gather(*(knock(greedy.token) for _ in range(40)))
            assert {status for status, _, _ in answers} == {200, 429}
            late = [(after, body) for status, after, body in answers if status == 429]
            assert all(
                body["code"] == "rate_limited" and after == str(body["retry_after_seconds"])
                for after, body in late
            )
            assert (await knock(modest.token))[0] == 200
            await asyncio.sleep(max(int(after or 0) for after, _ in late))
            assert (await knock(greedy.token))[0] == 200
    finally:
        replica.service.kill()
        replica.service.environment |= UNLIMITED
        await cluster.mend()
