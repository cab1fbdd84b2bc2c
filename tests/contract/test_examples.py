"""Every event has an example, and an example is what a reader meets: key, headers, data."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from shared.bus.records import parse
from shared.contracts import envelope
from shared.contracts.schemas import schema_of
from shared.events import REGISTRY, PublishedEvent, headers

EXAMPLES = Path(__file__).parents[2] / "docs" / "events" / "examples"
TYPES = sorted(REGISTRY)


def example(type_: str) -> dict[str, Any]:
    example: dict[str, Any] = json.loads((EXAMPLES / f"{type_}.json").read_text())
    return example


def read(type_: str) -> PublishedEvent:
    shown = example(type_)
    record = SimpleNamespace(
        topic=REGISTRY[type_].topic,
        key=shown["key"].encode(),
        headers=[(name, value.encode()) for name, value in shown["headers"].items()],
        value=json.dumps(shown["data"]).encode(),
    )
    published = parse(record, record.topic, lambda _: True)
    assert isinstance(published, PublishedEvent)
    return published


def strictly(schema: dict[str, Any]) -> Draft202012Validator:
    """A validator that also refuses fields that the schema does not know, so that an example names
    none by mistake.
    """

    def closed(node: Any) -> Any:
        if isinstance(node, dict):
            extra = {"additionalProperties": False} if "properties" in node else {}
            return {name: closed(value) for name, value in node.items()} | extra
        return [closed(item) for item in node] if isinstance(node, list) else node

    return Draft202012Validator(closed(schema), format_checker=FormatChecker())


def test_every_type_has_an_example_and_every_example_a_type() -> None:
    assert sorted(path.stem for path in EXAMPLES.iterdir()) == TYPES


@pytest.mark.parametrize("type_", TYPES)
def test_an_example_obeys_its_schema_to_the_field(type_: str) -> None:
    schema = schema_of(REGISTRY[type_])
    Draft202012Validator.check_schema(schema)
    strictly(schema).validate(example(type_)["data"])


@pytest.mark.parametrize("type_", TYPES)
def test_a_reader_gets_back_the_event(type_: str) -> None:
    record, published = example(type_), read(type_)
    assert type(published.event) is REGISTRY[type_]
    assert json.loads(published.event.to_json()) == record["data"]
    source = record["headers"]["ce_source"].rpartition("/")[2]
    assert dict(headers(published.envelope, published.event.noun, source)) == {
        name: value.encode() for name, value in record["headers"].items()
    }


@pytest.mark.parametrize("type_", TYPES)
def test_an_example_has_the_described_headers(type_: str) -> None:
    strictly(envelope.schema_of(envelope.HEADERS)).validate(example(type_)["headers"])


def test_every_described_header_is_sent() -> None:
    published = read("accrual.posted")
    assert published.envelope.causation_id
    assert [name for name, _ in headers(published.envelope, "statement", "motivation")] == [
        header.name for header in envelope.HEADERS
    ]


def test_an_example_comes_from_the_sender_of_its_topic() -> None:
    senders = {
        topic.name: [f"/sales/{name}" for name in topic.sender.split(", ")]
        for topic in envelope.topics(Path(__file__).parents[2])
    }
    for type_ in TYPES:
        assert example(type_)["headers"]["ce_source"] in senders[REGISTRY[type_].topic], type_


def test_the_examples_of_one_aggregate_differ_in_version() -> None:
    seen: set[tuple[str, UUID, int]] = set()
    for type_ in TYPES:
        published = read(type_)
        place = (published.event.topic, published.envelope.subject, published.envelope.version)
        assert place not in seen, type_
        seen.add(place)
