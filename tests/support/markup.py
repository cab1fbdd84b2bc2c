"""What may not stand in a template or in an answer of the pages: code and styles inline, and what
comes from elsewhere.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_LOADED = {
    "script": "src",
    "img": "src",
    "link": "href",
    "iframe": "src",
    "source": "src",
    "form": "action",
}
_ELSEWHERE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_CODE = re.compile(r"\s*javascript:", re.IGNORECASE)
# Jinja may stand where a tag wants a name or a quote: the parser gets this word instead.
_PLACEHOLDER = "jinja"


def forbidden_markup(html: str) -> list[str]:
    """Each finding with its line; `html` may be a Jinja template."""
    return list(_Reader.findings(_JINJA.sub(_same_lines, html)))


def _same_lines(match: re.Match[str]) -> str:
    return _PLACEHOLDER + "\n" * match[0].count("\n")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    @classmethod
    def findings(cls, html: str) -> Iterator[str]:
        reader = cls()
        reader.feed(html)
        reader.close()
        yield from reader.found

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        if tag == "style":
            self._note("a style inline")
        if tag == "script" and not values.get("src") and not _is_data(values):
            self._note("a script inline")
        for name, value in attributes:
            self._check_attribute(tag, name, value or "")

    def _check_attribute(self, tag: str, name: str, value: str) -> None:
        if name == "style":
            self._note(f"style= on {tag}")
        if re.fullmatch(r"on[a-z]+", name) or name.startswith("hx-on"):
            self._note(f"{name}= on {tag}")
        if _CODE.match(value):
            self._note(f"{name}= of {tag} is code")
        if _LOADED.get(tag) == name and _ELSEWHERE.match(value):
            self._note(f"{tag} is from elsewhere: {value}")

    def _note(self, finding: str) -> None:
        self.found.append(f"line {self.getpos()[0]}: {finding}")


def _is_data(attributes: dict[str, str | None]) -> bool:
    """A block of data, that no browser runs and the policy does not forbid."""
    return attributes.get("type") in ("application/json", "text/template")
