"""The forms of a page as a browser would send them, with what a test types."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

TYPED = {"text", "search", "textarea"}
VALUES = {
    "number": "1",
    "date": "2026-12-01",
    "datetime-local": "2026-12-01T12:00",
    "month": "2026-11",
    "time": "12:00",
    "email": "typed@walls.example",
    "tel": "+74951234567",
    "password": "correct horse battery",
    "url": "https://typed.example",
}
"""What is typed into fields of other types than text."""


@dataclass
class Form:
    """Where it posts to, its fields, and the names of those into which people type text."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)

    def filled(self, text: str) -> dict[str, str]:
        """The fields with `text` typed wherever text may be typed."""
        return self.fields | dict.fromkeys(self.typed, text)


def forms_of(html: str, path: str) -> list[Form]:
    """The forms of the page at `path`."""
    reader = _Reader(path)
    reader.feed(html)
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._path, self._select, self._is_inside = path, "", False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        if tag == "form":
            action = values.get("action") or self._path
            self.forms.append(Form(values.get("method", "get").upper(), action))
            self._is_inside = True
        elif self._is_inside and "disabled" not in values:
            self._note(tag, values)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False

    def _note(self, tag: str, values: dict[str, str]) -> None:
        form, name = self.forms[-1], values.get("name", "")
        if tag == "option" and self._select:
            if values.get("value") and ("selected" in values or not form.fields.get(self._select)):
                form.fields[self._select] = values["value"]
        elif tag == "select":
            self._select = name
            form.fields.setdefault(name, "")
        elif name and tag in ("input", "textarea", "button"):
            self._note_field(
                form, name, values.get("type", "text" if tag != "textarea" else tag), values
            )

    @staticmethod
    def _note_field(form: Form, name: str, kind: str, values: dict[str, str]) -> None:
        if kind in ("radio", "checkbox"):
            if "checked" in values or (kind == "radio" and name not in form.fields):
                form.fields[name] = values.get("value", "on")
        elif kind in TYPED and values.get("inputmode") not in ("decimal", "numeric"):
            form.typed.append(name)
        elif kind not in ("submit", "file", "reset", "image"):
            form.fields[name] = values.get("value") or VALUES.get(kind, "1.00")
