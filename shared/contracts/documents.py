"""Every generated document by its path, and how the committed ones differ."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.contracts import asyncapi, openapi, pages, schemas
from shared.contracts.breaking import breaking, missing_types
from shared.contracts.breaking_http import breaking_http

SCHEMAS = "docs/events/schemas"
PAGES = ("docs/events/README.md", "docs/api.md")
ASYNCAPI = "docs/events/asyncapi.json"
OPENAPI = "docs/api/openapi.json"


def generated(root: Path) -> dict[str, str]:
    """Path under `root` → text, as the code gives it."""
    examples = schemas.examples(root)
    texts = {
        f"{SCHEMAS}/{schemas.file_name(kind.type)}": _json(
            schemas.schema_of(kind, examples.get(kind.type))
        )
        for kind in schemas.kinds()
    }
    texts[ASYNCAPI] = _json(asyncapi.document(root))
    texts[OPENAPI] = _json(openapi.document(root))
    for page in (path for path in PAGES if (root / path).exists()):
        texts[page] = pages.filled((root / page).read_text(), root)
    return texts


def committed(root: Path, texts: Mapping[str, str]) -> dict[str, str]:
    """Path → text of the documents that are there, those included that nothing generates."""
    paths = texts.keys() | {str(path.relative_to(root)) for path in (root / SCHEMAS).glob("*.json")}
    return {path: (root / path).read_text() for path in sorted(paths) if (root / path).exists()}


def differences(there: Mapping[str, str], texts: Mapping[str, str]) -> list[str]:
    """A line for each document that differs from the code."""
    lines = []
    for path in sorted(there.keys() | texts.keys()):
        if path not in there:
            lines.append(f"{path}: is missing")
        elif path not in texts:
            lines.append(f"{path}: nothing generates it any more")
        elif there[path] != texts[path]:
            lines.append(f"{path}: {_first_difference(there[path], texts[path])}")
    return lines


def breaks(there: Mapping[str, str], texts: Mapping[str, str]) -> list[str]:
    """A line for each change that a reader of events or a client of the API could stumble over."""
    before, after = _events(there), _events(texts)
    lines = missing_types(before, after)
    for type_ in sorted(before.keys() & after.keys()):
        lines += [f"{type_}: {line}" for line in breaking(before[type_], after[type_])]
    if OPENAPI in there and OPENAPI in texts:
        lines += breaking_http(json.loads(there[OPENAPI]), json.loads(texts[OPENAPI]))
    return lines


def write(root: Path, there: Mapping[str, str], texts: Mapping[str, str]) -> list[str]:
    """Makes `root` as the code says; returns the paths that changed."""
    changed = [
        path for path in sorted(there.keys() | texts.keys()) if there.get(path) != texts.get(path)
    ]
    for path in changed:
        target = root / path
        if path in texts:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(texts[path])
        else:
            target.unlink()
    return changed


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _events(texts: Mapping[str, str]) -> dict[str, Any]:
    paths = (path for path in texts if path.startswith(f"{SCHEMAS}/"))
    return {
        path.removeprefix(f"{SCHEMAS}/").rpartition(".v")[0]: json.loads(texts[path])
        for path in paths
    }


def _first_difference(before: str, after: str) -> str:
    old, new = before.splitlines(), after.splitlines()
    for number, (was, now) in enumerate(zip(old, new, strict=False), 1):
        if was != now:
            return f"line {number} is {was.strip()[:80]!r}, the code says {now.strip()[:80]!r}"
    return f"has {len(old)} lines, the code gives {len(new)}"
