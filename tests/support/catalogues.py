"""Texts of the pages: what the code says in English, and what its Russian catalogue lacks."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po

EXTENSIONS = ("jinja2.ext.i18n", "jinja2.ext.do")
KEYWORDS: Mapping[str, Any] = DEFAULT_KEYWORDS
FORMS = 3
"""Of a counted noun in Russian."""
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_LEGAL_FORM = re.compile("[А-Я]{2,4}")
_SCRIPT_COMMENT = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)
_TEMPLATE_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")

MessageKey = tuple[str | None, str, str | None]
"""Context, text, and the plural where it is counted."""


def messages_in(folder: Path) -> dict[MessageKey, str]:
    """Every text that templates and modules below `folder` translate, with where."""
    messages: dict[MessageKey, str] = {}
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.html")]):
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        for line, text, _, context in _extracted(method, path.read_bytes()):
            singular, plural = text if isinstance(text, tuple) else (text, None)
            messages.setdefault((context, singular, plural), f"{path.name}:{line}")
    return messages


def read_catalogue(folder: Path) -> Catalog:
    """The files of the Russian texts as one, whatever state they are in."""
    whole = Catalog(locale="ru")
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="ru", abort_invalid=True):
                if message.id:
                    whole[message.id] = message
    return whole


def untranslated(messages: Mapping[MessageKey, str], catalogue: Catalog) -> list[str]:
    """In words, what of `messages` the catalogue has not, or not whole; and what is only there."""
    findings, used = [], set()
    for (context, singular, plural), where in messages.items():
        used.add((context, singular))
        entry = catalogue.get(singular, context)
        findings += [f"{where}: {finding}" for finding in _faults(entry, singular, plural)]
    for entry in catalogue:
        singular = entry.id[0] if isinstance(entry.id, (tuple, list)) else entry.id
        if singular and (entry.context, singular) not in used:
            findings.append(f"{singular!r} is translated, and nothing says it")
    return findings


def cyrillic_lines(path: Path) -> Iterator[str]:
    """Where a script, module or template has Russian text of its own: comments and docstrings
    apart, and what is marked as Russian in every language (`lang="ru"`).
    """
    text = path.read_text()
    if path.suffix == ".py":
        yield from (f"{path.name}:{line}: {text}" for line, text in _cyrillic_constants(text))
        return
    comment = _SCRIPT_COMMENT if path.suffix == ".js" else _TEMPLATE_COMMENT
    text = comment.sub(lambda match: "\n" * match[0].count("\n"), text)
    for number, line in enumerate(text.splitlines(), 1):
        if _CYRILLIC.search(line) and 'lang="ru"' not in line:
            yield f"{path.name}:{number}: {line.strip()[:80]}"


def _cyrillic_constants(code: str) -> Iterator[tuple[int, str]]:
    """Lines and texts of the string constants, docstrings apart."""
    tree = ast.parse(code)
    # An expression that is only a string is a docstring.
    documented = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in documented:
            continue
        text = node.value
        if isinstance(text, str) and _CYRILLIC.search(text) and not _LEGAL_FORM.fullmatch(text):
            yield node.lineno, text[:80]


def is_cyrillic(text: str) -> bool:
    """Whether a letter of it is Russian."""
    return _CYRILLIC.search(text) is not None


def _extracted(method: str, content: bytes) -> Iterable[tuple[int, Any, Any, str | None]]:
    options = {"silent": "false", "trimmed": "true", "extensions": ",".join(EXTENSIONS)}
    return extract(method, BytesIO(content), keywords=KEYWORDS, options=options)


def _faults(entry: Message | None, singular: str, plural: str | None) -> Iterator[str]:
    if entry is None:
        yield f"{singular!r} is not translated"
        return
    texts = [str(text or "") for text in _forms(entry.string)]
    if entry.fuzzy:
        yield f"the translation of {singular!r} is fuzzy"
    if plural and len(texts) != FORMS:
        yield f"{singular!r} has {len(texts)} forms of {FORMS}"
    if not all(texts):
        yield f"the translation of {singular!r} is empty"
    names = _placeholders(singular) | _placeholders(plural or "")
    for text in texts:
        if unknown := _placeholders(text) - names:
            yield f"the translation of {singular!r} names {sorted(unknown)}"


def _forms(string: Any) -> tuple[Any, ...]:
    return tuple(string) if isinstance(string, (tuple, list)) else (string,)


def _placeholders(text: str) -> set[str]:
    return {match[1] or match[2] or "" for match in _PLACEHOLDER.finditer(text)}
