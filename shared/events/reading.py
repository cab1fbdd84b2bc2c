"""Events as one reader takes them in: of what it does not use only the JSON is looked at.

An activity's state has grown with the product, and a service that needs five of its fields would
spend most of its time on the others.
"""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, cast

from pydantic import create_model

from shared.events.activities import ActivityEvent, ActivityState
from shared.events.base import REGISTRY, Event, State


@lru_cache(maxsize=16)
def with_state_of(fields: frozenset[str]) -> Mapping[str, type[Event]]:
    """The types of events by name, those of activities with nothing in their state but `fields`.

    Each stays a subclass of the event that it is. Raises `AttributeError` where another field of
    the state is used.
    """
    state = _narrowed(ActivityState, fields)
    return {
        name: _with_state(kind, state) if issubclass(kind, ActivityEvent) else kind
        for name, kind in REGISTRY.items()
    }


def _narrowed(state: type[State], fields: Collection[str]) -> type[State]:
    """Raises `KeyError` for a field that the state does not have."""
    definitions: Mapping[str, Any] = {
        name: (state.model_fields[name].rebuild_annotation(), state.model_fields[name])
        for name in sorted(fields)
    }
    return create_model(state.__name__, __base__=State, **definitions)


def _with_state(kind: type[Event], state: type[State]) -> type[Event]:
    return cast("type[Event]", create_model(kind.__name__, __base__=kind, state=(state, ...)))
