"""Which source a request has: the first rule that its UTM marks fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.ids import SourceId

MARKS = ("utm_source", "utm_medium", "utm_campaign")
"""The marks by which rules choose."""


@dataclass(frozen=True, slots=True)
class SourceRule:
    """A pattern for each mark, with `*` for any characters; None fits also a mark that is not
    there. Case does not count.
    """

    source_id: SourceId
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None

    def fits(self, marks: Mapping[str, str]) -> bool:
        patterns = ((name, getattr(self, name)) for name in MARKS)
        return all(
            pattern is None or matches(pattern, marks.get(name, "")) for name, pattern in patterns
        )


def choose_source(
    rules: Sequence[SourceRule], default: SourceId | None, marks: Mapping[str, str]
) -> SourceId | None:
    """The source of the first rule that fits, else the default, which may be none."""
    return next((rule.source_id for rule in rules if rule.fits(marks)), default)


def matches(pattern: str, value: str) -> bool:
    """Whether the whole value is as the pattern has it. Linear in its length, whatever the
    pattern.
    """
    first, *rest = pattern.casefold().strip().split("*")
    text = value.casefold().strip()
    if not rest:
        return text == first
    *middle, last = rest
    if not text.startswith(first):
        return False
    position = len(first)
    for part in middle:
        position = text.find(part, position)
        if position < 0:
            return False
        position += len(part)
    return len(text) - position >= len(last) and text.endswith(last)
