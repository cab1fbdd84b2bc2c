"""Whether an event keeps the bounds of its own schema, decided without building it anew.

Types are the serializer's to see, as it writes the event. What is left are nulls, listed codes,
amounts and codes of a pattern: their places in a class are found once, and only they are looked at.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel, BeforeValidator, PlainSerializer, TypeAdapter, WithJsonSchema
from pydantic.fields import FieldInfo

Holds = Callable[[Any], bool]

_WITHOUT_BOUNDS = (BeforeValidator, PlainSerializer, WithJsonSchema)
"""What a type says beside its bounds. Our values are of the type, so nothing is to be made of them
before."""


@cache
def bounds_of(model: type[BaseModel]) -> Holds:
    """Whether an instance of `model`, built without validation, keeps all bounds within it.

    May say no to what keeps them, or raise `ArithmeticError`, `AttributeError`, `TypeError`; never
    says yes to what does not.
    """
    checks = tuple(_checks(model))
    checked = {name for name, _ in checks}
    never_null = tuple(
        name
        for name, field in model.__pydantic_fields__.items()
        if name not in checked and not _may_be_null(field.annotation)
    )

    def holds(instance: Any) -> bool:
        values = instance.__dict__
        for name in never_null:
            if values[name] is None:
                return False
        # A generator is half again as slow.
        for name, check in checks:  # noqa: SIM110
            if not check(values[name]):
                return False
        return True

    return holds


def _checks(model: type[BaseModel]) -> Iterator[tuple[str, Holds]]:
    for name, field in model.__pydantic_fields__.items():
        if check := _check(field.annotation, field.metadata):
            yield name, check


def _may_be_null(annotation: Any) -> bool:
    return NoneType in get_args(annotation)


def _check(annotation: Any, metadata: list[Any]) -> Holds | None:
    """The check of a value of that type; None where it has no bounds."""
    if get_origin(annotation) is Annotated:
        inner = FieldInfo.from_annotation(annotation)
        return _check(inner.annotation, [*inner.metadata, *metadata])
    bounds = [part for part in metadata if not isinstance(part, _WITHOUT_BOUNDS)]
    if bounds:
        if get_origin(annotation) is list:
            return _both(_by_pydantic(annotation, bounds), _check(annotation, []))
        return _range(annotation, bounds) or _by_pydantic(annotation, bounds)
    if annotation is Decimal:
        return Decimal.is_finite
    if get_origin(annotation) is Literal:
        return frozenset(get_args(annotation)).__contains__
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return bounds_of(annotation)
    if get_origin(annotation) is list:
        return _each(_check(get_args(annotation)[0], []))
    if get_origin(annotation) in (Union, UnionType):
        return _nullable(annotation)
    return None


def _range(annotation: Any, bounds: list[Any]) -> Holds | None:
    """That of an amount. Its places need no look: it is sent with two, whatever it has."""
    low = next((bound.ge for bound in bounds if isinstance(bound, Ge)), None)
    high = next((bound.le for bound in bounds if isinstance(bound, Le)), None)
    if annotation is not Decimal or low is None or high is None:
        return None
    return lambda amount: bool(low <= amount <= high)


def _by_pydantic(annotation: Any, bounds: list[Any]) -> Holds:
    return TypeAdapter(Annotated[annotation, *bounds]).validator.isinstance_python


def _both(of_list: Holds, of_items: Holds | None) -> Holds:
    """Pydantic takes a model within a list as it is, so its items are looked at by themselves."""
    return (lambda items: of_list(items) and of_items(items)) if of_items else of_list


def _each(check: Holds | None) -> Holds | None:
    return (lambda items: all(map(check, items))) if check else None


def _nullable(annotation: Any) -> Holds | None:
    """That of a type which may be null; of several types, pydantic's."""
    kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
    if len(kinds) > 1:
        return _by_pydantic(annotation, []) if any(_check(kind, []) for kind in kinds) else None
    if get_origin(kinds[0]) is Literal:
        return frozenset((None, *get_args(kinds[0]))).__contains__
    check = _check(kinds[0], [])
    return (lambda value: value is None or check(value)) if check else None
