"""Rules of input that pydantic does not know, reported by our names for them.

A validator raises `rule_broken("inn")`; the texts stand in `shared.web.messages`.
"""

from typing import Any, LiteralString

from pydantic_core import PydanticCustomError


def rule_broken(rule: LiteralString, **parameters: Any) -> PydanticCustomError:
    """The error that a validator raises. `field` among the parameters names a field of the model
    that a validator of the whole model judged.
    """
    return PydanticCustomError(rule, rule, parameters)
