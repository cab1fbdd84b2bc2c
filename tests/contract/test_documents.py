"""What is committed is what the code says; `make contracts` writes it, `make check` compares, and
neither lets a break pass unseen.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from unittest.mock import patch

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from shared.contracts import openapi
from shared.contracts.__main__ import main
from shared.events import REGISTRY, VIP, Event
from shared.ids import VipId

ROOT = Path(__file__).parents[2]
SCHEMA = "docs/events/schemas/vip.noticed.v1.json"


class First:
    """The model as it was first published."""

    vip_id: VipId
    why: Literal["money", "fame"]


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """A repository with the documents of its own, and a fact `vip.noticed` that may change."""
    shutil.copytree(ROOT / "docs" / "events", tmp_path / "docs" / "events")
    (tmp_path / "deploy").mkdir()
    shutil.copy(ROOT / "deploy" / "topics.toml", tmp_path / "deploy")
    with patch.dict(REGISTRY), patch.object(openapi, "document", lambda _: {"openapi": "3.1.0"}):
        publish(First)
        assert run(tmp_path).exit_code == 0
        yield tmp_path


def publish(shape: type) -> None:
    type(
        "Noticed",
        (Event,),
        {"__annotations__": shape.__annotations__, "__doc__": shape.__doc__},
        type="vip.noticed",
        topic=VIP,
        noun="vip",
    )


def run(root: Path, *flags: str) -> Result:
    app = Typer()
    app.command()(main)
    return CliRunner().invoke(app, ["--root", str(root), *flags])


def test_written_documents_pass_the_check(copy: Path) -> None:
    assert run(copy, "--check").exit_code == 0
    assert run(copy).output == ""


def test_an_addition_fails_the_check_and_is_written_by_the_command(copy: Path) -> None:
    class Noticed:
        vip_id: VipId
        why: Literal["money", "fame", "luck"]

    publish(Noticed)
    result = run(copy, "--check")
    assert result.exit_code == 1
    assert f"{SCHEMA}: line " in result.output
    assert "BREAKING" not in result.output
    assert SCHEMA in run(copy).output
    assert "luck" in (copy / SCHEMA).read_text()
    assert run(copy, "--check").exit_code == 0


@pytest.mark.parametrize("flags", [("--check",), ()])
def test_a_break_fails_the_check_and_the_writing(copy: Path, flags: tuple[str, ...]) -> None:
    class Noticed:
        vip_id: VipId
        why: Literal["money"]

    before = (copy / SCHEMA).read_text()
    publish(Noticed)
    result = run(copy, *flags)
    assert result.exit_code == 1
    assert "BREAKING  vip.noticed: why: values removed: fame" in result.output
    assert (copy / SCHEMA).read_text() == before


def test_a_break_is_written_only_on_demand(copy: Path) -> None:
    REGISTRY.pop("vip.noticed")
    assert "vip.noticed: the type was removed" in run(copy).output
    assert (copy / SCHEMA).exists()
    assert run(copy, "--allow-breaking").exit_code == 0
    assert not (copy / SCHEMA).exists()
    assert run(copy, "--check").exit_code == 0


@pytest.mark.parametrize(
    ("path", "was", "now"),
    [
        ("docs/events/asyncapi.json", '"3.0.0"', '"2.6.0"'),
        ("docs/events/README.md", "| `ce_id` | yes |", "| `ce_id` | no |"),
        (SCHEMA, "first published", "last published"),
    ],
)
def test_a_document_edited_by_hand_fails_the_check(
    copy: Path, path: str, was: str, now: str
) -> None:
    text = (copy / path).read_text()
    assert was in text
    (copy / path).write_text(text.replace(was, now))
    result = run(copy, "--check")
    assert result.exit_code == 1
    assert f"{path}: line " in result.output


def test_a_break_of_the_http_api_fails_like_one_of_events(copy: Path) -> None:
    before = {"paths": {"/x": {"get": {"operationId": "get_x", "responses": {}}}}}
    with patch.object(openapi, "document", lambda _: before):
        assert run(copy).exit_code == 0
    result = run(copy, "--check")
    assert result.exit_code == 1
    assert "BREAKING  GET /x: the operation was removed" in result.output
    assert run(copy, "--allow-breaking").exit_code == 0
    assert run(copy, "--check").exit_code == 0


def test_handwritten_parts_of_a_page_are_kept(copy: Path) -> None:
    page = copy / "docs/events/README.md"
    page.write_text(page.read_text() + "A word more.\n")
    assert run(copy, "--check").exit_code == 0


def test_a_missing_document_fails_the_check(copy: Path) -> None:
    (copy / "docs/events/asyncapi.json").unlink()
    assert "docs/events/asyncapi.json: is missing" in run(copy, "--check").output


def test_references_of_the_asyncapi_document_resolve() -> None:
    document = json.loads((ROOT / "docs/events/asyncapi.json").read_text())
    leads = list(references(document))
    assert leads
    for reference in leads:
        node = document
        for step in reference.removeprefix("#/").split("/"):
            assert step in node, reference
            node = node[step]


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from references(item)


def test_the_asyncapi_document_has_every_topic_and_every_type() -> None:
    document = json.loads((ROOT / "docs/events/asyncapi.json").read_text())
    topics = {kind.topic for kind in REGISTRY.values()}
    assert document["channels"].keys() == topics | {f"{topic}.dlq" for topic in topics}
    for type_, kind in REGISTRY.items():
        assert type_ in document["channels"][kind.topic]["messages"]
    assert document["channels"]["sales.people.v1"]["bindings"]["kafka"]["topicConfiguration"][
        "cleanup.policy"
    ] == ["compact"]
