"""The AsyncAPI 3 document of the bus: topics are channels, events are messages."""

import inspect
from pathlib import Path
from typing import Any

from shared.bus.subscription import Subscription
from shared.contracts import envelope, schemas, services
from shared.contracts.envelope import Topic
from shared.events import PEOPLE, Event
from shared.events.base import VERSION

Document = dict[str, Any]

_ABOUT = """Events of sales rooms, and the pay that follows from them: CloudEvents 1.0 in binary
mode on Apache Kafka, zstd.

Delivered at least once: drop repeats by `ce_id`. Order holds within a key. Fields are only ever
added; ignore unknown ones. A topic holds every tenant (`ce_tenantid`); names in an installation may
carry its namespace in front."""
_KEY = {
    "type": "string",
    "pattern": "^[0-9a-f-]{36}:[0-9a-f-]{36}$",
    "description": "`tenant:aggregate`, the ids of `ce_tenantid` and `ce_subject`",
}
_BINDING = "0.5.0"
_KEPT = ("cleanup.policy", "retention.ms", "delete.retention.ms")


def document(root: Path) -> Document:
    """The document for the topics and the examples under `root`."""
    topics, examples = envelope.topics(root), schemas.examples(root)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Sales Launch: events",
            "version": f"{VERSION}.0.0",
            "description": _ABOUT,
        },
        "defaultContentType": "application/json",
        "channels": (
            dict(_channel(topic) for topic in topics)
            | dict(_dead_letters(topic) for topic in topics)
        ),
        "operations": {f"send-{topic.name}": _sending(topic) for topic in topics}
        | {
            f"receive-{topic}-{service}": _receiving(service, topic, subscription)
            for service, subscription in services.subscriptions(root).items()
            for topic in subscription.topics
        },
        "components": {
            "schemas": (
                schemas.definitions()
                | {
                    "Headers": envelope.schema_of(envelope.HEADERS),
                    "DeadLetterHeaders": envelope.schema_of(envelope.DEAD_LETTER_HEADERS),
                }
            ),
            "messages": (
                dict(_message(kind, examples.get(kind.type)) for kind in schemas.kinds())
                | {
                    "tombstone": _tombstone(),
                    "dead-letter": _dead_letter(),
                }
            ),
        },
    }


def _channel(topic: Topic) -> tuple[str, Document]:
    mine = [kind.type for kind in schemas.kinds() if kind.topic == topic.name] + (
        ["tombstone"] if topic.compacted else []
    )
    return topic.name, {
        "address": topic.name,
        "title": topic.name,
        "description": (
            f"{topic.about} Sent by {topic.sender};"
            f" {topic.kept if topic.compacted else f'kept {topic.kept}'}."
        ),
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
        "summary": f"Events that {topic.sender} publishes.",
    }


def _receiving(service: str, topic: str, subscription: Subscription) -> Document:
    """Which messages of a topic a service handles, from its subscription."""
    types = [kind.type for kind in schemas.kinds() if kind.topic == topic]
    handled = [type_ for type_ in types if subscription.handles(type_)]
    if topic == PEOPLE and subscription.handles_erasures:
        handled.append("tombstone")
    return {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{topic}"},
        "summary": f"Events that {service} handles; it ignores other types.",
        "messages": [{"$ref": f"#/channels/{topic}/messages/{type_}"} for type_ in handled],
        "bindings": {
            "kafka": {
                "groupId": {"type": "string", "enum": [service]},
                "bindingVersion": _BINDING,
            }
        },
    }


def _dead_letters(topic: Topic) -> tuple[str, Document]:
    name = f"{topic.name}.dlq"
    return name, {
        "address": f"{topic.name}.dlq.{{consumer}}",
        "title": f"Dead letters of {topic.name}",
        "description": (
            "Records that one consumer could not understand or apply, unchanged, with their origin"
            " and the reason. For the operator."
        ),
        "parameters": {
            "consumer": {
                "enum": list(topic.readers),
                "description": "The service that could not apply the record.",
            }
        },
        "messages": {"dead-letter": {"$ref": "#/components/messages/dead-letter"}},
    }


def _message(kind: type[Event], example: Document | None) -> tuple[str, Document]:
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
    } | (_example(kind.type, example) if example else {})


def _example(type_: str, example: Document) -> Document:
    return {
        "examples": [{"name": type_, "headers": example["headers"], "payload": example["data"]}]
    }


def _tombstone() -> Document:
    return {
        "name": "tombstone",
        "title": "Tombstone",
        "summary": (
            "The subject of the key was erased: forget what identifies them. Without data; headers"
            " may be missing."
        ),
        "payload": {"type": "null"},
        "bindings": {"kafka": {"key": _KEY, "bindingVersion": _BINDING}},
    }


def _dead_letter() -> Document:
    return {
        "name": "dead-letter",
        "title": "Dead letter",
        "summary": (
            "A record that was not applied: its key, value and headers unchanged, and headers for"
            " its origin and the reason."
        ),
        "headers": {"$ref": "#/components/schemas/DeadLetterHeaders"},
    }
