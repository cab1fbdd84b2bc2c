"""A table of routes of the public API, found by a request's method and path."""

from collections.abc import Mapping
from typing import Generic, TypeVar

PREFIX = "/api/v1/"
Entry = TypeVar("Entry")


class RouteTable(Generic[Entry]):
    """Entries by `METHOD /template`; a path whose noun is not in the table costs one look."""

    def __init__(self, routes: Mapping[str, Entry]) -> None:
        self._shapes: dict[tuple[str, str, int], list[tuple[tuple[str, ...], Entry]]] = {}
        for route, entry in routes.items():
            method, _, template = route.partition(" ")
            segments = tuple(template.split("/")[1:])
            shape = (method, segments[0], len(segments))
            self._shapes.setdefault(shape, []).append((segments, entry))
        self._nouns = frozenset(noun for _, noun, _ in self._shapes)

    def find(self, method: str, path: str) -> tuple[Entry, dict[str, str]] | None:
        """The entry of a decoded path, with the parts of the path that its template names."""
        if path[len(PREFIX) :].partition("/")[0] not in self._nouns or not path.startswith(PREFIX):
            return None
        segments = path[len(PREFIX) :].split("/")
        shape = ("GET" if method == "HEAD" else method, segments[0], len(segments))
        for template, entry in self._shapes.get(shape, ()):
            named = _match(template, segments)
            if named is not None:
                return entry, named
        return None


def _match(template: tuple[str, ...], segments: list[str]) -> dict[str, str] | None:
    named = {}
    for expected, segment in zip(template, segments, strict=True):
        if expected.startswith("{"):
            named[expected[1:-1]] = segment
        elif expected != segment:
            return None
    return named
