"""The texts of a page: what people see, and what is read to them."""

from collections.abc import Iterator
from html.parser import HTMLParser

_SPOKEN = ("title", "aria-label", "aria-description", "placeholder", "alt", "data-label")
_WITHOUT_END = {"input", "br", "hr", "img", "link", "meta", "use", "path", "circle", "wbr"}
_SILENT = {"script", "style"}


def texts_of(html: str) -> Iterator[str]:
    """Texts and spoken attributes, without what is marked as Russian in every language."""
    reader = _Reader()
    reader.feed(html)
    yield from reader.texts


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        is_russian = values.get("lang") == "ru"
        if tag not in _WITHOUT_END:
            self._open.append((tag, is_russian or tag in _SILENT))
        if not is_russian and not self._is_skipped:
            self.texts += [values[name] or "" for name in _SPOKEN if name in values]

    def handle_endtag(self, tag: str) -> None:
        if any(name == tag for name, _ in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._is_skipped:
            self.texts.append(data.strip())

    @property
    def _is_skipped(self) -> bool:
        return any(skipped for _, skipped in self._open)
