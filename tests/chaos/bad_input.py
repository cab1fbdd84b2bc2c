"""What callers should not send: texts, sums, moments, whole bodies."""

import json
from collections.abc import Iterator
from typing import Any

from tests.chaos.calls import Json
from tests.chaos.shop import Shop, rub

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


def raw_body(body: Any) -> bytes:
    # orjson refuses what a bad caller would send.
    return json.dumps(body).encode()
