"""From Kafka records to events: decided from a record's key, headers and value alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.events import PEOPLE, PublishedEvent, Unreadable, key, read_envelope, read_event
from shared.ids import TenantId


@dataclass(frozen=True, slots=True)
class Erasure:
    """A tombstone of sales.people.v1: whatever identifies the subject is to be forgotten."""

    tenant_id: TenantId
    subject: UUID


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that cannot be understood, or whose handler fails for good, and the reason."""

    record: Any
    reason: str


def parse(
    record: Any, topic: str, handles: Callable[[str], bool]
) -> PublishedEvent | Erasure | None:
    """The event in `record`, or None where nothing `handles` its type.

    Raises `Unreadable`. `topic` is the record's topic without a namespace.
    """
    if topic == PEOPLE and record.value is None:
        return _erasure(record.key)
    headers = dict(record.headers)
    event_type = headers.get("ce_type")
    if event_type is None:
        raise Unreadable("header ce_type is missing")
    if not handles(event_type.decode("utf-8", "replace")):
        return None
    envelope = read_envelope(headers)
    if record.key != key(envelope.tenant_id, envelope.subject):
        raise Unreadable("the key is not that of the headers' tenant and subject")
    event = read_event(envelope, record.value)
    if event.topic != topic:
        raise Unreadable(f"{envelope.type} does not belong on {topic}")
    return PublishedEvent(envelope, event)


def _erasure(record_key: bytes | None) -> Erasure:
    try:
        tenant, _, subject = (record_key or b"").decode().partition(":")
        return Erasure(TenantId(UUID(tenant)), UUID(subject))
    except ValueError:
        raise Unreadable("a tombstone without the key of a subject") from None
