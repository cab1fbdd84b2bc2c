"""The table of pages: found by the first segment, then by the shape of the path."""

import functools
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from starlette.responses import Response

from services.gateway.web.requests import PageRequest

Show = Callable[[PageRequest], Awaitable[Response]]
ShowT = TypeVar("ShowT", bound=Callable[..., Awaitable[Response]])
_ID = r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
_NAMED = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class PageRoute:
    """A page or a command of one; `path` is its template, which names it in metrics."""

    method: str
    path: str
    show: Show
    shape: re.Pattern[str]
    names: tuple[str, ...]


class PageRouter:
    """The routes of one screen: `@router.get("/clients/{client_id}")`.

    A name that ends in `_id` is a UUID, another one a word; what has another form is not found.
    """

    def __init__(self) -> None:
        self.routes: list[PageRoute] = []

    def get(self, path: str) -> Callable[[ShowT], ShowT]:
        """A page. Its links are those of this address also where a refused command shows it."""
        return lambda show: self._adding("GET", path)(_at(path, show))

    def post(self, path: str) -> Callable[[ShowT], ShowT]:
        return self._adding("POST", path)

    def _adding(self, method: str, path: str) -> Callable[[ShowT], ShowT]:
        names = tuple(_NAMED.findall(path))
        shape = re.compile(_NAMED.sub(_pattern, path.replace(".", r"\.")))

        def add(show: ShowT) -> ShowT:
            self.routes.append(PageRoute(method, path, show, shape, names))
            return show

        return add


def _at(path: str, show: ShowT) -> ShowT:
    @functools.wraps(show)
    async def show_at(request: PageRequest, *values: Any, **named: Any) -> Response:
        request.path = path.format_map(request.ids)
        return await show(request, *values, **named)

    return cast(ShowT, show_at)


def _pattern(name: re.Match[str]) -> str:
    return _ID if name[1].endswith("_id") else r"([A-Za-z0-9_-]{1,100})"


class PageTable:
    """The routes of all screens."""

    def __init__(self, routers: list[PageRouter]) -> None:
        self._routes: dict[tuple[str, str], list[PageRoute]] = {}
        for route in (route for router in routers for route in router.routes):
            self._routes.setdefault((route.method, _first(route.path)), []).append(route)

    @property
    def routes(self) -> list[PageRoute]:
        """Every route, for checks that try them all."""
        return [route for routes in self._routes.values() for route in routes]

    def find(self, method: str, path: str) -> tuple[PageRoute, dict[str, str]] | None:
        """The route of a decoded path, and what its template names."""
        key = ("GET" if method == "HEAD" else method, _first(path))
        for route in self._routes.get(key, ()):
            if match := route.shape.fullmatch(path):
                return route, dict(zip(route.names, match.groups(), strict=True))
        return None


def _first(path: str) -> str:
    return path.split("/", 2)[1]
