"""Every route of the pages, as the gateway has them: what is new is tried by itself."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlencode

from services.gateway.edge.admission import is_open, is_page
from services.gateway.web.nouns import NOUNS
from services.gateway.web.pages import TABLE
from services.gateway.web.pages.activity import DEEDS, FACTS, SPLIT_DEEDS
from services.gateway.web.pages.disputes import DISPUTE_DEEDS
from services.gateway.web.pages.me import OWN_DEEDS
from services.gateway.web.pages.money import CAME_DEEDS, CLAIMED_DEEDS
from services.gateway.web.pages.renewals import RENEWAL_DEEDS

_LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)')
Choose = Callable[[str], str]
"""An id for the place of that name."""
WORDS: Mapping[str, Collection[str]] = {
    "fact": FACTS,
    "deed": DEEDS,
    "split_deed": SPLIT_DEEDS,
    "renewal_deed": RENEWAL_DEEDS,
    "claimed_deed": CLAIMED_DEEDS,
    "came_deed": CAME_DEEDS,
    "own_deed": OWN_DEEDS,
    "dispute_deed": DISPUTE_DEEDS,
    "noun": NOUNS,
    "period": ("2026-10",),
    "day": ("2027-01-01",),
}
"""What may stand in a place of a path that takes no id; a route is one for each of them."""


@dataclass(frozen=True)
class PageRoute:
    """A path of the pages and a method; `places` are what its template names."""

    method: str
    template: str
    places: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.template}"

    @property
    def is_open(self) -> bool:
        """Whether nobody needs to be signed in."""
        return is_open(self.template)

    def path(self, choose: Choose, query: Mapping[str, str] | None = None) -> str:
        """The path with ids in all its places, and `query`."""
        path = self.template
        for place in self.places:
            path = path.replace(f"{{{place}}}", choose(place))
        return f"{path}?{urlencode(query)}" if query else path


def page_routes(*methods: str) -> list[PageRoute]:
    """Those with one of `methods`. Raises `KeyError` for a place whose words nobody has named."""
    return [
        PageRoute(route.method, template, tuple(_names(route.names, are_ids=True)))
        for route in TABLE.routes
        if route.method in methods
        for template in _templates(route.path, _names(route.names, are_ids=False))
    ]


def dead_links(html: str) -> list[str]:
    """In words, the addresses of the pages that a page leads to and nothing is at."""
    addresses = {unescape(each).partition("?")[0] for each in _LINK.findall(html)}
    pages = (each for each in sorted(addresses) if is_page(each))
    return [f"{each} is no page" for each in pages if not TABLE.find("GET", each)]


def _names(names: Iterable[str], are_ids: bool) -> list[str]:
    return [name for name in names if name.endswith("_id") is are_ids]


def _templates(path: str, names: list[str]) -> list[str]:
    templates = [path]
    for name in names:
        templates = [
            template.replace(f"{{{name}}}", word)
            for template in templates
            for word in sorted(WORDS[name])
        ]
    return templates


def named_everywhere(ids: Mapping[str, str]) -> dict[str, str]:
    """Fields of a query or a form that name each of `ids`, whether as `room_id` or as `room`."""
    return {name: id_ for place, id_ in ids.items() for name in (place, place.removesuffix("_id"))}
