"""What routes answer with: pages, JSON rendered once, problems; and how OpenAPI describes them."""

from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import Response
from pydantic import BaseModel, ConfigDict

Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """One page of a list; `next_cursor` asks for the next, null on the last."""

    items: list[Item]
    next_cursor: str | None


class Problem(BaseModel):
    """RFC 9457; `code` is what to branch on."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str


class JsonBytes(Response):
    """A response whose JSON is rendered already."""

    media_type = "application/json"


def as_json(view: Any, status: int = 200) -> JsonBytes:
    """Renders a view, a dict of them, or a list, once."""
    if isinstance(view, BaseModel):
        return JsonBytes(view.model_dump_json().encode(), status)
    return JsonBytes(orjson.dumps(view, default=_plain, option=orjson.OPT_UTC_Z), status)


def responses(model: Any, *refusals: int, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI of a route: its response, and the refusals besides those of every route."""
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    problems: dict[int | str, dict[str, Any]] = {
        code: {"content": problem, "description": "Refused"}
        for code in (401, 403, 404, 422, 503, *refusals)
    }
    return {status: {"model": model}, **problems}


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, UUID):  # the driver's own subclass, which the renderer does not know
        return str(value)
    raise TypeError(type(value).__name__)
