"""A projection keeps one read model: it says which events and responses it is made of, and which
keys it alone writes.

Each write is guarded by a rank that grows with the aggregate's version, so that any order and any
repetition of events gives the same model.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from services.gateway.read_models.fragments import Json
from services.gateway.read_models.keys import TenantKeys
from services.gateway.read_models.kinds import ResponseKind
from services.gateway.read_models.store import Call, script
from shared.events import Envelope, Event

Handled = TypeVar("Handled", bound=Event)

UNVERSIONED_RANK = 0
"""Below every version: what is written with it holds until something better is known."""
# Above every version, and still exact as Lua's double.
ERASED_RANK = 2**52


def event_rank(version: int) -> int:
    """The rank of an event; it outranks the response to the command that published it, as it is
    the whole truth of that version.
    """
    return 2 * version + 1


def response_rank(version: int) -> int:
    """The rank of a service's response; see `event_rank`."""
    return 2 * version


@dataclass(frozen=True, slots=True)
class CommandResponse:
    """The view that a service gave in response to a successful command, with the command's
    parameters.
    """

    kind: ResponseKind
    view: Json
    path_params: Mapping[str, str]
    query: Mapping[str, str]

    @property
    def rank(self) -> int:
        return response_rank(self.view["version"])

    @property
    def clients(self) -> list[Json]:
        """The clients that the response shows whole."""
        match self.kind:
            case "client":
                return [self.view]
            case "clients":
                return list(self.view["clients"])
            case _:
                return []


class Projection(Generic[Handled]):
    """One read model. Redis is not read here: `from_…` give the calls that write."""

    handles: ClassVar[tuple[type[Event], ...]] = ()
    keys: ClassVar[tuple[str, ...]] = ()
    """Names of the keys that only this projection writes, without what follows a colon."""
    every_version: ClassVar[bool] = False
    """Whether each event counts, not only the latest of its aggregate in a batch."""

    def from_event(self, event: Handled, envelope: Envelope, keys: TenantKeys) -> list[Call]:
        """The calls that apply one of the events it `handles`."""
        return []

    def from_response(self, response: CommandResponse, keys: TenantKeys) -> list[Call]:
        """The calls that apply a response; none for kinds that it does not show.

        Raises `KeyError`, `TypeError` or `ValueError` for a view that is not of its kind.
        """
        return []

    def erase(self, subject: UUID, keys: TenantKeys) -> list[Call]:
        """The calls after which nothing names `subject`, nor will an event that comes late."""
        return []


def put(key: str, field: UUID | str, rank: int, value: Any) -> Call:
    """The call that sets a field of a hash, unless a later rank is stored."""
    return script("put_newer", key, str(field), rank, value)
