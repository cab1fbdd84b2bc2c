"""The names in a query against the parameters that the route declares: what it does not know is
refused rather than ignored.
"""

from collections.abc import Iterable, Iterator, Set
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

MOST_PARAMETERS = 200

# By identity: a route compares by value and can't be hashed. The route is kept beside its names so
# that its identity is not given to another.
_declared: dict[int, tuple[Any, frozenset[str]]] = {}


async def only_declared(request: Request) -> None:
    """A dependency of every route: raises `RequestValidationError` for a query with a parameter
    that the route does not declare.
    """
    if query := request.scope["query_string"]:
        parameters(query.decode("latin-1"), declared_by(request.scope["route"]))


def declared_by(route: Any) -> frozenset[str]:
    """The names of the query parameters that a FastAPI route takes."""
    declared = _declared.get(id(route))
    if declared is None:
        declared = _declared[id(route)] = (route, frozenset(_names(route.dependant)))
    return declared[1]


def _names(dependant: Any) -> Iterator[str]:
    """The query parameters of a route and its dependencies, those of a model one by one."""
    for field in dependant.query_params:
        kind = field.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            for name, parameter in kind.model_fields.items():
                yield parameter.alias or name
        else:
            yield field.alias
    for dependency in dependant.dependencies:
        yield from _names(dependency)


def parameters(query: str, declared: Set[str]) -> list[tuple[str, str]]:
    """The parameters of an encoded query, in order, those without a value too.

    Raises `RequestValidationError` for a name that is not `known`, and for more than
    `MOST_PARAMETERS`.
    """
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise _refused([("query", "too_long", {"max_length": MOST_PARAMETERS})]) from None
    if unknown := _unknown(pairs, declared):
        allowed = {"allowed": sorted(declared)}
        raise _refused([(name, "unknown_parameter", allowed) for name in unknown])
    return pairs


def _unknown(pairs: Iterable[tuple[str, str]], declared: Set[str]) -> list[str]:
    """The names that are not `known`, each once, in order."""
    return [name for name in dict.fromkeys(name for name, _ in pairs) if name not in declared]


def _refused(errors: Iterable[tuple[str, str, dict[str, Any]]]) -> RequestValidationError:
    return RequestValidationError(
        [
            {"loc": ("query", field), "type": kind, "msg": kind, "ctx": context}
            for field, kind, context in errors
        ]
    )
