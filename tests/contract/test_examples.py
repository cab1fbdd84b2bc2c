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
    found: dict[str, Any] = json.loads((EXAMPLES / f"{type_}.json").read_text())
    return found


def read(type_: str) -> PublishedEvent:
    told = example(type_)
    record = SimpleNamespace(
        topic=REGISTRY[type_].topic,
        key=told["key"].encode(),
        headers=[(name, value.encode()) for name, value in told["headers"].items()],
        value=json.dumps(told["data"]).encode(),
    )
    fact = parse(record, record.topic, lambda _: True)
    assert isinstance(fact, PublishedEvent)
    return fact


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
    told, fact = example(type_), read(type_)
    assert type(fact.event) is REGISTRY[type_]
    assert json.loads(fact.event.to_json()) == told["data"]
    source = told["headers"]["ce_source"].rpartition("/")[2]
    assert dict(headers(fact.envelope, fact.event.noun, source)) == {
        name: value.encode() for name, value in told["headers"].items()
    }


@pytest.mark.parametrize("type_", TYPES)
def test_an_example_s_headers_are_those_that_are_described(type_: str) -> None:
    strictly(envelope.schema_of(envelope.HEADERS)).validate(example(type_)["headers"])


def test_every_described_header_is_sent() -> None:
    fact = read("accrual.posted")
    assert fact.envelope.causation_id
    assert [name for name, _ in headers(fact.envelope, "statement", "motivation")] == [
        header.name for header in envelope.HEADERS
    ]


def test_a_topic_is_sent_by_the_service_that_it_says() -> None:
    senders = {
        topic.name: [f"/sales/{name}" for name in topic.sender.split(", ")]
        for topic in envelope.topics(Path(__file__).parents[2])
    }
    for type_ in TYPES:
        assert example(type_)["headers"]["ce_source"] in senders[REGISTRY[type_].topic], type_


def test_the_examples_of_one_aggregate_differ_in_version() -> None:
    seen: set[tuple[str, UUID, int]] = set()
    for type_ in TYPES:
        fact = read(type_)
        place = (fact.event.topic, fact.envelope.subject, fact.envelope.version)
        assert place not in seen, type_
        seen.add(place)
