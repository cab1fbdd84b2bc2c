"""Events of very important clients: who holds whom, and why. Sent by the vip service."""

from datetime import datetime

from shared.events.base import VIP, Event, State
from shared.ids import ClientId, CompanyId, EmployeeId, RoomId, VipId
from shared.money import MoneySum
from shared.vocabulary import VipKind, VipReleaseReason


class VipState(State):
    """A VIP after an event: `responsible_id` is nobody once it is free.

    `receipts` are those of the ranking window that came while its holder was responsible, less what
    went back of them; of a released one, those of who held it. `head_id` is the VIP of the group's
    head that covers this one: it is held as that one is, and takes no place.
    """

    company_id: CompanyId
    room_id: RoomId
    client_id: ClientId
    responsible_id: EmployeeId | None
    kind: VipKind | None
    receipts: MoneySum
    reset_due_at: datetime | None
    head_id: VipId | None = None


class VipEvent(Event, topic=VIP, noun="vip"):
    """One client of one company, as held by one seller; the aggregate lives on when the holder
    changes.
    """

    vip_id: VipId
    by: EmployeeId | None
    state: VipState


class VipClaimed(VipEvent, type="vip.claimed"):
    """A seller holds the client from now on: claimed by the seller, or assigned by a head."""

    responsible: EmployeeId
    kind: VipKind


class VipKindChanged(VipEvent, type="vip.kind_changed"):
    """Its receipts moved the VIP to the places by receipts, or, once all went back, to those in
    development.
    """

    responsible: EmployeeId
    kind: VipKind


class VipReleased(VipEvent, type="vip.released"):
    """Nobody holds the client any more: given back, taken away, outranked by larger receipts,
    without a place, reset without progress, left by who held it, or the client was merged into
    another (who holds that one is told by its own VIP).
    """

    former: EmployeeId
    why: VipReleaseReason


class VipProgressed(VipEvent, type="vip.progressed"):
    """Progress or money on one of the client's activities moved the reset deadline or the
    receipts.
    """


class VipResetWarned(VipEvent, type="vip.reset_warned"):
    """The VIP becomes free for others soon, without progress until `due_at`: the holder is warned,
    once for each deadline.
    """

    responsible: EmployeeId
    due_at: datetime


class ClientGroupChanged(Event, type="client_group.changed", topic=VIP, noun="client_group"):
    """A client became one with the group's head, whose VIP covers it from now on, or, with null,
    left the group.
    """

    client_id: ClientId
    head_client_id: ClientId | None
    by: EmployeeId | None
