"""Validation errors of pydantic as rules of ours: names and parameters that stay when pydantic's
wording changes, and texts in the caller's language.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic_core import core_schema

MOST = 20
_PLACES = ("body", "query", "path", "header", "cookie")
_THEIRS = frozenset(get_args(core_schema.ErrorType))
_QUOTED = re.compile(r"'([^']*)'")

# Error type of pydantic -> rule, and which parameter of the rule is which of the error's.
_LENGTHS = {"max_length": "max", "min_length": "min"}
_RULES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "missing": ("missing", {}),
    "missing_argument": ("missing", {}),
    "union_tag_not_found": ("missing", {}),
    "extra_forbidden": ("unknown_field", {}),
    "json_invalid": ("json", {}),
    "json_type": ("json", {}),
    "string_too_long": ("too_long", _LENGTHS),
    "string_too_short": ("too_short", _LENGTHS),
    "bytes_too_long": ("too_long", _LENGTHS),
    "bytes_too_short": ("too_short", _LENGTHS),
    "too_long": ("too_many", _LENGTHS),
    "too_short": ("too_few", _LENGTHS),
    "greater_than": ("more_than", {"gt": "min"}),
    "greater_than_equal": ("at_least", {"ge": "min"}),
    "less_than": ("less_than", {"lt": "max"}),
    "less_than_equal": ("at_most", {"le": "max"}),
    "decimal_max_places": ("decimal_places", {"decimal_places": "max"}),
    "enum": ("one_of", {"expected": "allowed"}),
    "literal_error": ("one_of", {"expected": "allowed"}),
    "union_tag_invalid": ("one_of", {"expected_tags": "allowed"}),
    "string_pattern_mismatch": ("value", {"pattern": "pattern"}),
}
_BY_PREFIX = {
    "string_": "text",
    "int_": "whole_number",
    "float_": "number",
    "decimal_": "number",
    "finite_": "number",
    "bool_": "boolean",
    "list_": "list",
    "set_": "list",
    "tuple_": "list",
    "iterable_": "list",
    "dict_": "object",
    "mapping_": "object",
    "model_": "object",
    "dataclass_": "object",
    "date_": "date",
    "datetime_": "moment",
    "timezone_": "moment",
    "uuid_": "uuid",
}
PATTERNS = {
    r"^[A-Z]{3}$": "currency",
    r"^[a-z_]+$": "snake_case",
    r"^[0-9]{4}[0-9A-Z]{2}[0-9]{3}$": "kpp",
    r"^[0-9A-Za-zА-Яа-яЁё/_-]+$": "personnel_number",
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "short_name",
    r"^20[0-9]{2}-(0[1-9]|1[0-2])$": "period",
    r"^20[0-9]{2}-Q[1-4]$": "quarter",
}


def broken_rules(errors: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """`{field, rule, ...parameters}` for each error, the first `MOST`; never the value that was
    sent.
    """
    return [_broken(error) for error, _ in zip(errors, range(MOST), strict=False)]


def _broken(error: Mapping[str, Any]) -> dict[str, Any]:
    rule, parameters = _named(str(error["type"]), error.get("ctx") or {})
    within = parameters.pop("field", "")
    field = "body" if rule == "json" else _field(error["loc"], within)
    return {"field": field, "rule": rule, **parameters}


def _named(kind: str, context: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The rule that an error of pydantic stands for, and its parameters."""
    if kind in _RULES:
        rule, names = _RULES[kind]
        parameters = {ours: context[theirs] for theirs, ours in names.items() if theirs in context}
        if "allowed" in parameters:
            parameters["allowed"] = _QUOTED.findall(str(parameters["allowed"]))
        if "pattern" in parameters:
            return PATTERNS.get(parameters.pop("pattern"), rule), parameters
        if rule == "too_short" and parameters.get("min") == 1:
            return "empty", {}
        return rule, parameters
    for prefix, rule in _BY_PREFIX.items():
        if kind.startswith(prefix):
            return rule, {}
    if kind in _THEIRS:
        return "value", {}
    return kind, dict(context)


def _field(location: tuple[Any, ...], within: str) -> str:
    place, *rest = location or ("body",)
    parts = [str(part) for part in (rest if place in _PLACES else location)]
    return ".".join([*parts, within] if within else parts) or str(place)
