"""What counts as breaking a reader: anything but an addition."""

from datetime import date, datetime
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from shared.contracts.breaking import breaking, missing_types
from shared.contracts.schemas import Terse, schema_of
from shared.events import REGISTRY
from shared.ids import EmployeeId
from shared.money import Money, MoneySum


class Part(BaseModel):
    kind: Literal["a", "b"]
    weight: int


class Grown(BaseModel):
    kind: Literal["a", "b", "c"]
    weight: int
    colour: str | None = None


class Shrunk(BaseModel):
    kind: Literal["a", "b"]


def schema(**fields: Any) -> dict[str, Any]:
    thing: type[BaseModel] = create_model("Thing", **fields)
    return thing.model_json_schema(mode="serialization", schema_generator=Terse)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            {"a": int}, {"a": int, "b": (str | None, None)}, id="a field that may be missing"
        ),
        pytest.param({"a": Literal["x"]}, {"a": Literal["x", "y"]}, id="one more value"),
        pytest.param(
            {"a": (int, Field(description="old"))},
            {"a": (int, Field(description="new"))},
            id="another description",
        ),
        pytest.param({"a": int, "b": str}, {"b": str, "a": int}, id="another order"),
        pytest.param({"a": int | None}, {"a": None | int}, id="alternatives in another order"),
        pytest.param({"a": list[Part]}, {"a": list[Grown]}, id="an addition in a part"),
        pytest.param({"a": Money}, {"a": MoneySum}, id="a pattern of longer values"),
    ],
)
def test_an_addition_breaks_no_reader(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert breaking(schema(**old), schema(**new)) == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ({"a": int, "b": str}, {"a": int}, "b: the field was removed"),
        ({"a": int}, {"a": str}, "a: was integer, is string"),
        ({"a": int}, {"a": int | None}, "a: was integer, is integer or null"),
        ({"a": int | None}, {"a": int}, "a: was integer or null, is integer"),
        ({"a": date}, {"a": datetime}, "a: was string date, is string date-time"),
        ({"a": EmployeeId}, {"a": str}, "a: was string uuid, is string"),
        (
            {"a": int},
            {"a": int, "b": str},
            (
                "b: a new field is required, but events that are kept do not have it; give it a"
                " default"
            ),
        ),
        (
            {"a": (int, 1)},
            {"a": int},
            "a: has become required, but events that are kept may not have it",
        ),
        ({"a": int}, {"a": (int, 1)}, "a: was always there, and may now be missing"),
        ({"a": Literal["x", "y", "z"]}, {"a": Literal["y"]}, "a: values removed: x, z"),
        ({"a": Literal["x"]}, {"a": Literal["y"]}, "a: values removed: x"),
        ({"a": Literal["x"]}, {"a": str}, "a: was ['x'], is any value"),
        ({"a": str}, {"a": Literal["x"]}, "a: was any value, is ['x']"),
        ({"a": str}, {"a": (str, Field(pattern="^x"))}, "a: pattern was None, is '^x'"),
        ({"a": int}, {"a": (int, Field(le=3))}, "a: maximum was None, is 3"),
        (
            {"a": (str, Field(pattern="^x{1,3}$"))},
            {"a": (str, Field(pattern="^x{1,2}$"))},
            "a: pattern was '^x{1,3}$', is '^x{1,2}$'",
        ),
        (
            {"a": (str, Field(pattern="^x{1,3}$"))},
            {"a": (str, Field(pattern="^y{1,4}$"))},
            "a: pattern was '^x{1,3}$', is '^y{1,4}$'",
        ),
        ({"a": list[Part]}, {"a": list[Shrunk]}, "a[].weight: the field was removed"),
        ({"a": Part | None}, {"a": Shrunk | None}, "a.weight: the field was removed"),
        ({"a": list[Grown]}, {"a": list[Part]}, "a[].kind: values removed: c"),
        ({"a": list[int]}, {"a": list[str]}, "a[]: was integer, is string"),
        ({"a": Part}, {"a": Money}, "a.weight: the field was removed"),
        (
            {"a": int | str | Literal["x"]},
            {"a": int | str},
            "a: was integer or string or string (2), is integer or string",
        ),
    ],
)
def test_any_other_change_breaks_a_reader(
    old: dict[str, Any], new: dict[str, Any], line: str
) -> None:
    assert line in breaking(schema(**old), schema(**new))


def test_an_event_may_not_move_to_another_topic() -> None:
    before = schema_of(REGISTRY["vip.claimed"])
    assert breaking(before, before | {"x-topic": "sales.people.v1"}) == [
        "data: x-topic was 'sales.vip.v1', is 'sales.people.v1'"
    ]


def test_a_removed_type_breaks() -> None:
    assert missing_types({"a.b": {}, "c.d": {}}, {"c.d": {}, "e.f": {}}) == [
        "a.b: the type was removed"
    ]


def test_event_schemas_use_only_what_the_comparison_knows() -> None:
    """A keyword that nests schemas in a new way (dictionaries, tuples, intersections) would be
    compared too shallowly.
    """
    nesting = {
        "oneOf",
        "allOf",
        "not",
        "if",
        "prefixItems",
        "patternProperties",
        "propertyNames",
        "contains",
    }

    def keywords(node: Any) -> set[str]:
        if isinstance(node, dict):
            deeper = [value for name, value in node.items() if name not in ("properties", "$defs")]
            deeper += [*node.get("properties", {}).values(), *node.get("$defs", {}).values()]
            own = {
                name
                for name, value in node.items()
                if name != "additionalProperties" or not isinstance(value, bool)
            }
            return own.union(*map(keywords, deeper))
        return set().union(*map(keywords, node)) if isinstance(node, list) else set()

    for kind in REGISTRY.values():
        assert not keywords(schema_of(kind)) & (nesting | {"additionalProperties"})
