"""The published language: events in the past tense, CloudEvents 1.0 in binary mode on Kafka.

An event is frozen, its fields are only ever added to, readers ignore what they do not know. It
holds ids, codes and money; what identifies a person travels on `sales.people.v1` alone. Every event
of an aggregate carries the aggregate's state after it, so that a replica keeps the highest version.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import ConfigDict, ValidationError
from pydantic_core import PydanticSerializationError

from shared.errors import Refusal
from shared.events.bounds import bounds_of
from shared.ids import TenantId
from shared.unvalidated import FastModel
from shared.web.validation import broken_rules

ACTIVITIES = "sales.activities.v1"
VIP = "sales.vip.v1"
MOTIVATION = "sales.motivation.v1"
PEOPLE = "sales.people.v1"
JOBS = "sales.jobs.v1"
INBOUND_PAYMENTS = "sales.inbound-payments.v1"
"""Written by a bank or an ERP, read by activities alone."""
INBOUND_PAYOUTS = "sales.inbound-payouts.v1"
"""Written by a payroll system, read by motivation alone."""
TOPICS = (ACTIVITIES, VIP, MOTIVATION, PEOPLE, JOBS)
EXPIRING = frozenset({JOBS})
"""Topics whose old records are deleted, and missed by nobody."""

VERSION = 1


class State(FastModel):
    """Part of an event."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(State):
    """An event. Subclasses name their `type` (`noun.past`) and inherit their topic."""

    type: ClassVar[str]
    topic: ClassVar[str]
    noun: ClassVar[str]

    def __init_subclass__(
        cls,
        type: str = "",  # noqa: A002
        topic: str = "",
        noun: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        if topic:
            cls.topic = topic
        if noun:
            cls.noun = noun
        if type:
            cls.type = type
            REGISTRY[type] = cls

    def to_json(self) -> bytes:
        """The event as it is sent, after a look that its readers can take it in.

        An event is built of our own values, unvalidated. The serializer sees their types as it
        writes them, `bounds_of` the rest; what either of them doubts is read as a reader would.
        Raises `Unpublishable`.
        """
        try:
            value = self.__pydantic_serializer__.to_json(self, warnings="error")
            if bounds_of(type(self))(self):
                return value
        except (PydanticSerializationError, ArithmeticError, AttributeError, TypeError):
            pass
        return self._readable()

    def _readable(self) -> bytes:
        try:
            value = self.__pydantic_serializer__.to_json(self, warnings=False)
            self.from_json(value)
        except ValidationError as refused:
            raise Unpublishable(self.type, refused.errors()) from None
        except PydanticSerializationError:
            raise Unpublishable(self.type, []) from None
        return value

    @classmethod
    def from_json(cls, value: bytes) -> Self:
        """Raises `pydantic.ValidationError` where the bytes are not this event."""
        return cls.model_validate_json(value)


REGISTRY: dict[str, type[Event]] = {}


class Unpublishable(Refusal):
    """The event that a command would publish breaks its own schema, so nobody could read it.

    Names the fields of what would be after the command, and the rules that they break.
    """

    status, code = 422, "invalid"

    def __init__(self, event_type: str, errors: Iterable[Mapping[str, Any]]) -> None:
        rules = [
            {**rule, "field": str(rule["field"]).removeprefix("state.")}
            for rule in broken_rules(errors)
        ]
        super().__init__(errors=rules or [{"field": event_type, "rule": "value"}])


class Unreadable(Exception):
    """A record that is not an event of ours; the text says why, without its contents."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The CloudEvents attributes of one event: its subject, its moment, its cause."""

    id: UUID
    type: str
    tenant_id: TenantId
    subject: UUID
    version: int
    time: datetime
    correlation_id: str = ""
    causation_id: str = ""
    data_version: int = VERSION


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """An event as it was published."""

    envelope: Envelope
    event: Event

    @property
    def tenant_id(self) -> TenantId:
        return self.envelope.tenant_id


def key(tenant_id: UUID, subject: UUID) -> bytes:
    """The Kafka key: order holds within one aggregate of one tenant."""
    return f"{tenant_id}:{subject}".encode()


def headers(envelope: Envelope, noun: str, source: str) -> list[tuple[str, bytes]]:
    """The CloudEvents headers of an event from `source` (a service's name) about a `noun`."""
    version, kind, origin, schema = _constant(envelope.type, envelope.data_version, source)
    all_headers = [
        version,
        ("ce_id", str(envelope.id).encode()),
        kind,
        origin,
        schema,
        ("ce_time", envelope.time.isoformat().replace("+00:00", "Z").encode()),
        ("ce_subject", f"{noun}/{envelope.subject}".encode()),
        ("ce_tenantid", str(envelope.tenant_id).encode()),
        ("ce_aggregateversion", str(envelope.version).encode()),
    ]
    if envelope.correlation_id:
        all_headers.append(("ce_correlationid", envelope.correlation_id.encode()))
    if envelope.causation_id:
        all_headers.append(("ce_causationid", envelope.causation_id.encode()))
    all_headers.append(("content-type", b"application/json"))
    return all_headers


@lru_cache(maxsize=512)
def _constant(kind: str, data_version: int, source: str) -> tuple[tuple[str, bytes], ...]:
    """The headers that all events of a kind share: specification, type, source and schema."""
    return (
        ("ce_specversion", b"1.0"),
        ("ce_type", kind.encode()),
        ("ce_source", f"/sales/{source}".encode()),
        ("ce_dataschema", f"/schemas/{kind}/v{data_version}".encode()),
    )


def read_envelope(raw: Mapping[str, bytes]) -> Envelope:
    """The envelope in Kafka headers; `Unreadable` names the header that is missing or broken."""
    name = ""
    try:
        name = "ce_id"
        event_id = UUID(raw[name].decode())
        name = "ce_type"
        type_ = raw[name].decode()
        name = "ce_tenantid"
        tenant_id = TenantId(UUID(raw[name].decode()))
        name = "ce_subject"
        subject = UUID(raw[name].decode().rpartition("/")[2])
        name = "ce_aggregateversion"
        version = int(raw[name])
        if not 1 <= version < 2**63:
            raise ValueError
        name = "ce_time"
        time = datetime.fromisoformat(raw[name].decode())
        if time.tzinfo is None:
            raise ValueError
        name = "ce_dataschema"
        data_version = int(raw[name].decode().rpartition("/v")[2])
        name = "ce_correlationid"
        correlation_id = raw.get(name, b"").decode()
        name = "ce_causationid"
        causation_id = raw.get(name, b"").decode()
    except KeyError:
        raise Unreadable(f"header {name} is missing") from None
    except (ValueError, TypeError, AttributeError):  # AttributeError: a header may be null
        raise Unreadable(f"header {name} is broken") from None
    return Envelope(
        event_id,
        type_,
        tenant_id,
        subject,
        version,
        time,
        correlation_id,
        causation_id,
        data_version,
    )


def read_event(
    envelope: Envelope, value: bytes | None, types: Mapping[str, type[Event]] = REGISTRY
) -> Event:
    """The event that `envelope` announces, as one of `types`; `Unreadable` where its type or
    version is not ours or its data breaks the schema.
    """
    kind = types.get(envelope.type)
    if kind is None:
        raise Unreadable(f"unknown type {envelope.type[:80]!r}")
    if envelope.data_version != VERSION:
        raise Unreadable(
            f"version {envelope.data_version} of {envelope.type}; this reader knows {VERSION}"
        )
    if value is None:
        raise Unreadable("no data")
    try:
        return kind.from_json(value)
    except ValueError as broken:
        fields = (
            [".".join(str(part) for part in error["loc"]) for error in broken.errors()]
            if hasattr(broken, "errors")
            else []
        )
        raise Unreadable(
            f"data of {envelope.type} breaks its schema at: {', '.join(fields)[:300] or 'JSON'}"
        ) from None
