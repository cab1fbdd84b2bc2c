"""Who is calling: internal tokens that nobody else can make, and what a caller may see."""

from time import time
from typing import Any
from uuid import UUID

import jwt
import pytest
import time_machine

from shared.errors import Forbidden, NotFound, Unauthenticated
from shared.ids import EmployeeId, RoomId, TenantId, new_id
from shared.tenancy import TOKEN_SECONDS, Caller, TokenReader, mint

SECRET = "0123456789abcdef0123456789abcdef"
ROOM = RoomId(new_id())


def a_caller(*roles: str, rooms: tuple[RoomId, ...] = (ROOM,)) -> Caller:
    return Caller(TenantId(new_id()), EmployeeId(new_id()), frozenset(roles), frozenset(rooms))


def claims(**differently: Any) -> dict[str, Any]:
    about = {
        "aud": "sales-internal",
        "exp": int(time()) + 60,
        "ten": str(new_id()),
        "sub": str(new_id()),
        "rol": [],
        "roo": [],
        "ope": False,
    }
    return {name: value for name, value in {**about, **differently}.items() if value is not None}


def refused(token: str) -> bool:
    with pytest.raises(Unauthenticated):
        TokenReader(SECRET).read(token)
    return True


def test_a_token_says_who_calls() -> None:
    caller = a_caller("seller", "head")
    assert TokenReader(SECRET).read(mint(caller, SECRET, time())) == caller
    operator = Caller(caller.tenant_id, caller.employee_id, operator=True)
    assert TokenReader(SECRET).read(mint(operator, SECRET, time())).operator


@pytest.mark.parametrize("secret", ["f" * 32, SECRET[:-1] + "0", SECRET + "0"])
def test_a_token_of_another_secret_is_refused(secret: str) -> None:
    assert refused(mint(a_caller("admin"), secret, time()))


@pytest.mark.filterwarnings("ignore:The HMAC key")
@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_algorithm_with_our_secret_is_refused(algorithm: str) -> None:
    assert refused(jwt.encode(claims(), SECRET, algorithm=algorithm))


def test_an_unsigned_token_is_refused() -> None:
    assert refused(jwt.encode(claims(rol=["admin"]), "", algorithm="none"))
    header, _, _ = jwt.encode({}, "", algorithm="none").partition(".")
    body, signature = mint(a_caller("admin"), SECRET, time()).split(".")[1:]
    assert refused(f"{header}.{body}.{signature}") and refused(f"{header}.{body}.")


def test_a_token_with_another_body_is_refused() -> None:
    head, _, signature = mint(a_caller("seller"), SECRET, time()).split(".")
    body = jwt.encode(claims(rol=["admin"]), "x" * 32).split(".")[1]
    assert refused(f"{head}.{body}.{signature}")


@pytest.mark.parametrize(
    "differently",
    [
        *(
            {"aud": "sales-people"},
            {"aud": None},
            {"exp": None},
            {"exp": 1},
            {"ten": None},
            {"sub": None},
            {"ten": "x"},
            {"ten": 5},
        ),
        *({"rol": None}, {"roo": None}, {"roo": ["x"]}, {"roo": [5]}, {"rol": 5}, {"ope": None}),
    ],
)
def test_a_token_that_lacks_something_is_refused_though_signed(differently: dict[str, Any]) -> None:
    assert refused(jwt.encode(claims(**differently), SECRET))


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "\x00", "я.я.я", "e30.e30.e30", "x" * 10_000]
)
def test_garbage_is_refused(token: str) -> None:
    assert refused(token)


@pytest.mark.parametrize(
    ("seconds", "valid"), [(0, True), (TOKEN_SECONDS - 1, True), (TOKEN_SECONDS + 1, False)]
)
def test_a_token_expires_also_where_it_is_remembered(seconds: int, valid: bool) -> None:
    reader = TokenReader(SECRET)
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        token = mint(a_caller("seller"), SECRET, time())
        reader.read(token)
        clock.shift(seconds)
        if valid:
            reader.read(token)
        else:
            with pytest.raises(Unauthenticated):
                reader.read(token)


def test_what_is_remembered_is_bounded_and_forgetting_refuses_nobody() -> None:
    reader = TokenReader(SECRET, remember=3)
    tokens = [mint(a_caller("seller"), SECRET, time()) for _ in range(10)]
    assert [reader.read(token).roles for token in tokens * 2] == [frozenset({"seller"})] * 20
    assert len(reader._verified) <= 3


@pytest.mark.parametrize(
    ("roles", "sees"),
    [
        (("seller",), False),
        (("head",), False),
        (("admin",), True),
        (("accountant",), True),
        (("marketer", "seller"), True),
    ],
)
def test_sellers_and_heads_see_their_own_rooms_only(roles: tuple[str, ...], sees: bool) -> None:
    caller, other = a_caller(*roles), UUID(int=7)
    assert (caller.sees_room(ROOM), caller.sees_room(other)) == (True, sees)
    assert caller.rooms() == (None if sees else [ROOM])
    assert caller.rooms(ROOM) == [ROOM]
    if not sees:
        with pytest.raises(NotFound):
            caller.rooms(other)


def test_who_works_nowhere_sees_nothing_rather_than_everything() -> None:
    assert a_caller("seller", rooms=()).rooms() == []


def test_a_role_is_required() -> None:
    a_caller("head").require("head", "admin")
    with pytest.raises(Forbidden):
        a_caller("seller").require("head", "admin")
