"""A seller proposes to share the pay; it is shared once everybody whose part changes has agreed."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from services.activities.domain.activity import Activity
from services.activities.domain.refusals import NotInWork, SplitNotProposed
from services.activities.domain.split_proposal import Shares
from services.activities.domain.splitting import (
    accept_split,
    decline_split,
    propose_split,
    split,
)
from services.activities.events import state_of
from services.activities.storage.mapping import _split_proposal, plain
from shared.errors import Forbidden, Invalid
from shared.ids import EmployeeId
from tests.unit.activities.builders import ANNA, BORIS, NOW, a_free, in_work

VERA = EmployeeId(UUID(int=77))
ID, OTHER = UUID(int=500), UUID(int=501)
HALVES: Shares = ((ANNA, Decimal("0.5")), (BORIS, Decimal("0.5")))
THIRDS: Shares = ((ANNA, Decimal("0.5")), (BORIS, Decimal("0.3")), (VERA, Decimal("0.2")))


def proposed(shares: Shares = HALVES) -> Activity:
    return propose_split(in_work(), shares, ANNA, ID, NOW).after


def test_a_proposal_changes_no_share_before_it_is_accepted() -> None:
    before = in_work()
    event = propose_split(before, HALVES, ANNA, ID, NOW)
    assert (event.type, event.details["asked"]) == ("activity.split_proposed", [BORIS])
    assert event.after.shares == before.shares
    state = state_of(event.after)
    assert state.split_proposal and state.split_proposal.asked == [BORIS]
    accepted, shared = accept_split(event.after, ID, BORIS)
    assert (accepted.type, shared.type) == ("activity.split_accepted", "activity.split")
    assert (shared.after.shares, shared.after.split_proposal) == (HALVES, None)


def test_everybody_whose_part_changes_is_asked_once() -> None:
    activity = proposed(THIRDS)
    (first,) = accept_split(activity, ID, VERA)
    assert first.after.split_proposal and first.after.split_proposal.asked == (BORIS,)
    with pytest.raises(Forbidden):
        accept_split(first.after, ID, VERA)
    assert accept_split(first.after, ID, BORIS)[-1].after.shares == THIRDS


def test_who_loses_a_part_is_asked_and_who_keeps_it_is_not() -> None:
    shared = split(in_work(), THIRDS).after
    less: Shares = ((ANNA, Decimal("0.7")), (BORIS, Decimal("0.3")))
    event = propose_split(shared, less, ANNA, ID, NOW)
    assert event.details["asked"] == [VERA]


def test_what_changes_nobody_elses_part_is_shared_at_once() -> None:
    event = propose_split(in_work(), ((ANNA, Decimal(1)),), ANNA, ID, NOW)
    assert event.type == "activity.split"


def test_a_heads_split_and_a_new_proposal_end_the_one_before() -> None:
    assert split(proposed(), THIRDS).after.split_proposal is None
    again = propose_split(proposed(), THIRDS, ANNA, OTHER, NOW).after
    with pytest.raises(SplitNotProposed):
        accept_split(again, ID, BORIS)


@pytest.mark.parametrize(
    ("by", "oversees", "may"),
    [(BORIS, False, True), (ANNA, False, True), (VERA, False, False), (VERA, True, True)],
)
def test_who_may_end_a_proposal(by: EmployeeId, oversees: bool, may: bool) -> None:
    if not may:
        with pytest.raises(Forbidden):
            decline_split(proposed(), ID, by, oversees=oversees)
        return
    event = decline_split(proposed(), ID, by, oversees=oversees)
    assert (event.type, event.details["proposed_by"]) == ("activity.split_declined", ANNA)
    assert event.after.split_proposal is None


def test_only_who_is_asked_accepts() -> None:
    for stranger in (ANNA, VERA):
        with pytest.raises(Forbidden):
            accept_split(proposed(), ID, stranger)


def test_a_proposal_falls_with_its_responsible() -> None:
    activity = proposed()
    for gone in (
        replace(activity, responsible_id=BORIS),
        replace(activity, responsible_since=NOW + timedelta(seconds=1)),
        replace(activity, status="lost"),
    ):
        assert gone.open_split is None
        assert state_of(gone).split_proposal is None
        with pytest.raises((SplitNotProposed, NotInWork)):
            accept_split(gone, ID, BORIS)


@pytest.mark.parametrize(
    ("shares", "rule"),
    [
        (((ANNA, Decimal("0.5")), (ANNA, Decimal("0.5"))), "distinct"),
        (((ANNA, Decimal("0.5")), (BORIS, Decimal("0.4"))), "sum"),
    ],
)
def test_broken_parts_are_refused(shares: Shares, rule: str) -> None:
    with pytest.raises(Invalid) as refusal:
        propose_split(in_work(), shares, ANNA, ID, NOW)
    assert refusal.value.extra["errors"] == [{"field": "shares", "rule": rule}]


def test_a_free_activity_shares_nothing() -> None:
    with pytest.raises(NotInWork):
        propose_split(a_free(), HALVES, ANNA, ID, NOW)


def test_a_proposal_is_stored_as_it_is() -> None:
    proposal = proposed(THIRDS).split_proposal
    assert _split_proposal(plain(proposal)) == proposal
    assert _split_proposal(None) is None
