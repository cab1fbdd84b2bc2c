"""The generated parts of pages in docs/, between markers; the rest of a page is written by hand."""

import inspect
import re
from collections.abc import Iterable
from pathlib import Path

from shared.contracts import envelope, schemas
from shared.web.messages import MESSAGES
from shared.web.problems import STATUSES

_INNER = ("refused",)  # for statuses that no rule of ours gives

_PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(page: str, root: Path) -> str:
    """`page` with every generated part as the code has it now.

    Raises `KeyError` for a part that nothing generates.
    """
    parts = {"headers": _headers, "topics": _topics, "types": _types, "codes": _codes}
    return _PART.sub(lambda part: f"{part[1]}{parts[part[2]](root)}{part[3]}", page)


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(columns)
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _headers(_: Path) -> str:
    return _table(
        ("Header", "Always", "Meaning"),
        (
            (f"`{header.name}`", "yes" if header.always else "no", header.means)
            for header in envelope.HEADERS
        ),
    )


def _topics(root: Path) -> str:
    rows = (
        (
            f"`{topic.name}`",
            topic.sender,
            topic.about,
            topic.kept,
            ", ".join(topic.readers),
        )
        for topic in envelope.topics(root)
    )
    return _table(("Topic", "Sent by", "Content", "Kept", "Our own readers"), rows)


def _codes(_: Path) -> str:
    texts = MESSAGES["en"]
    rows = (
        (str(status), f"`{code}`", texts.titles[code], texts.details[code])
        for code, status in sorted(STATUSES.items(), key=lambda entry: (entry[1], entry[0]))
        if code not in _INNER
    )
    return _table(("Status", "Code", "Title", "Detail"), rows)


def _types(root: Path) -> str:
    written = []
    for topic in envelope.topics(root):
        rows = (
            (
                f"[`{kind.type}`](schemas/{schemas.file_name(kind.type)})",
                kind.noun,
                " ".join((inspect.getdoc(kind) or "").split()),
            )
            for kind in schemas.kinds()
            if kind.topic == topic.name
        )
        written.append(f"### {topic.name}\n\n{_table(('Type', 'Aggregate', 'Sent when'), rows)}")
    return "\n".join(written)
