"""The page of events: what AsyncAPI says, in rows for people."""

import json
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape

from services.gateway.web import templates
from services.gateway.web.event_catalogue import Catalogue
from shared.events import REGISTRY

ROOT = Path(__file__).parents[3]
DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs/events/asyncapi.json").read_text())
CATALOGUE = Catalogue(DOCUMENT)


def test_every_type_is_on_the_page_with_its_fields_and_an_example() -> None:
    events = {event.name: event for topic in CATALOGUE.topics for event in topic.events}
    assert events.keys() == REGISTRY.keys() | {"tombstone"}
    for name in REGISTRY:
        assert events[name].fields
        assert events[name].text
        assert json.loads(events[name].headers)["ce_type"] == name
        assert json.loads(events[name].data)


def test_nested_fields_are_rows_and_money_is_one_value() -> None:
    (taken,) = [event for event in CATALOGUE.topics[0].events if event.name == "activity.taken"]
    kinds = {field.name: field.kind for field in taken.fields}
    assert kinds["state.products[].price"] == "Money"
    assert kinds["state.responsible_id"] == "uuid or null"
    assert kinds["state.shares"] == "list of EmployeeShare"
    assert kinds["state.status"] == "one of free, in_work, won, lost"
    assert all(field.text for field in taken.fields)


def test_dead_letters_are_not_for_integrators() -> None:
    assert not [topic for topic in CATALOGUE.topics if "dlq" in topic.name]


def test_the_page_shows_examples_escaped() -> None:
    html = templates.render(
        "documents/asyncapi.html",
        info=DOCUMENT["info"],
        topics=CATALOGUE.topics,
        headers=CATALOGUE.headers,
    )
    assert escape(CATALOGUE.topics[0].events[0].data) in html
    assert 'id="sales.activities.v1/activity.taken"' in html


def test_text_between_backticks_is_code_and_all_of_it_is_escaped() -> None:
    assert templates.with_code("`<a>` & b") == "<code>&lt;a&gt;</code> &amp; b"
    assert templates.with_code("plain") == "plain"


@pytest.mark.parametrize("name", ["documents/index.html", "documents/docs.html"])
def test_a_page_has_nothing_inline_and_nothing_from_elsewhere(name: str) -> None:
    html = templates.render(name)
    assert "http://" not in html and "https://" not in html
    assert "style=" not in html and "<style" not in html and "<script>" not in html
