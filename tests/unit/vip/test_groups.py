"""Legal entities that are one client."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.vip.domain.groups import (
    ClientInGroup,
    cover,
    require_joinable,
    require_no_other_holder,
)
from services.vip.domain.holding import free, hold
from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import DomainEvent, Vip
from shared.errors import Invalid, VipOfAnother
from shared.ids import ClientId, CompanyId, EmployeeId, RoomId, VipId, new_id

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
SELLER, OTHER = EmployeeId(new_id()), EmployeeId(new_id())
COMPANY, ROOM = CompanyId(new_id()), RoomId(new_id())
A, B, C = (ClientId(new_id()) for _ in range(3))


def a_vip(client: ClientId, head: VipId | None = None) -> Vip:
    vip = Vip(VipId(new_id()), 4, COMPANY, RoomId(new_id()), client, "RUB")
    return replace(vip, head_id=head)


HEAD = replace(
    hold(replace(a_vip(A), covers=True), SELLER, ROOM, RoomSettings(), NOW), kind="by_receipts"
)
FREE = a_vip(B, HEAD.id)
CLAIMED = DomainEvent("vip.claimed", HEAD, {"responsible": SELLER, "kind": "by_receipts"})
(COVERED,) = (event.after for event in cover(FREE, CLAIMED))


@pytest.mark.parametrize(
    ("head_of_client", "head_of_head", "members", "is_joinable"),
    [
        (None, None, [], True),
        (B, None, [], True),
        (C, None, [], False),
        (None, C, [], False),
        (None, None, [C], False),
    ],
)
def test_a_client_joins_one_group_under_a_head_that_is_no_member(
    head_of_client: ClientId | None,
    head_of_head: ClientId | None,
    members: list[ClientId],
    is_joinable: bool,
) -> None:
    if is_joinable:
        require_joinable(A, B, head_of_client, head_of_head, members)
        return
    with pytest.raises(ClientInGroup) as refused:
        require_joinable(A, B, head_of_client, head_of_head, members)
    assert refused.value.code == "client_in_group"


def test_a_client_does_not_join_itself() -> None:
    with pytest.raises(Invalid) as refused:
        require_joinable(A, A, None, None, [])
    assert refused.value.extra["errors"] == [{"field": "head_client_id", "rule": "other_client"}]


def test_a_member_that_another_holds_does_not_join() -> None:
    held = replace(FREE, responsible=OTHER, reset_due_at=NOW)
    for head in (HEAD, None, a_vip(A)):
        with pytest.raises(VipOfAnother) as refused:
            require_no_other_holder(held, head)
        assert refused.value.extra == {"protected_until": NOW}
    require_no_other_holder(replace(held, responsible=SELLER), HEAD)
    require_no_other_holder(FREE, HEAD)
    require_no_other_holder(FREE, None)


def test_a_covered_vip_is_held_as_its_head_and_is_warned_of_nothing() -> None:
    (event,) = cover(FREE, CLAIMED)
    assert (event.type, event.details) == (
        "vip.claimed",
        {"responsible": SELLER, "kind": "by_receipts"},
    )
    assert event.after == replace(
        FREE,
        version=5,
        room_id=ROOM,
        responsible=SELLER,
        kind="by_receipts",
        since=NOW,
        progress_at=NOW,
        reset_due_at=NOW + timedelta(days=30),
    )


def test_a_covered_vip_is_lost_with_its_head() -> None:
    (event,) = cover(COVERED, free(HEAD, "reset"))
    assert (event.type, event.details) == ("vip.released", {"former": SELLER, "why": "reset"})
    assert (event.after.version, event.after.responsible, event.after.kind) == (6, None, None)
    assert cover(FREE, free(HEAD, "reset")) == []


@pytest.mark.parametrize(
    ("event_type", "covered"),
    [
        ("vip.claimed", "vip.progressed"),
        ("vip.progressed", "vip.progressed"),
        ("vip.kind_changed", "vip.kind_changed"),
        ("vip.reset_warned", None),
    ],
)
def test_a_covered_vip_follows_what_becomes_of_its_head(
    event_type: str, covered: str | None
) -> None:
    moved = replace(HEAD, reset_due_at=NOW + timedelta(days=44), kind="in_development")
    details = {"responsible": SELLER, "kind": "in_development"}
    events = cover(COVERED, DomainEvent(event_type, moved, details))
    if covered is None:
        assert events == []
        return
    (event,) = events
    assert (event.type, event.after.kind) == (covered, "in_development")
    assert event.after.reset_due_at == NOW + timedelta(days=44)
    assert event.details == (details if covered == "vip.kind_changed" else {})


def test_another_holder_of_the_head_claims_what_it_covers() -> None:
    (event,) = cover(COVERED, DomainEvent("vip.progressed", replace(HEAD, responsible=OTHER)))
    assert (event.type, event.details["responsible"]) == ("vip.claimed", OTHER)
