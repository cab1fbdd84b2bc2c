"""The gateway's pure rules."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.accounts.scopes import SCOPES, reaches, roles_of
from services.gateway.domain.bucket import Bucket
from services.gateway.domain.cooldown import ready_at
from services.gateway.domain.waiting import Tries, wait_after
from services.gateway.edge.admission import is_open
from services.gateway.edge.openapi import merged
from services.gateway.live.audience import Change, concerns, order
from shared.ids import EmployeeId, RoomId, TenantId
from shared.tenancy import Caller

ROOM = UUID(int=1)
ME, OTHER = UUID(int=2), UUID(int=3)
WHEN = "2026-11-20T12:00:00Z"


@pytest.mark.parametrize(
    ("wrong", "seconds"),
    [(0, 0), (1, 0), (4, 0), (5, 5), (6, 10), (7, 20), (8, 40), (10, 160), (11, 300), (500, 300)],
)
def test_every_wrong_try_after_the_fifth_waits_longer(wrong: int, seconds: int) -> None:
    assert wait_after(wrong, free=5) == seconds


def test_tries_are_forgotten_after_their_window() -> None:
    tries = Tries()
    for _ in range(5):
        tries = tries.after_wrong(free=5, now=1000)
    assert (tries.wait(1000), tries.wait(1004.2), tries.wait(1005)) == (5, 1, 0)
    assert tries.after_wrong(free=5, now=1299).wrong == 6
    assert tries.after_wrong(free=5, now=1300).wrong == 1


@given(st.lists(st.floats(0, 1), max_size=200), st.floats(1, 50))
def test_a_bucket_lets_no_more_through_than_its_rate_and_one_burst(
    pauses: list[float], rate: float
) -> None:
    now, bucket, passed = 0.0, Bucket.full(rate, 0.0), 0
    for pause in pauses:
        now += pause
        passed += bucket.take(now) == 0
    assert passed <= rate + rate * now + 1e-6


def test_a_bucket_says_when_to_come_again() -> None:
    bucket = Bucket.full(2, 0.0)
    assert [bucket.take(0.0) for _ in range(2)] == [0, 0]
    assert bucket.take(0.0) == pytest.approx(0.5)
    assert bucket.take(0.25) == pytest.approx(0.25)
    assert bucket.take(0.5) == 0


@pytest.mark.parametrize(
    ("scope", "method", "path", "open_"),
    [
        ("inbound", "POST", "/api/v1/inbound/requests", True),
        ("inbound", "GET", "/api/v1/inbound/requests", False),
        ("payroll", "GET", "/api/v1/motivation/statement", True),
        ("payroll", "POST", "/api/v1/motivation/adjustments", False),
        ("payroll", "GET", "/api/v1/clients", False),
        ("bi", "GET", "/api/v1/events", True),
        ("bi", "GET", "/api/v1/motivation/statement", False),
    ],
)
def test_a_key_reaches_what_its_scopes_name(
    scope: str, method: str, path: str, open_: bool
) -> None:
    assert reaches(frozenset({scope}), method, path) is open_


def test_no_scope_makes_an_admin() -> None:
    assert "admin" not in roles_of(frozenset(SCOPES))


@pytest.mark.parametrize(
    ("path", "open_"),
    [
        ("/api/v1/auth/token", True),
        ("/api/v1/tenants", True),
        ("/openapi.json", True),
        ("/metrics", True),
        ("/api/v1/authors", False),
        ("/api/v1/tenants/1", False),
        ("/internal/snapshots", False),
        ("/", True),
        ("/metrics/", False),
    ],
)
def test_what_is_not_stated_open_is_closed(path: str, open_: bool) -> None:
    assert is_open(path) is open_


def caller(*roles: str, rooms: tuple[UUID, ...] = ()) -> Caller:
    return Caller(
        TenantId(UUID(int=9)),
        EmployeeId(ME),
        frozenset(roles),
        frozenset(RoomId(room) for room in rooms),
    )


def change(audience: str, room: UUID | None = ROOM, whom: tuple[UUID, ...] = ()) -> Change:
    return Change(
        "1-0", "x", str(uuid4()), 1, str(room or ""), audience, frozenset(str(who) for who in whom)
    )


@pytest.mark.parametrize(
    ("told", "who", "handles"),
    [
        (change("room"), caller("seller", rooms=(ROOM,)), True),
        (change("room"), caller("seller"), False),
        (change("room"), caller("admin"), True),
        (change("holder", whom=(ME,)), caller("seller", rooms=(ROOM,)), True),
        (change("holder", whom=(OTHER,)), caller("seller", rooms=(ROOM,)), False),
        (change("holder", whom=(OTHER,)), caller("head", rooms=(ROOM,)), True),
        (change("holder", whom=(OTHER,)), caller("head"), False),
        (change("pay", None, (ME,)), caller("seller"), True),
        (change("pay", None, (OTHER,)), caller("head", rooms=(ROOM,)), False),
        (change("pay", None, (OTHER,)), caller("accountant"), True),
        (change("staff", None, (OTHER,)), caller("seller"), False),
        (change("tenant", None), caller("seller"), True),
        (change("something new"), caller("admin"), False),
    ],
)
def test_changes_reach_those_whom_they_concern(told: Change, who: Caller, handles: bool) -> None:
    assert concerns(told, who) is handles


def test_who_asks_for_one_room_hears_of_that_room() -> None:
    assert concerns(change("room"), caller("admin"), {ROOM})
    assert not concerns(change("room"), caller("admin"), {OTHER})


@pytest.mark.parametrize(("earlier", "later"), [("9-0", "10-0"), ("5-9", "5-10"), ("0", "0-1")])
def test_changes_are_ordered_by_number_not_by_letter(earlier: str, later: str) -> None:
    assert order(earlier) < order(later)


def service_document(schema: dict[str, Any]) -> dict[str, Any]:
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/View"}}}}
    return {
        "paths": {"/api/v1/a": {"get": {"responses": {"200": answer}}}, "/internal/b": {}},
        "components": {"schemas": {"View": schema}},
    }


def test_components_that_differ_keep_their_own_names() -> None:
    one, two = service_document({"type": "string"}), service_document({"type": "integer"})
    two["paths"] = {"/api/v1/c": two["paths"]["/api/v1/a"]}
    document = merged(
        {"openapi": "3.1.0", "info": {}, "paths": {}}, {"activities": one, "vip": two}
    )
    assert document["components"]["schemas"]["View"] == {"type": "string"}
    assert document["components"]["schemas"]["VipView"] == {"type": "integer"}
    assert "/internal/b" not in document["paths"]
    told = document["paths"]["/api/v1/c"]["get"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]
    assert told == {"$ref": "#/components/schemas/VipView"}
    assert orjson.dumps(document)


def test_a_slow_bucket_holds_one_request() -> None:
    bucket = Bucket.full(0.5, 0.0)
    assert bucket.level == 1
    assert bucket.take(0.0) == 0
    assert bucket.take(100.0) == 0
    assert bucket.take(100.0) == pytest.approx(2)


def test_a_seller_takes_again_after_the_cooldown_of_the_room() -> None:
    taken_at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    milliseconds = int(taken_at.timestamp() * 1000) + 250
    assert ready_at(milliseconds, {"retake_cooldown_seconds": "60"}) == taken_at + timedelta(
        seconds=60, milliseconds=250
    )
