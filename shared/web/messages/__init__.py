"""Texts of refusals by code, rule and parameters, in the languages of the API."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shared.context import language


@dataclass(frozen=True, slots=True)
class Messages:
    """One language: titles by code, details by `code` or `code.reason`, texts of rules, and the
    words for codes that stand in parameters.
    """

    titles: Mapping[str, str]
    details: Mapping[str, str]
    rules: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]

    def detail(self, code: str, reason: str, parameters: Mapping[str, Any]) -> str:
        """The text of a refusal; that of its code where the reason has none of its own."""
        text = self.details.get(f"{code}.{reason}") or self.details.get(code, code)
        return self._filled(text, parameters)

    def rule(self, rule: str, parameters: Mapping[str, Any]) -> str:
        """The text of a broken rule."""
        return self._filled(self.rules.get(rule, rule), parameters)

    def _filled(self, text: str, parameters: Mapping[str, Any]) -> str:
        if "{" not in text:
            return text
        return text.format_map(
            _Words({name: self._worded(name, value) for name, value in parameters.items()})
        )

    def _worded(self, name: str, value: Any) -> str:
        if isinstance(value, (list, tuple, set, frozenset)):
            return ", ".join(self._worded(name, item) for item in value)
        if isinstance(value, Mapping) and value.keys() == {"amount", "currency"}:
            return f"{value['amount']} {value['currency']}"
        if isinstance(value, datetime):
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        return self.words.get(name, {}).get(str(value), str(value))


class _Words(dict[str, str]):
    """A parameter that is not there shows by its name: a text must not fail a response."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def _read(code: str) -> Messages:
    return Messages(**tomllib.loads(Path(__file__).with_name(f"{code}.toml").read_text()))


DEFAULT = "en"
MESSAGES: Mapping[str, Messages] = {code: _read(code) for code in ("en", "ru")}


def messages() -> Messages:
    """The texts in the language of the request that is being answered."""
    return MESSAGES[language.get()]
