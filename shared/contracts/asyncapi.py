"""The AsyncAPI 3 document of the bus: topics are channels, facts are messages."""

import inspect
from pathlib import Path
from typing import Any

from shared.contracts import envelope, schemas
from shared.contracts.envelope import Topic
from shared.events import Event
from shared.events.base import VERSION

Document = dict[str, Any]

_ABOUT = """Facts of sales rooms, and the pay that follows from them: CloudEvents 1.0 in binary mode on Apache Kafka, zstd.

Delivered at least once: drop repeats by `ce_id`. Order holds within a key. Fields are only ever added; ignore what you do not know.
A topic holds every tenant (`ce_tenantid`); names in an installation may carry its namespace in front."""
_KEY = {
    "type": "string",
    "pattern": "^[0-9a-f-]{36}:[0-9a-f-]{36}$",
    "description": "`tenant:aggregate`, the ids of `ce_tenantid` and `ce_subject`",
}
_BINDING = "0.5.0"
_KEPT = ("cleanup.policy", "retention.ms", "delete.retention.ms")


def document(root: Path) -> Document:
    """What is sent where, for `root`'s topics."""
    found = envelope.topics(root)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Запуск Продаж: facts",
            "version": f"{VERSION}.0.0",
            "description": _ABOUT,
        },
        "defaultContentType": "application/json",
        "channels": dict(_channel(topic) for topic in found)
        | dict(_dead_letters(topic) for topic in found),
        "operations": {f"send-{topic.name}": _sending(topic) for topic in found},
        "components": {
            "schemas": schemas.definitions()
            | {
                "Headers": envelope.schema_of(envelope.HEADERS),
                "DeadLetterHeaders": envelope.schema_of(envelope.DEAD_LETTER_HEADERS),
            },
            "messages": dict(_message(kind) for kind in schemas.kinds())
            | {"tombstone": _tombstone(), "dead-letter": _dead_letter()},
        },
    }


def _channel(topic: Topic) -> tuple[str, Document]:
    mine = [kind.type for kind in schemas.kinds() if kind.topic == topic.name] + (
        ["tombstone"] if topic.compacted else []
    )
    return topic.name, {
        "address": topic.name,
        "title": topic.name,
        "description": f"{topic.about} Sent by {topic.sender}; {topic.kept if topic.compacted else f'kept {topic.kept}'}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in mine},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "topicConfiguration": _configuration(topic),
                "bindingVersion": _BINDING,
            }
        },
    }


def _configuration(topic: Topic) -> Document:
    kept: Document = {name: topic.settings[name] for name in _KEPT if name in topic.settings}
    return {
        name: [value] if name == "cleanup.policy" else int(value) for name, value in kept.items()
    }


def _sending(topic: Topic) -> Document:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{topic.name}"},
        "summary": f"{topic.sender} says what happened.",
    }


def _dead_letters(topic: Topic) -> tuple[str, Document]:
    name = f"{topic.name}.dlq"
    return name, {
        "address": f"{topic.name}.dlq.{{consumer}}",
        "title": f"Dead letters of {topic.name}",
        "description": "What one consumer could not understand or apply, as it was, with where it came from and why. The operator's own.",
        "parameters": {
            "consumer": {
                "enum": list(topic.readers),
                "description": "The service that put the record aside.",
            }
        },
        "messages": {"dead-letter": {"$ref": "#/components/messages/dead-letter"}},
    }


def _message(kind: type[Event]) -> tuple[str, Document]:
    own = {
        "ce_type": {"const": kind.type},
        "ce_dataschema": {"const": f"/schemas/{kind.type}/v{VERSION}"},
    }
    return kind.type, {
        "name": kind.type,
        "title": kind.__name__,
        "summary": inspect.getdoc(kind),
        "contentType": "application/json",
        "headers": {
            "allOf": [
                {"$ref": "#/components/schemas/Headers"},
                {"type": "object", "properties": own},
            ]
        },
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "bindings": {"kafka": {"key": _KEY, "bindingVersion": _BINDING}},
    }


def _tombstone() -> Document:
    return {
        "name": "tombstone",
        "title": "Tombstone",
        "summary": "The subject of the key was erased: forget what identifies them. Without data; headers are not promised.",
        "payload": {"type": "null"},
        "bindings": {"kafka": {"key": _KEY, "bindingVersion": _BINDING}},
    }


def _dead_letter() -> Document:
    return {
        "name": "dead-letter",
        "title": "Dead letter",
        "summary": "A record put aside: its key, value and headers as they were, and headers that say where from and why.",
        "headers": {"$ref": "#/components/schemas/DeadLetterHeaders"},
    }
