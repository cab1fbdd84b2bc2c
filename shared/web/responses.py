"""What routes answer with: pages, JSON rendered once, problems; and how OpenAPI describes them."""

from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from shared.versions import etag

Item = TypeVar("Item")
Versioned = TypeVar("Versioned", bound=BaseModel)


class Page(BaseModel, Generic[Item]):
    """One page of a list; `next_cursor` asks for the next, null on the last."""

    items: list[Item]
    next_cursor: str | None


class ProblemError(BaseModel):
    """A field and the rule that it breaks; the rule's parameters are further members."""

    model_config = ConfigDict(extra="allow")

    field: str = Field(
        description="Where it is in the body or query, parts joined by dots.",
        examples=["products.0.quantity"],
    )
    rule: str = Field(description="The rule's stable name.", examples=["missing"])
    message: str = Field(
        description="The rule in words, in the language of `Accept-Language`.",
        examples=["Required"],
    )


class Problem(BaseModel):
    """Why a request is refused (RFC 9457). Branch on `code`; the parameters of a code are further
    members.
    """

    model_config = ConfigDict(extra="allow")

    type: str = Field(
        description="A reference that names the problem's kind.", examples=["/problems/not_found"]
    )
    title: str = Field(
        description="The kind in words, in the language of `Accept-Language`.",
        examples=["Not found"],
    )
    status: int = Field(description="The HTTP status.", examples=[404])
    code: str = Field(description="The problem's stable name. New ones are added over time.")
    detail: str = Field(
        description="What is wrong, in the language of `Accept-Language`.",
        examples=["No such activity."],
    )
    errors: list[ProblemError] = Field([], description="The fields at fault, where fields are.")
    retry_after_seconds: int = Field(
        0, description="When to try again, as `Retry-After`.", examples=[7]
    )


class JsonBytes(Response):
    """A response whose JSON is rendered already."""

    media_type = "application/json"


def as_json(view: Any, status: int = 200) -> JsonBytes:
    """Renders a view, a dict of them, or a list, once; one that has a version is tagged by it."""
    if isinstance(view, BaseModel):
        response = JsonBytes(view.model_dump_json().encode(), status)
        version = getattr(view, "version", None)
    else:
        rendered = orjson.dumps(view, default=_plain, option=orjson.OPT_UTC_Z)
        response = JsonBytes(rendered, status)
        version = view.get("version") if isinstance(view, dict) else None
    if version is not None:
        response.raw_headers.append((b"etag", etag(version).encode()))
    return response


def tagged(response: Response, view: Versioned) -> Versioned:
    """The view of a route that FastAPI renders, whose version becomes the response's tag."""
    response.headers["ETag"] = etag(view.version)  # type: ignore[attr-defined]
    return view


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
