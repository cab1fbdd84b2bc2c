"""What all bodies of requests share: no unknown fields, partial changes, lists of ids."""

from collections.abc import Callable, Mapping
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from services.activities.domain.identity import InnRule
from shared.rules import rule_broken


class Body(BaseModel):
    """A body that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid")


class Change(Body):
    """A partial change: fields left out stay; null is only for fields that may be empty."""

    def changes(self) -> dict[str, object]:
        """The fields that were sent, with their new values."""
        return {name: getattr(self, name) for name in self.model_fields_set}


def _unique(items: list[UUID]) -> list[UUID]:
    return sorted(set(items))


Ids = Annotated[list[UUID], Field(max_length=200), AfterValidator(_unique)]
Flag = Annotated[bool, Field(strict=True)]

_INN_RULES: Mapping[InnRule, Callable[[], PydanticCustomError]] = {
    "inn_of_organization": lambda: rule_broken("inn_of_organization", field="inn"),
    "inn_of_person": lambda: rule_broken("inn_of_person", field="inn"),
    "with_inn": lambda: rule_broken("with_inn", field="kpp"),
}
