"""Legal entities that are one client: joined under a head client, whose VIP covers them all."""

from collections.abc import Collection
from dataclasses import replace

from services.vip.domain.vip import DomainEvent, Vip
from shared.errors import Invalid, Refusal, VipOfAnother
from shared.ids import ClientId


class ClientInGroup(Refusal):
    """The client is a member of a group, or the head of one, and so cannot be both."""

    code = "client_in_group"


def require_joinable(
    client_id: ClientId,
    head_client_id: ClientId,
    head_of_client: ClientId | None,
    head_of_head: ClientId | None,
    members_of_client: Collection[ClientId],
) -> None:
    """Raises `Invalid` for a client and itself, `ClientInGroup` where the client belongs to another
    group or leads one, or where the head is a member itself.
    """
    if client_id == head_client_id:
        raise Invalid("head_client_id", "other_client")
    if head_of_client not in (None, head_client_id) or head_of_head or members_of_client:
        raise ClientInGroup


def require_no_other_holder(member: Vip, head: Vip | None) -> None:
    """Raises `VipOfAnother` where somebody else than the head's holder holds the member."""
    holder = head.responsible if head else None
    if member.responsible and member.responsible != holder:
        raise VipOfAnother(member.reset_due_at)


def cover(member: Vip, event: DomainEvent) -> list[DomainEvent]:
    """What becomes of a covered VIP as `event` changes that of the group's head: it is held as that
    one is, takes no place and is warned of nothing.
    """
    head = event.after
    if event.type == "vip.reset_warned" or (member.responsible is head.responsible is None):
        return []
    after = replace(
        member,
        version=member.version + 1,
        room_id=head.room_id,
        responsible=head.responsible,
        kind=head.kind,
        since=head.since,
        progress_at=head.progress_at,
        reset_due_at=head.reset_due_at,
    )
    if head.responsible is None:
        details = {"former": member.responsible, "why": event.details["why"]}
        return [DomainEvent("vip.released", after, details)]
    if member.responsible != head.responsible:
        details = {"responsible": head.responsible, "kind": head.kind}
        return [DomainEvent("vip.claimed", after, details)]
    if event.type == "vip.kind_changed":
        return [DomainEvent(event.type, after, event.details)]
    return [DomainEvent("vip.progressed", after)]
