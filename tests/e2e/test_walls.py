"""Nobody sees another tenant, and a seller only the rooms that they work in: every operation of the
API is tried.
"""

import asyncio

import pytest
import pytest_asyncio
from yarl import URL

from tests.e2e.belongings import SAME, Belongings
from tests.e2e.conftest import Product
from tests.e2e.foreign_ids import ask, choices, everything, leaks, permitted, without_what_is_new
from tests.e2e.operations import Operation, Request, operations
from tests.e2e.strangers import head_of_back, neighbours, stranger, theirs
from tests.support.client import ApiClient, User

__all__ = ["head_of_back", "neighbours", "stranger", "theirs"]

ROLES = ("admin", "head", "anna", "accountant", "marketer")
OPERATORS = {"POST /api/v1/tenants", "POST /api/v1/tenants/{tenant_id}/admin"}
"""Under the operator's key, which no tenant has."""
ECHOES = {"GET /api/v1/audit", "GET /api/v1/audit/export"}
"""Tell an admin which ids their own people have sent."""

OF_THE_CALLER_ALONE = {
    "DELETE /api/v1/me/sessions",
    "POST /api/v1/me/password",
    "POST /api/v1/me/second-factor",
    "POST /api/v1/me/second-factor/confirmation",
    "POST /api/v1/me/second-factor/removal",
    "GET /api/v1/security/oidc",
    "PUT /api/v1/security/oidc",
    "DELETE /api/v1/security/oidc",
}
"""Name nobody, and would change how whoever tries the other operations logs in."""

DEPARTURES = (
    "POST /api/v1/employees/{employee_id}/move",
    "POST /api/v1/employees/{employee_id}/dismiss",
)
"""Come last, the admin's after the others': who was dismissed can try nothing more."""


@pytest_asyncio.fixture(scope="module")
async def closed(gateway: ApiClient) -> list[Operation]:
    """Every operation that needs a caller."""
    document = (await gateway.call("GET", "//openapi.json")).body
    found = [
        each for each in operations(document) if not each.is_open and each.name not in OPERATORS
    ]
    assert len(found) > 50
    return found


@pytest.fixture(scope="module")
def doors(closed: list[Operation]) -> list[Operation]:
    """Those by which one may reach what is another's."""
    return [each for each in closed if each.name not in OF_THE_CALLER_ALONE]


@pytest.mark.timeout(300)
async def test_no_operation_shows_or_changes_anything_of_another_tenant(
    gateway: ApiClient, doors: list[Operation], theirs: Belongings, stranger: Belongings
) -> None:
    before = await everything(theirs.office)
    callers = {role: stranger.office.people[role] for role in ROLES}
    wrong: list[str] = []

    async def attempt(
        operation: Operation, where: str, request: Request, role: str, caller: User
    ) -> None:
        status, text = await ask(gateway, caller.token, request)
        sent = theirs.ids.values() if operation.name in ECHOES else ()
        leaked = leaks(theirs.secrets.difference(sent), text)
        done = status < 400 and request.method != "GET" and bool(operation.places)
        if status >= 500 or status == 401 or leaked or done:
            wrong.append(
                f"{operation.name} as {role}, their id {where}: {status} {leaked} {text[:200]}"
            )

    for operation in doors:
        tries = [
            (where, request, role)
            for where, request in choices(operation, theirs, stranger)
            for role in callers
        ]
        await asyncio.gather(
            *(
                attempt(operation, where, request, role, callers[role])
                for where, request, role in tries
            )
        )
    assert not wrong, "\n".join(wrong)
    assert await everything(theirs.office) == before


@pytest.mark.timeout(300)
async def test_no_operation_shows_or_changes_anything_of_a_room_that_is_not_theirs(
    gateway: ApiClient,
    doors: list[Operation],
    theirs: Belongings,
    neighbours: Belongings,
    head_of_back: User,
) -> None:
    """Each foreign id also alone in its place, among ids of the caller's own room."""
    before = await everything(theirs.office)
    office = theirs.office
    # Companies with their fields, products, sources and reasons of loss are the whole tenant's.
    shared = {*office.products.values(), *office.sources.values(), *office.companies.values()}
    shared |= {theirs.ids[name] for name in ("loss_reason_id", "custom_field_id", "choice_id")}
    own = {
        office.tenant_id,
        office.rooms["back"],
        office.vera.username,
        office.people["gleb"].username,
        head_of_back.username,
        *neighbours.ids.values(),
    }
    secrets = theirs.secrets - shared - own
    wrong: list[str] = []

    async def attempt(where: str, operation: Operation, request: Request, caller: User) -> None:
        status, text = await ask(gateway, caller.token, request)
        places = operation.places if where == "everywhere" else [where]
        foreign = {SAME.get(place, place) for place in places}
        leaked = leaks(secrets, text)
        done = (
            status < 400
            and operation.method != "GET"
            and not theirs.of_the_room.isdisjoint(foreign)
        )
        if status >= 500 or status == 401 or leaked or done:
            wrong.append(f"{operation.name}, their id {where}: {status} {leaked} {text[:200]}")

    for operation in doors:
        for where, request in choices(operation, theirs, neighbours):
            if where == "everywhere" or SAME.get(where, where) in theirs.of_the_room:
                await asyncio.gather(
                    *(
                        attempt(where, operation, request, caller)
                        for caller in (office.vera, head_of_back)
                    )
                )
    assert not wrong, "\n".join(wrong)
    assert without_what_is_new(before, await everything(office)) == before


@pytest.mark.parametrize("token", ["", "guessed", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."])
async def test_no_operation_works_without_a_valid_token(
    gateway: ApiClient, closed: list[Operation], theirs: Belongings, token: str
) -> None:
    answers = {
        each.name: (await ask(gateway, token, each.request(theirs.id)))[0] for each in closed
    }
    assert {name: status for name, status in answers.items() if status != 401} == {}


@pytest.mark.parametrize(
    "way",
    [
        "",
        "/api/v1",
        "/api/v1/activities/../../..",
        "/api/v1/rooms/%2e%2e/%2e%2e/%2e%2e",
        "/api/v1/vip/..%2f..%2f..",
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        "/internal/snapshots",
        "/internal/snapshots/client/{client_id}",
        "/metrics/../internal/snapshots",
    ],
)
async def test_what_services_say_to_each_other_is_not_reached_through_the_gateway(
    gateway: ApiClient, product: Product, theirs: Belongings, way: str, path: str
) -> None:
    url = URL(product.url + way + path.format(**theirs.ids), encoded=True)
    for method in ("GET", "POST"):
        headers = {
            "Authorization": f"Bearer {theirs.office.admin.token}",
            "x-internal-token": theirs.office.admin.token,
        }
        async with gateway.http.request(
            method, url, headers=headers, json=None if method == "GET" else {}
        ) as answer:
            assert answer.status in (401, 403, 404, 405), await answer.text()


async def test_tenants_are_provisioned_under_the_operators_key_alone(
    gateway: ApiClient, theirs: Belongings
) -> None:
    for person in theirs.office.people.values():
        body = {"name": "Чужой", "time_zone": "Europe/Moscow", "currency": "RUB"}
        body_with_admin = body | {
            "admin": {"name": "Админ", "email": "mallory@walls.example", "password": "too short"}
        }
        assert (
            await gateway.call("POST", "/tenants", person.token, json=body_with_admin)
        ).status == 401


@pytest.mark.timeout(300)
async def test_the_same_requests_reach_their_rules_from_their_own_people(
    gateway: ApiClient, doors: list[Operation], theirs: Belongings
) -> None:
    """Otherwise the walls would be proved by requests that nobody can make.

    Changes what is theirs, so it comes last.
    """
    callers = {role: theirs.office.people[role] for role in ROLES}
    refused, wrong = [], []
    for operation in sorted(
        doors,
        key=lambda each: (
            each.name in DEPARTURES and DEPARTURES.index(each.name) + 1,
            ("GET", "POST", "PUT", "PATCH", "DELETE").index(each.method),
        ),
    ):
        answers = {
            role: await ask(gateway, caller.token, operation.request(theirs.id))
            for role, caller in sorted(callers.items(), key=lambda item: item[0] == "admin")
        }
        wrong += [
            f"{operation.name} as {role}: {status} {text[:200]}"
            for role, (status, text) in answers.items()
            if (status == 403 and '"roles"' in text) is permitted(operation, role)
        ]
        if not any(status < 400 or status == 409 for status, _ in answers.values()):
            refused.append(f"{operation.name}: {answers}")
    assert not refused, "\n".join(refused)
    assert not wrong, "\n".join(wrong)
