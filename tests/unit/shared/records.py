"""A Kafka record as far as the bus looks at it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Record:
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]
    topic: str = "sales.activities.v1"
    partition: int = 0
    offset: int = 0
