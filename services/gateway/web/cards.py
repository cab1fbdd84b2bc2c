"""Activities as ready HTML: a card is a pure function of the language and the fragment's bytes.

So it is rendered once and kept. Times in it are absolute: the browser says how late it is, and a
press finds its idempotency key in the form around the cards.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import orjson
from markupsafe import Markup

from services.gateway.web.directory import Directory
from services.gateway.web.formats import Formats
from services.gateway.web.templates import environment

CAPACITY = 16 * 1024 * 1024
"""Bytes of fragments and cards that are kept, about."""
_ITEM = b'},{"id":"'
_ITEMS, _REST = b'{"items":[', b'],"next_cursor":'
_MINE = b'"mine":{'
_STAGES = b"new|in_work|invoiced|part_paid|paid|shipped|documents_signed|won|lost"
_STAGE = re.compile(rb'[{,]"(' + _STAGES + rb')":\[')
_END_OF_STAGE, _END_OF_STAGES = b"]}}]", b'},"'
"""What the last fragment of a stage ends with, and its list; what follows the last stage."""
_AGREED = re.compile(rb'"agreed":\{"amount":"([0-9.]+)"')
View = tuple[str, str, int]
"""How an activity is shown: the kind of card, the language, the version of the names."""


class Card(NamedTuple):
    """An activity as HTML, and its agreed sum."""

    html: Markup
    amount: Decimal


class Cards:
    """Renders activities by the macros of `cards/<kind>.html`, those used lately kept.

    They are kept in two halves: a card is found in the young one or moves there, and when that is
    full, the old one is dropped for it. So a card that is found costs one look-up.
    """

    def __init__(self) -> None:
        self._young: dict[View, dict[bytes, Card]] = {}
        self._old: dict[View, dict[bytes, Card]] = {}
        self._bytes = 0

    def render(self, kind: str, fragment: bytes, language: str, names: Directory) -> Markup:
        """The activity in `fragment` as `kind`: `pool_row`, `deal`."""
        return self.all_of(kind, [fragment], language, names)[0].html

    def render_all(
        self, kind: str, fragments: list[bytes], language: str, names: Directory
    ) -> Markup:
        """Cards one after the other."""
        return joined(self.all_of(kind, fragments, language, names))

    def all_of(
        self, kind: str, fragments: list[bytes], language: str, names: Directory
    ) -> list[Card]:
        """The cards of `fragments`, with their sums."""
        view = (kind, language, names.version)
        young = self._young.setdefault(view, {})
        return [young.get(fragment) or self._other(view, fragment, names) for fragment in fragments]

    def _other(self, view: View, fragment: bytes, names: Directory) -> Card:
        """A card of the old half, or a new one."""
        card = self._old.get(view, {}).get(fragment)
        if card is None:
            html = render_card(view[0], orjson.loads(fragment), view[1], names)
            card = Card(html, amount_in(fragment))
        self._bytes += len(fragment) + len(card.html)
        if self._bytes > CAPACITY // 2:
            self._old, self._young, self._bytes = self._young, {}, len(fragment) + len(card.html)
        self._young.setdefault(view, {})[fragment] = card
        return card


def joined(cards: list[Card]) -> Markup:
    """Cards as one piece of HTML."""
    return Markup("".join([card.html for card in cards]))  # noqa: S704 -- they are escaped


def render_card(kind: str, activity: dict[str, Any], language: str, names: Directory) -> Markup:
    """One activity by the macro `card` of its template."""
    template: Any = environment(language).get_template(f"cards/{kind}.html").module
    f = Formats(language, names.zone_of(activity["company_id"]))
    card: Markup = template.card(activity, f, names)
    return card


def split_page(body: bytes) -> tuple[list[bytes], str | None]:
    """The fragments of a page of activities as the API renders it, and the cursor of the next."""
    end = body.rfind(_REST)
    if body.startswith(_ITEMS) and end > 0:
        cursor = orjson.loads(b"{" + body[end + 2 :])["next_cursor"]
        return split_items(body[len(_ITEMS) : end]), cursor
    page = orjson.loads(body)
    return [orjson.dumps(item) for item in page["items"]], page["next_cursor"]


def split_items(items: bytes) -> list[bytes]:
    """The elements of a list of objects that begin with their `id`.

    Quotation marks in typed text are escaped, and no list inside an activity begins so: the
    separator stands between activities alone.
    """
    parts, start = [], 0
    while (end := items.find(_ITEM, start)) >= 0:
        parts.append(items[start : end + 1])
        start = end + len(b"},")
    return [*parts, items[start:]] if items else []


def split_stages(body: bytes) -> dict[str, list[bytes]]:
    """The fragments by stage of a desk as the API renders it.

    Every mark has quotation marks of JSON's own, which no typed text can imitate.
    """
    start = body.find(_MINE)
    mark = _STAGE.match(body, start + len(_MINE) - 1) if start >= 0 else None
    stages = {}
    while mark:
        end, following = _end_of_stage(body, mark.end())
        stages[mark[1].decode()] = split_items(body[mark.end() : end])
        if following is None and end >= 0:
            return stages
        mark = following
    mine = orjson.loads(body)["mine"]
    return {stage: [orjson.dumps(item) for item in items] for stage, items in mine.items()}


def _end_of_stage(body: bytes, start: int) -> tuple[int, re.Match[bytes] | None]:
    """Where the list that begins at `start` ends, -1 where that cannot be told, and the next stage.

    A search for the few bytes that end a list passes a large desk many times faster than one for
    the names of all stages; what follows tells it from typed text.
    """
    end = start if body.startswith(b"]", start) else _end_of_fragments(body, start)
    while end >= 0:
        following = _STAGE.match(body, end + 1)
        if following or body.startswith(_END_OF_STAGES, end + 1):
            return end, following
        end = _end_of_fragments(body, end)
    return -1, None


def _end_of_fragments(body: bytes, start: int) -> int:
    found = body.find(_END_OF_STAGE, start)
    return found + len(_END_OF_STAGE) - 1 if found >= 0 else -1


def amount_in(fragment: bytes) -> Decimal:
    """The agreed sum of an activity, without parsing the rest."""
    match = _AGREED.search(fragment)
    return Decimal(match[1].decode()) if match else Decimal()


def matches(fragment: bytes, query: Mapping[str, str]) -> bool:
    """Whether an activity is of the company and source, and has the step, that an address asks."""
    for name, field in (("company", "company_id"), ("source", "source_id")):
        id_ = query.get(name)
        if id_ and f'"{field}":"{id_}"'.encode() not in fragment:
            return False
    step = query.get("step")
    if step == "late":
        return b'"what":"next_step"' in fragment
    return step != "none" or b'"next_step":null' in fragment
