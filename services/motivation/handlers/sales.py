"""The order of clients' wins, followed event by event: which one is the first, and whose pay
changes with it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.motivation.domain.sales import Buyer, SalesOrder, Win
from services.motivation.handlers.accrual import ActivityPay, ActivityVersion
from services.motivation.storage import activities, buyers, directory
from services.motivation.storage.activities import LockedActivity, NewState
from services.motivation.storage.deals import won_on
from shared.clock import known_or_utc
from shared.db import Tx
from shared.events import Envelope, PublishedEvent
from shared.events.activities import ActivityClientMerged, ActivityEvent, ActivityState
from shared.events.chain import WinReversed
from shared.ids import ActivityId, CompanyId

_CHANGES_BUYERS = (WinReversed, ActivityClientMerged)


@dataclass(slots=True)
class FollowedActivity:
    """A locked activity at the version that was followed last; `state` is None as long as that is
    not known.
    """

    locked: LockedActivity
    version: int
    state: ActivityState | None = None
    versions: list[ActivityVersion] = field(default_factory=list)
    own_versions: int = 0

    @property
    def has_hole(self) -> bool:
        """Whether an event of a version in between was lost."""
        return self.version - self.locked.version != self.own_versions


@dataclass(slots=True)
class FollowedSales:
    """Locked activities whose events are followed one by one, and the wins that change with them.

    `time_zones` are those of the companies, for events from before they had the business day.
    """

    activities: dict[ActivityId, FollowedActivity]
    time_zones: dict[CompanyId, str]
    order: SalesOrder = field(default_factory=SalesOrder)

    def __post_init__(self) -> None:
        for followed in self.activities.values():
            locked = followed.locked
            if locked.buyer and locked.won_on:
                win = Win(locked.id, locked.won_on, locked.sale == "renewal")
                self.order.add(locked.buyer, win)

    def follow(self, activity_id: ActivityId, state: ActivityState, envelope: Envelope) -> None:
        """Takes a version, unless it is not newer than what was followed already."""
        followed = self.activities[activity_id]
        if envelope.version <= followed.version:
            return
        followed.version, followed.state = envelope.version, state
        followed.own_versions += 1
        changed = self.order.follow(activity_id, buyer_of(state), self._win(activity_id, state))
        for each in (activity_id, *changed):
            self._add_version(each, envelope)

    def pays(self) -> list[ActivityPay]:
        """The pay that is to follow, by the activities' ids."""
        return [
            ActivityPay(followed.locked, followed.versions)
            for _, followed in sorted(self.activities.items())
            if followed.versions
        ]

    async def save(self, tx: Tx) -> None:
        """Stores the states that were followed, and the classes of the wins that changed."""
        changed = [followed for followed in self.activities.values() if followed.versions]
        states = [self._new_state(followed) for followed in changed if followed.own_versions]
        if states:
            await activities.save_states(tx, states)
        others = [followed.locked.id for followed in changed if not followed.own_versions]
        if others:
            await activities.save_sales(tx, {id_: self.order.sale_of(id_) for id_ in others})

    def _add_version(self, activity_id: ActivityId, envelope: Envelope) -> None:
        followed = self.activities[activity_id]
        assert followed.state
        sale = self.order.sale_of(activity_id)
        version = ActivityVersion(followed.version, followed.state, sale, envelope)
        followed.versions.append(version)

    def _win(self, activity_id: ActivityId, state: ActivityState) -> Win | None:
        day = won_on(state, self.time_zones.get(state.company_id, "UTC"))
        return Win(activity_id, day, state.sale == "renewal") if day else None

    def _new_state(self, followed: FollowedActivity) -> NewState:
        assert followed.state
        activity_id = followed.locked.id
        win = self._win(activity_id, followed.state)
        sale = self.order.sale_of(activity_id)
        day = win.won_on if win else None
        return NewState(activity_id, followed.version, followed.state, day, sale)


def buyer_of(state: ActivityState) -> Buyer:
    """Whose win the activity is, if it is one."""
    return state.company_id, state.client_id


async def lock_sales(tx: Tx, events: Sequence[PublishedEvent]) -> FollowedSales:
    """The activities of `events`, and of every buyer concerned the earliest other win, locked: the
    buyers first, then the activities, each by id.
    """
    states: dict[ActivityId, ActivityState] = {}
    for event in map(_activity_event, events):
        states.setdefault(event.activity_id, event.state)
    concerned = {
        buyer_of(event.state) for event in map(_activity_event, events) if _is_won(event.state)
    }
    if concerned or any(isinstance(each.event, _CHANGES_BUYERS) for each in events):
        concerned |= await buyers.of_wins(tx, states)
    others = await _lock_buyers(tx, concerned, states)
    locked = await activities.lock(tx, states, others)
    # A win was taken back by an event that was lost.
    if missed := {each.buyer for each in locked if each.won_on and each.buyer} - concerned:
        late = await _lock_buyers(tx, missed, states)
        locked += await activities.lock(tx, {}, late - others)
    followed = {each.id: FollowedActivity(each, each.version) for each in locked}
    for stored in await activities.by_ids(tx, _with_neighbours(locked, concerned, events)):
        followed[stored.id].state = stored.state
    return FollowedSales(followed, await _time_zones(tx, events))


async def _lock_buyers(
    tx: Tx, concerned: Iterable[Buyer], states: Iterable[ActivityId]
) -> set[ActivityId]:
    """The earliest other wins of buyers, which are locked from now on."""
    if not concerned:
        return set()
    await buyers.lock(tx, concerned)
    return await buyers.earliest_others(tx, concerned, states)


def _with_neighbours(
    locked: Iterable[LockedActivity], concerned: Iterable[Buyer], events: Iterable[PublishedEvent]
) -> list[ActivityId]:
    """The wins of `locked` whose class another activity may change, so that their states count."""
    by_buyer: dict[Buyer, set[ActivityId]] = {buyer: set() for buyer in concerned}
    won = {each.id: each.buyer for each in locked if each.won_on and each.buyer}
    for activity_id, buyer in won.items():
        by_buyer.setdefault(buyer, set()).add(activity_id)
    for event in map(_activity_event, events):
        if _is_won(event.state):
            by_buyer.setdefault(buyer_of(event.state), set()).add(event.activity_id)
    return [activity_id for activity_id, buyer in won.items() if len(by_buyer[buyer]) > 1]


async def _time_zones(tx: Tx, events: Iterable[PublishedEvent]) -> dict[CompanyId, str]:
    """The zones of the companies whose events have no business day of their win."""
    states = [_activity_event(event).state for event in events]
    ids = {state.company_id for state in states if _is_won(state) and not state.won_on}
    companies = await directory.companies(tx, ids) if ids else {}
    return {CompanyId(id_): known_or_utc(each.time_zone) for id_, each in companies.items()}


def _activity_event(published: PublishedEvent) -> ActivityEvent:
    assert isinstance(published.event, ActivityEvent)
    return published.event


def _is_won(state: ActivityState) -> bool:
    return state.status == "won"
