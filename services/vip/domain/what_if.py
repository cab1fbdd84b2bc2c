"""What other limits would have done to a room: which VIPs would have had no place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.ids import EmployeeId, VipId
from shared.vocabulary import VipKind

Limits = Mapping[VipKind, int]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a VIP: who holds it from then on and in which place, None for nobody of the
    room.
    """

    vip_id: VipId
    version: int
    at: datetime
    holder: EmployeeId | None
    kind: VipKind | None

    @property
    def place(self) -> tuple[datetime, bool, VipId, int]:
        """Its place in the order of time: who leaves makes room for who comes with it."""
        return self.at, self.holder is not None, self.vip_id, self.version


@dataclass(frozen=True, slots=True)
class WithoutPlace:
    """A VIP that took a place of `kind` at a moment at which its holder had `held` of them, and may
    have had no more.
    """

    vip_id: VipId
    holder: EmployeeId
    kind: VipKind
    at: datetime
    held: int


@dataclass(slots=True)
class Places:
    """Who holds what by limits, as far as there was a place for it."""

    limits: Limits
    _held: dict[VipId, tuple[EmployeeId, VipKind]] = field(default_factory=dict)
    _out: dict[VipId, EmployeeId] = field(default_factory=dict)

    def begin(self, change: Change) -> None:
        """Takes a VIP as it was before: nobody loses one for a lower limit."""
        self._leave(change)
        if change.holder and change.kind:
            self._held[change.vip_id] = change.holder, change.kind

    def follow(self, change: Change) -> WithoutPlace | None:
        """Takes the next change; what would not have had its place. It keeps the one that it has,
        where only that changes; else it is not there until it is held anew.
        """
        holder, kind = change.holder, change.kind
        if holder is None or kind is None or holder != self._holder(change.vip_id):
            self._leave(change)
        if holder is None or kind is None or change.vip_id in self._out:
            return None
        if self._held.get(change.vip_id) == (holder, kind):
            return None
        held = sum(each == (holder, kind) for each in self._held.values())
        if held < self.limits[kind]:
            self._held[change.vip_id] = holder, kind
            return None
        if change.vip_id not in self._held:
            self._out[change.vip_id] = holder
        return WithoutPlace(change.vip_id, holder, kind, change.at, held)

    def _holder(self, vip_id: VipId) -> EmployeeId | None:
        held = self._held.get(vip_id)
        return held[0] if held else self._out.get(vip_id)

    def _leave(self, change: Change) -> None:
        self._held.pop(change.vip_id, None)
        self._out.pop(change.vip_id, None)


def without_place(changes: Iterable[Change], limits: Limits, since: datetime) -> list[WithoutPlace]:
    """Which VIPs of a room would have had no place by `limits` from `since` on, the earliest first.

    Whoever was held then stays. One without a place takes none from those that come later. Whether
    one by receipts would have outranked another is not asked: one of the two would have had no
    place.
    """
    places, found = Places(limits), list[WithoutPlace]()
    for change in sorted(changes, key=lambda change: change.place):
        if change.at < since:
            places.begin(change)
        elif missing := places.follow(change):
            found.append(missing)
    return found
