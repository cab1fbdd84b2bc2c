"""Every refusal and every rule has its text in both languages, with the parameters that it is
given where it is raised.
"""

import ast
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest
from pydantic_core import core_schema

import services
import shared
from shared.errors import Invalid, NotFound, Refusal
from shared.web.messages import MESSAGES, Messages
from shared.web.problems import STATUSES
from shared.web.validation import PATTERNS, broken_rules

ROOT = Path(__file__).parents[2]
ENGLISH = MESSAGES["en"]
OUTSIDE_REFUSALS = {"internal", "method_not_allowed", "refused"}


def loaded() -> Iterator[type[Refusal]]:
    """Every class of refusal in the code base."""
    for package in (services, shared):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" not in module.name and not module.name.endswith("__main__"):
                import_module(module.name)
    waiting = [Refusal]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith(("services.", "shared.")):
            yield kind


CLASSES = sorted(set(loaded()), key=lambda kind: (kind.__module__, kind.__name__))
BY_NAME = {kind.__name__: kind for kind in CLASSES}


@dataclass(frozen=True)
class Site:
    """Where a refusal or a broken rule is made: its positional texts and named parameters."""

    place: str
    name: str
    texts: tuple[str | None, ...]
    parameters: frozenset[str]
    open_ended: bool


def sites() -> Iterator[Site]:
    for folder in ("services", "shared"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(path.read_text())
            called = {node for node in ast.walk(tree) if isinstance(node, ast.Call)}
            for node in ast.walk(tree):
                place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
                if isinstance(node, ast.Call) and (name := _class_of(node.func)):
                    texts = tuple(
                        arg.value
                        if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
                        else None
                        for arg in node.args
                    )
                    names = frozenset(keyword.arg or "" for keyword in node.keywords)
                    yield Site(place, name, texts, names, "" in names)
                elif (
                    isinstance(node, ast.Raise)
                    and node.exc
                    and node.exc not in called
                    and (name := _class_of(node.exc))
                ):
                    yield Site(place, name, (), frozenset(), False)


def _class_of(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute) and function.attr == "until":
        function = function.value
    name = function.id if isinstance(function, ast.Name) else ""
    return name if name in BY_NAME or name == "rule_broken" else ""


SITES = [site for site in sites() if not site.place.startswith("shared/errors.py")]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def texts(messages: Messages) -> dict[str, str]:
    """Every text by a key that is unique in its language."""
    kept = {"title": messages.titles, "detail": messages.details, "rule": messages.rules}
    kept |= {f"word.{name}": words for name, words in messages.words.items()}
    return {f"{kind} {key}": text for kind, by_key in kept.items() for key, text in by_key.items()}


def test_languages_have_the_same_texts_with_the_same_parameters() -> None:
    english = {key: placeholders(text) for key, text in texts(ENGLISH).items()}
    for messages in MESSAGES.values():
        assert {key: placeholders(text) for key, text in texts(messages).items()} == english


def test_russian_texts_are_in_russian() -> None:
    without = {"rule boolean", "rule json"}
    for key, text in texts(MESSAGES["ru"]).items():
        assert key in without or any("а" <= letter.lower() <= "я" for letter in text), key


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_a_refusal_has_a_title_and_a_text(kind: type[Refusal]) -> None:
    """Add the code to `shared/web/messages/en.toml` and `ru.toml`, under titles and details."""
    assert kind.code in ENGLISH.titles
    assert kind.code in ENGLISH.details


def test_every_title_belongs_to_a_code() -> None:
    assert set(ENGLISH.titles) == {kind.code for kind in CLASSES} | OUTSIDE_REFUSALS


@pytest.mark.parametrize("site", SITES, ids=lambda site: f"{site.place} {site.name}")
def test_a_refusal_is_raised_with_the_parameters_of_its_text(site: Site) -> None:
    """A refusal names a reason that has a text under `code.reason`, not a sentence."""
    if site.name == "rule_broken" or BY_NAME[site.name] is Invalid:
        rule = site.texts[0 if site.name == "rule_broken" else 1]
        assert rule is None or rule in ENGLISH.rules, rule
        needed = placeholders(ENGLISH.rules[rule]) if rule else set()
    elif issubclass(BY_NAME[site.name], NotFound):
        noun = site.texts[0]
        assert noun is None or noun in ENGLISH.words["noun"], noun
        return
    else:
        needed = _needed(site)
    assert site.open_ended or needed <= site.parameters


def _needed(site: Site) -> set[str]:
    kind = BY_NAME[site.name]
    reason = next(iter(site.texts), "")
    key = f"{kind.code}.{reason}" if reason else kind.code
    assert reason is None or key in ENGLISH.details, key
    own = kind.__init__ is not Refusal.__init__  # it fills its parameters itself
    return set() if own or reason is None else placeholders(ENGLISH.details[key])


def test_no_reason_is_without_use() -> None:
    used = {f"{BY_NAME[site.name].code}.{site.texts[0]}" for site in SITES if _has_reason(site)}
    assert {key for key in ENGLISH.details if "." in key} <= used | {"not_found.path"}


def _has_reason(site: Site) -> bool:
    return bool(site.name in BY_NAME and site.texts and site.texts[0])


@pytest.mark.parametrize("kind", get_args(core_schema.ErrorType))
def test_an_error_of_pydantic_is_a_rule_with_a_text(kind: str) -> None:
    (broken,) = broken_rules([{"type": kind, "loc": ("body", "field"), "ctx": {}}])
    assert broken["rule"] in ENGLISH.rules


def test_a_pattern_is_a_rule_with_a_text() -> None:
    assert set(PATTERNS.values()) <= ENGLISH.rules.keys()


def test_every_code_is_listed_with_its_status() -> None:
    """`STATUSES` in `shared/web/problems.py` is the list that the OpenAPI document shows."""
    outside = {"internal": 500, "method_not_allowed": 405, "refused": 409}
    assert {kind.code: kind.status for kind in CLASSES} | outside == STATUSES
