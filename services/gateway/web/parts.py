"""What all pages share."""

from dataclasses import dataclass
from typing import Any, Self

from services.gateway.accounts.callers import Callers
from services.gateway.edge.public_api import PublicApi
from services.gateway.live.hub import Hub
from services.gateway.live.stream_limits import StreamLimits
from services.gateway.read_models.generations import Generations
from services.gateway.web.cards import Cards
from services.gateway.web.directory import Directories
from services.gateway.web.live import LiveChanges
from services.gateway.web.loss_reasons import LossReasons
from services.gateway.web.profiles import Profiles
from shared.tenancy import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class WebParts:
    """Made once a process; `paths` are the templates of the paths that show a page."""

    public_api: PublicApi
    hub: Hub
    callers: Callers
    stream_limits: StreamLimits
    heartbeat_seconds: float
    paths: frozenset[str]
    directories: Directories
    cards: Cards
    changes: LiveChanges
    profiles: Profiles
    loss_reasons: LossReasons

    def forget_names(self, caller: Caller) -> None:
        """Shows what the caller has just named on the very next page."""
        self.directories.forget(caller.tenant_id)
        self.profiles.forget(caller)

    @classmethod
    def of(cls, generations: Generations, **parts: Any) -> Self:
        """With empty caches; `parts` are the fields that others make."""
        directories, cards = Directories(generations), Cards()
        return cls(
            directories=directories,
            cards=cards,
            changes=LiveChanges(generations, directories, cards),
            profiles=Profiles(),
            loss_reasons=LossReasons(),
            **parts,
        )
