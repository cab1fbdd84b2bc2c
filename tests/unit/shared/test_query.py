"""The parameters that a route declares, however it does."""

from typing import Annotated
from uuid import UUID

import pytest
from fastapi import APIRouter, Depends, FastAPI, Query
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from pydantic import BaseModel

from shared.web import problems
from shared.web.query import MOST_PARAMETERS, declared_by, only_declared, parameters


class Filters(BaseModel):
    room_id: UUID | None = None
    limit: int = 5


def ordered(order: str = "name") -> str:
    return order


router = APIRouter()


@router.get("/one/{thing_id}")
async def one(thing_id: int, q: Annotated[str, Query(alias="search")] = "") -> str:
    return q


@router.get("/by-model")
async def by_model(
    filters: Annotated[Filters, Query()], order: Annotated[str, Depends(ordered)]
) -> int:
    return filters.limit


@router.get("/many")
async def many(room_id: Annotated[list[UUID], Query(max_length=3)] = []) -> int:  # noqa: B006
    return len(room_id)


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/one/{thing_id}", {"search"}),
        ("/by-model", {"room_id", "limit", "order"}),
        ("/many", {"room_id"}),
    ],
)
def test_a_routes_parameters_are_those_that_it_declares(path: str, names: set[str]) -> None:
    (route,) = [
        route for route in router.routes if isinstance(route, APIRoute) and route.path == path
    ]
    assert declared_by(route) == names


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/one/1?search=a", 200),
        ("/one/1?q=a", 422),
        ("/by-model?limit=7&order=a", 200),
        ("/by-model?limit=7&page=2", 422),
        ("/many?" + "&".join(f"room_id={UUID(int=number)}" for number in range(3)), 200),
        ("/many?" + "&".join(f"room_id={UUID(int=number)}" for number in range(4)), 422),
        ("/many?" + "&".join(f"room_id={UUID(int=1)}" for _ in range(MOST_PARAMETERS + 1)), 422),
    ],
)
def test_only_declared_parameters_pass(target: str, status: int) -> None:
    app = FastAPI(dependencies=[Depends(only_declared)])
    app.include_router(router)
    problems.install(app)
    response = TestClient(app).get(target)
    assert response.status_code == status, response.text


def test_each_unknown_name_is_told_once() -> None:
    with pytest.raises(RequestValidationError) as refused:
        parameters("a=1&b=2&a=3&c", {"b"})
    assert [error["loc"][1] for error in refused.value.errors()] == ["a", "c"]
