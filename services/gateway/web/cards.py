"""Activities as ready HTML: a card is a pure function of the language and the fragment's bytes.

So it is rendered once and kept. Times in it are absolute: the browser says how late it is, and a
press finds its idempotency key in the form around the cards.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

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
_END_OF_STAGES = b']}}]},"'
"""What the last fragment ends with, and the list, and the stages."""
_AGREED = re.compile(rb'"agreed":\{"amount":"([0-9.]+)"')
Key = tuple[str, str, int, bytes]


class Cards:
    """Renders activities by the macros of `parts/<kind>.html`, the last used kept."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Markup] = OrderedDict()
        self._bytes = 0

    def render(self, kind: str, fragment: bytes, language: str, names: Directory) -> Markup:
        """The activity in `fragment` as `kind`: `pool_row`, `deal`."""
        key = (kind, language, names.version, fragment)
        card = self._kept.get(key)
        if card is not None:
            self._kept.move_to_end(key)
            return card
        card = render_card(kind, orjson.loads(fragment), language, names)
        self._kept[key] = card
        self._bytes += len(fragment) + len(card)
        while self._bytes > CAPACITY:
            oldest, dropped = self._kept.popitem(last=False)
            self._bytes -= len(oldest[3]) + len(dropped)
        return card

    def render_all(
        self, kind: str, fragments: list[bytes], language: str, names: Directory
    ) -> Markup:
        """Cards one after the other."""
        cards = [self.render(kind, fragment, language, names) for fragment in fragments]
        return Markup("".join(cards))  # noqa: S704 -- of cards, which are escaped


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
    if not items:
        return []
    first, *others = items.split(_ITEM)
    parts = [first, *(b'{"id":"' + other for other in others)]
    return [*(part + b"}" for part in parts[:-1]), parts[-1]]


def split_stages(body: bytes) -> dict[str, list[bytes]]:
    """The fragments by stage of a desk as the API renders it.

    Every mark has quotation marks of JSON's own, which no typed text can imitate.
    """
    start = body.find(_MINE)
    marks = list(_STAGE.finditer(body, start + len(_MINE) - 1)) if start >= 0 else []
    end = body.find(_END_OF_STAGES, marks[-1].end()) if marks else -1
    if end < 0:
        mine = orjson.loads(body)["mine"]
        return {stage: [orjson.dumps(item) for item in items] for stage, items in mine.items()}
    ends = [*(mark.start() - 1 for mark in marks[1:]), end + len(b"]}}")]
    return {
        mark[1].decode(): split_items(body[mark.end() : end])
        for mark, end in zip(marks, ends, strict=True)
    }


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
