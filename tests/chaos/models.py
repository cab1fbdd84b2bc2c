"""What may happen to an activity, a VIP and money, small enough to be believed: steps for
`tests.chaos.linear`.

Written from the domain's words, not from the services' code: a seller takes what is free, gives
back what is theirs, and so on.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from tests.chaos.calls import Call


@dataclass(frozen=True, slots=True)
class Claim:
    """An activity and the VIP of its client.

    `known` is the holder as the activities service knows them.
    """

    version: int
    status: str = "free"
    responsible: str | None = None
    vip: str | None = None
    known: str | None = None

    def became(self, status: str, responsible: str | None) -> "Claim":
        return replace(self, version=self.version + 1, status=status, responsible=responsible)


def claims(state: Claim, call: Call) -> Claim | None:
    """One step. Calls name who acts in `extra["by"]` and, for an assignment, `extra["to"]`."""
    return _CLAIMS[call.what](state, call, call.extra.get("by"))


def _take(state: Claim, call: Call, by: str | None) -> Claim | None:
    if state.status == "in_work":
        right = (
            call.code == "already_taken" and call.response["responsible_id"] == state.responsible
        )
        return state if right else None
    if state.status != "free":
        return state if call.code == "not_free" else None
    if state.known not in (None, by):
        return state if call.code == "vip_of_another" else None
    return _done(state.became("in_work", by), call)


def _release(state: Claim, call: Call, by: str | None) -> Claim | None:
    if state.status != "in_work":
        return state if call.code == "not_in_work" else None
    if state.responsible != by:
        return state if call.code == "forbidden" else None
    return _done(state.became("free", None), call)


def _assign(state: Claim, call: Call, _: str | None) -> Claim | None:
    to = call.extra["to"]
    if to is None:
        if state.status != "in_work":
            return state if call.code == "not_in_work" else None
        return _done(state.became("free", None), call)
    if state.responsible == to:
        return _done(state, call)
    # Who answers for a lost one changes; it stays lost.
    return _done(state.became("lost" if state.status == "lost" else "in_work", to), call)


def _lose(state: Claim, call: Call, by: str | None) -> Claim | None:
    if state.status != "free" and state.responsible not in (None, by):
        return state if call.code == "forbidden" else None
    if state.status == "lost":
        return state if call.code == "not_in_work" else None
    return _done(state.became("lost", state.responsible), call)


def _reset(state: Claim, _: Call, __: str | None) -> Claim | None:
    """The sweeper's, seen by nobody: it may come at any moment, or find nothing to do."""
    return state.became("free", None) if state.status == "in_work" else None


def _claim(state: Claim, call: Call, by: str | None) -> Claim | None:
    if state.vip == by:
        return state if call.status == 200 else None
    if state.vip is not None:
        return state if call.code == "vip_of_another" else None
    if call.code == "worked_by_another":
        worked = state.status == "in_work" and state.responsible not in (None, by)
        return state if worked else None
    return replace(state, vip=by) if call.status == 201 else None


def _hear(state: Claim, _: Call, __: str | None) -> Claim | None:
    """The activities service learns who holds the client."""
    return replace(state, known=state.vip) if state.vip else None


def _gather(state: Claim, _: Call, __: str | None) -> Claim | None:
    """A free activity of a client goes to who holds the client, after that was heard."""
    gathers = state.status == "free" and state.known is not None
    return state.became("in_work", state.known) if gathers else None


def _read(state: Claim, call: Call, _: str | None) -> Claim | None:
    seen = (call.response["version"], call.response["status"], call.response["responsible_id"])
    return state if seen == (state.version, state.status, state.responsible) else None


def _done(after: Claim, call: Call) -> Claim | None:
    """The answer shows the activity as the step left it."""
    return _read(after, call, None) if call.ok else None


_CLAIMS = {
    "take": _take,
    "release": _release,
    "assign": _assign,
    "lose": _lose,
    "reset": _reset,
    "claim": _claim,
    "hear": _hear,
    "gather": _gather,
    "read": _read,
}


@dataclass(frozen=True, slots=True)
class Deal:
    """Money of one activity with one invoice and nothing to deliver, in work or won."""

    version: int
    invoiced: Decimal
    paid: Decimal = Decimal(0)
    won: bool = False
    wins: int = 0


def money(state: Deal, call: Call) -> Deal | None:
    """One step of `pay`, `refund`, `read`; amounts in `extra["amount"]`."""
    if call.what == "read":
        seen = (
            call.response["version"],
            call.response["status"] == "won",
            Decimal(call.response["paid"]["amount"]),
        )
        wins = sum(entry["what"] == "activity.won" for entry in call.response["timeline"])
        return (
            state if (*seen, wins) == (state.version, state.won, state.paid, state.wins) else None
        )
    amount = Decimal(call.extra["amount"])
    if call.what == "pay":
        after = replace(state, version=state.version + 1, paid=state.paid + amount)
        if not after.won and after.paid >= after.invoiced:
            after = replace(after, version=after.version + 1, won=True, wins=after.wins + 1)
    elif amount > state.paid:
        return state if call.code == "refund_exceeds_paid" else None
    else:
        after = replace(state, version=state.version + 1, paid=state.paid - amount)
        if after.won and after.paid == 0:
            after = replace(after, version=after.version + 1, won=False)
    right = (
        call.ok
        and call.response["version"] == after.version
        and Decimal(call.response["paid"]["amount"]) == after.paid
    )
    return after if right else None
