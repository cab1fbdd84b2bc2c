"""From Kafka records to facts: what a record is, decided from its key, headers and value alone."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiokafka import ConsumerRecord

from shared.events import PEOPLE, PublishedEvent, Unreadable, key, read_envelope, read_event
from shared.ids import TenantId

Record = ConsumerRecord


@dataclass(frozen=True, slots=True)
class Erasure:
    """A tombstone on a compacted topic: whoever this was is to be forgotten."""

    tenant_id: TenantId
    subject: UUID


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that cannot be understood, or whose effect fails for good, and why."""

    record: Any
    reason: str


def parse(record: Any, topic: str, handles: Any) -> PublishedEvent | Erasure | None:
    """The fact in `record`, or None where its type is not one that `hears(type)` claims.

    Raises `Unreadable`. `topic` is the record's topic without a namespace.
    """
    if topic == PEOPLE and record.value is None:
        return _erasure(record.key)
    raw = dict(record.headers)
    kind = raw.get("ce_type")
    if kind is None:
        raise Unreadable("header ce_type is missing")
    if not handles(kind.decode("utf-8", "replace")):
        return None
    envelope = read_envelope(raw)
    if record.key != key(envelope.tenant_id, envelope.subject):
        raise Unreadable("the key is not that of the headers' tenant and subject")
    event = read_event(envelope, record.value)
    if event.topic != topic:
        raise Unreadable(f"{envelope.type} does not belong on {topic}")
    return PublishedEvent(envelope, event)


def _erasure(raw: bytes | None) -> Erasure:
    try:
        tenant, _, subject = (raw or b"").decode().partition(":")
        return Erasure(TenantId(UUID(tenant)), UUID(subject))
    except ValueError:
        raise Unreadable("a tombstone without the key of a subject") from None
