"""Models built of our own values, which need no validation."""

from functools import cache
from typing import Any, Self

from pydantic import BaseModel

_new = object.__new__
_set_values, _set_names, _set_extra, _set_private = (
    BaseModel.__dict__[slot].__set__
    for slot in (
        "__dict__",
        "__pydantic_fields_set__",
        "__pydantic_extra__",
        "__pydantic_private__",
    )
)


class FastModel(BaseModel):
    """A model that can be built without validation."""

    @classmethod
    def build(cls, **values: Any) -> Self:
        """An instance with a value for every field, unvalidated; ten times as fast as
        `model_construct`, which looks at each field.

        Raises `TypeError` where a field is missing or unknown.
        """
        names = _names_of(cls)
        if values.keys() != names:
            expected, passed = sorted(names), sorted(values)
            raise TypeError(f"{cls.__name__} is built of {expected}, not of {passed}")
        instance = _new(cls)
        _set_values(instance, values)
        # One set for all instances: none is changed, and a copy has its own.
        _set_names(instance, names)
        _set_extra(instance, None)
        _set_private(instance, None)
        return instance


@cache
def _names_of(model: type[BaseModel]) -> set[str]:
    return set(model.__pydantic_fields__)
