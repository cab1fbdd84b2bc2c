"""Sharing the pay of an activity: a head shares it, a seller proposes it to those whom it concerns
(domain.md, "Motivation": splits between sellers).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.activities.domain.activity import Activity, DomainEvent, advance
from services.activities.domain.progress import require_in_work_or_won
from services.activities.domain.refusals import SplitNotProposed
from services.activities.domain.split_proposal import Shares, SplitProposal
from shared.errors import Forbidden, Invalid
from shared.ids import EmployeeId

NOTHING = Decimal(0)
WHOLE = Decimal(1)


def split(activity: Activity, shares: Shares) -> DomainEvent:
    """Shares the pay in new parts; what was proposed is no more.

    Raises `NotInWork` unless in work or won, `Invalid` unless the parts are distinct and make 1.
    """
    require_in_work_or_won(activity)
    _require_parts(shares)
    return advance(
        activity,
        "activity.split",
        {"shares": _details(shares)},
        shares=shares,
        split_proposal=None,
    )


def propose_split(
    activity: Activity, shares: Shares, by: EmployeeId, proposal_id: UUID, now: datetime
) -> DomainEvent:
    """Proposes new parts to everybody else whose part they change, in place of what was proposed
    before; where they change nobody else's, the pay is shared at once.

    Raises as `split`.
    """
    require_in_work_or_won(activity)
    _require_parts(shares)
    asked = _concerned(activity, shares) - {by}
    if not asked:
        return split(activity, shares)
    proposal = SplitProposal(proposal_id, by, now, shares, tuple(sorted(asked)))
    details = {
        "proposal_id": proposal_id,
        "shares": _details(shares),
        "asked": list(proposal.asked),
    }
    return advance(activity, "activity.split_proposed", details, split_proposal=proposal)


def accept_split(activity: Activity, proposal_id: UUID, by: EmployeeId) -> list[DomainEvent]:
    """Agrees to what was proposed; once everybody asked has, the pay is shared so.

    Raises `NotInWork`, `SplitNotProposed`, `Forbidden` for somebody who is not asked.
    """
    require_in_work_or_won(activity)
    proposal = _require_open(activity, proposal_id)
    if by not in proposal.asked:
        raise Forbidden("answer_split")
    left = replace(proposal, asked=tuple(each for each in proposal.asked if each != by))
    details = {"proposal_id": proposal_id, "employee_id": by}
    accepted = advance(activity, "activity.split_accepted", details, split_proposal=left)
    if left.asked:
        return [accepted]
    return [accepted, split(accepted.after, proposal.shares)]


def decline_split(
    activity: Activity, proposal_id: UUID, by: EmployeeId, *, oversees: bool
) -> DomainEvent:
    """Ends a proposal: declined by who is asked, withdrawn by who proposed it, or ended by who
    oversees the room.

    Raises `SplitNotProposed`, `Forbidden` for anybody else.
    """
    proposal = _require_open(activity, proposal_id)
    if by not in (*proposal.asked, proposal.by) and not oversees:
        raise Forbidden("answer_split")
    details = {"proposal_id": proposal_id, "employee_id": by, "proposed_by": proposal.by}
    return advance(activity, "activity.split_declined", details, split_proposal=None)


def _require_open(activity: Activity, proposal_id: UUID) -> SplitProposal:
    proposal = activity.open_split
    if proposal is None or proposal.id != proposal_id:
        raise SplitNotProposed
    return proposal


def _require_parts(shares: Shares) -> None:
    if len({employee for employee, _ in shares}) != len(shares):
        raise Invalid("shares", "distinct")
    if sum(share for _, share in shares) != 1:
        raise Invalid("shares", "sum")


def _concerned(activity: Activity, shares: Shares) -> set[EmployeeId]:
    """Those whose part becomes another."""
    before, after = _parts(activity), dict(shares)
    return {
        employee
        for employee in before.keys() | after.keys()
        if before.get(employee, NOTHING) != after.get(employee, NOTHING)
    }


def _parts(activity: Activity) -> Mapping[EmployeeId, Decimal]:
    """The present parts: as shared, else the responsible's whole."""
    if activity.shares:
        return dict(activity.shares)
    return {activity.responsible_id: WHOLE} if activity.responsible_id else {}


def _details(shares: Shares) -> list[dict[str, object]]:
    return [{"employee_id": employee, "share": share} for employee, share in shares]
