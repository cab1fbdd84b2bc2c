"""From Kafka records to events: decided from a record's key, headers and value alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from shared.events import (
    PEOPLE,
    REGISTRY,
    Event,
    PublishedEvent,
    Unreadable,
    key,
    read_envelope,
    read_event,
)
from shared.ids import TenantId


@dataclass(frozen=True, slots=True)
class Erasure:
    """A tombstone of sales.people.v1: whatever identifies the subject is to be forgotten."""

    tenant_id: TenantId
    subject: UUID


NOBODY = TenantId(UUID(int=0))
"""Whose records are that no tenant can be found for."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that cannot be understood, or whose handler fails for good, and the reason.

    `is_pointer` leaves its value where it lies.
    """

    record: Any
    reason: str
    tenant_id: TenantId = NOBODY
    is_pointer: bool = False

    def as_pointer(self) -> "Rejected":
        return replace(self, is_pointer=True)


def tenant_of(record: Any) -> TenantId:
    """The tenant that a record's header and key agree on, or the only one that is named; else
    `NOBODY`. Decides nothing but whose limit an unreadable record counts against.
    """
    named = {
        tenant
        for raw in (dict(record.headers).get("ce_tenantid"), _before_colon(record.key))
        if (tenant := _uuid(raw)) is not None
    }
    return TenantId(named.pop()) if len(named) == 1 else NOBODY


def _before_colon(record_key: bytes | None) -> bytes | None:
    return record_key.partition(b":")[0] if record_key else None


def _uuid(raw: bytes | None) -> UUID | None:
    try:
        return UUID(raw.decode()) if raw else None
    except ValueError:
        return None


def parse(
    record: Any,
    topic: str,
    handles: Callable[[str], bool],
    types: Mapping[str, type[Event]] = REGISTRY,
) -> PublishedEvent | Erasure | None:
    """The event in `record`, as one of `types`, or None where nothing `handles` its type.

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
    event = read_event(envelope, record.value, types)
    if event.topic != topic:
        raise Unreadable(f"{envelope.type} does not belong on {topic}")
    return PublishedEvent(envelope, event)


def _erasure(record_key: bytes | None) -> Erasure:
    try:
        tenant, _, subject = (record_key or b"").decode().partition(":")
        return Erasure(TenantId(UUID(tenant)), UUID(subject))
    except ValueError:
        raise Unreadable("a tombstone without the key of a subject") from None
