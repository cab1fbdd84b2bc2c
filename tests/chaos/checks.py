"""What a tenant's published events must be among themselves, and against what its people were
answered.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

from shared.events import ACTIVITIES, PEOPLE, VIP
from tests.chaos.calls import Call
from tests.chaos.stream import Said


def orderly(facts: Sequence[Said], *, quiet: bool = False) -> list[str]:
    """Versions of each aggregate without gaps, first told in their order, on one partition, each
    always the same.

    `quiet`: nothing was broken meanwhile, so nothing has come twice either.
    """
    found: list[str] = []
    seen: dict[tuple[str, str], dict[int, Said]] = defaultdict(dict)
    for one in facts:
        before = seen[one.aggregate]
        first = before.setdefault(one.version, one)
        if first is not one:
            if (first.id, first.type, first.data) != (one.id, one.type, one.data):
                found.append(
                    f"{one.aggregate} version {one.version} was published in two ways:"
                    f" {first.type}, {one.type}"
                )
            if quiet:
                found.append(
                    f"{one.aggregate} version {one.version} was published twice though nothing"
                    " failed"
                )
            continue
        last = max((version for version in before if version != one.version), default=0)
        if one.version < last or (one.topic != PEOPLE and one.version != last + 1):
            found.append(f"{one.aggregate} version {one.version} came after {last}")
        if {earlier.place[0] for earlier in before.values()} != {one.place[0]}:
            found.append(f"{one.aggregate} is on several partitions")
    return found


def in_order(facts: Sequence[Said]) -> None:
    wrong = orderly(facts)
    assert not wrong, "\n".join(wrong[:10])


def responsible(facts: Sequence[Said]) -> list[str]:
    """One responsible at most: taken from the pool only while it was free."""
    state: dict[str, str] = {}
    found, told = [], set()
    for one in facts:
        if (
            one.topic != ACTIVITIES
            or not one.data
            or "activity_id" not in one.data
            or (one.subject, one.version) in told
        ):
            continue
        told.add((one.subject, one.version))
        if (
            one.type == "activity.taken"
            and one.data["how"] == "taken"
            and state.get(one.subject, "free") != "free"
        ):
            found.append(
                f"activity {one.subject} was taken at version {one.version} while"
                f" {state[one.subject]}"
            )
        state[one.subject] = one.data["state"]["status"]
    return found


def request_once(facts: Sequence[Said]) -> list[str]:
    """What a consumer says because of a fact it says once: a VIP moves once for each payment."""
    unique = {(one.aggregate, one.version): one for one in facts}
    said_for = Counter(
        (one.cause, one.subject, one.type)
        for one in unique.values()
        if one.topic == VIP and one.cause
    )
    return [
        f"{type_} of {subject} was published {count} times because of {cause}"
        for (cause, subject, type_), count in said_for.items()
        if count > 1
    ]


EFFECTS = {
    "register": "activity.registered",
    "take": "activity.taken",
    "release": "activity.released",
    "take away": "activity.released",
    "interact": "interaction.recorded",
    "invoice": "invoice.issued",
    "pay": "payment.received",
    "refund": "payment.refunded",
    "sign": "documents.signed",
    "lose": "activity.lost",
    "reopen": "activity.reopened",
    "claim": "vip.claimed",
    "free": "vip.released",
    "adjust": "adjustment.posted",
}


def answered(calls: Sequence[Call], facts: Sequence[Said]) -> list[str]:
    """Every command that was acknowledged has its one fact, none that was refused has any, and
    there are no others.
    """
    unique = {(one.aggregate, one.version): one for one in facts}
    left: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for one in unique.values():
        if one.type in EFFECTS.values():
            left[one.type, str((one.data or {}).get("entry_id") or one.subject)].append(one)
    found = []
    for call in calls:
        type_ = EFFECTS.get(call.what)
        if type_ is None:
            continue
        if not call.sure:
            found.append(
                f"{call.who} {call.what}: still not decided after {call.tries} tries: {call.status}"
                f" {call.response}"
            )
        if not call.ok or (call.status == 200 and call.what == "claim"):
            continue
        mine = left[type_, str(call.response["id"])]
        match = _of(call, mine)
        if match is None:
            found.append(
                f"{call.who} {call.what} was acknowledged ({call.response['id']}) and is not there"
            )
        else:
            mine.remove(match)
    for one in (one for mine in left.values() for one in mine):
        # The system's own, and those that belong to another command.
        if one.type == "activity.taken" and one.data and one.data["how"] != "taken":
            continue
        found.append(
            f"nobody was answered that {one.type} of {one.subject} version {one.version} happened"
        )
    return found


def _of(call: Call, facts: Sequence[Said]) -> Said | None:
    """The fact that an answer belongs to: of the answer's version, or of the one before where a win
    has followed it at once.
    """
    version = call.response.get("version")
    if version is None or call.what == "register" or any(one.topic != ACTIVITIES for one in facts):
        return facts[0] if facts else None
    return next(
        (one for told in (version, version - 1) for one in facts if one.version == told), None
    )
