"""The topics of the product, as `topics.toml` declares them: settings, writers and readers."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TOPICS = Path(__file__).with_name("topics.toml")


@dataclass(frozen=True)
class DeclaredTopic:
    """One topic without namespace; `guests` are readers outside the product, without dead
    letters; `groups` are those in which a reader reads besides its own.
    """

    name: str
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    settings: Mapping[str, str]
    guests: tuple[str, ...] = field(default=())
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def dead_letters(self, reader: str) -> str:
        """Where `reader` puts what it cannot read here."""
        return f"{self.name}.dlq.{reader}"


def declared() -> Iterator[DeclaredTopic]:
    """Every topic."""
    for name, topic in tomllib.loads(TOPICS.read_text()).items():
        yield DeclaredTopic(
            name,
            tuple(topic["writers"]),
            tuple(topic["readers"]),
            topic["settings"],
            tuple(topic.get("guests", ())),
            topic.get("groups", {}),
        )
