"""What a tenant's published events must be among themselves, and against what its people were
answered.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

from shared.events import ACTIVITIES, PEOPLE, VIP
from tests.chaos.calls import Call
from tests.chaos.stream import StreamEvent


def orderly(events: Sequence[StreamEvent], *, quiet: bool = False) -> list[str]:
    """Versions of each aggregate without gaps, first published in their order, on one
    partition, each always the same.

    `quiet`: nothing was broken meanwhile, so nothing has come twice either.
    """
    faults: list[str] = []
    seen: dict[tuple[str, str], dict[int, StreamEvent]] = defaultdict(dict)
    for one in events:
        before = seen[one.aggregate]
        first = before.setdefault(one.version, one)
        if first is not one:
            if (first.id, first.type, first.data) != (one.id, one.type, one.data):
                faults.append(
                    f"{one.aggregate} version {one.version} was published in two ways:"
                    f" {first.type}, {one.type}"
                )
            if quiet:
                faults.append(
                    f"{one.aggregate} version {one.version} was published twice though nothing"
                    " failed"
                )
            continue
        last = max((version for version in before if version != one.version), default=0)
        if one.version < last or (one.topic != PEOPLE and one.version != last + 1):
            faults.append(f"{one.aggregate} version {one.version} came after {last}")
        if {earlier.place[0] for earlier in before.values()} != {one.place[0]}:
            faults.append(f"{one.aggregate} is on several partitions")
    return faults


def in_order(events: Sequence[StreamEvent]) -> None:
    wrong = orderly(events)
    assert not wrong, "\n".join(wrong[:10])


def responsible(events: Sequence[StreamEvent]) -> list[str]:
    """One responsible at most: taken from the pool only while it was free."""
    state: dict[str, str] = {}
    faults, seen_versions = [], set()
    for one in events:
        if (
            one.topic != ACTIVITIES
            or not one.data
            or "activity_id" not in one.data
            or (one.subject, one.version) in seen_versions
        ):
            continue
        seen_versions.add((one.subject, one.version))
        if (
            one.type == "activity.taken"
            and one.data["how"] == "taken"
            and state.get(one.subject, "free") != "free"
        ):
            faults.append(
                f"activity {one.subject} was taken at version {one.version} while"
                f" {state[one.subject]}"
            )
        state[one.subject] = one.data["state"]["status"]
    return faults


def request_once(events: Sequence[StreamEvent]) -> list[str]:
    """What a consumer says because of an event it says once: a VIP moves once for each payment."""
    unique = {(one.aggregate, one.version): one for one in events}
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


def answered(calls: Sequence[Call], events: Sequence[StreamEvent]) -> list[str]:
    """Every command that was acknowledged has its one event, none that was refused has any, and
    there are no others.
    """
    unique = {(one.aggregate, one.version): one for one in events}
    left: dict[tuple[str, str], list[StreamEvent]] = defaultdict(list)
    for one in unique.values():
        if one.type in EFFECTS.values():
            left[one.type, str((one.data or {}).get("entry_id") or one.subject)].append(one)
    faults = []
    for call in calls:
        type_ = EFFECTS.get(call.what)
        if type_ is None:
            continue
        if not call.sure:
            faults.append(
                f"{call.who} {call.what}: still not decided after {call.tries} tries: {call.status}"
                f" {call.response}"
            )
        if not call.ok or (call.status == 200 and call.what == "claim"):
            continue
        mine = left[type_, str(call.response["id"])]
        match = _of(call, mine)
        if match is None:
            faults.append(
                f"{call.who} {call.what} was acknowledged ({call.response['id']}) and is not there"
            )
        else:
            mine.remove(match)
    for one in (one for mine in left.values() for one in mine):
        # The system's own, and those that belong to another command.
        if one.type == "activity.taken" and one.data and one.data["how"] != "taken":
            continue
        faults.append(
            f"nobody was answered that {one.type} of {one.subject} version {one.version} happened"
        )
    return faults


def _of(call: Call, events: Sequence[StreamEvent]) -> StreamEvent | None:
    """The event that an answer belongs to: of the answer's version, or of the one before where a
    win has followed it at once.
    """
    version = call.response.get("version")
    if version is None or call.what == "register" or any(one.topic != ACTIVITIES for one in events):
        return events[0] if events else None
    return next(
        (
            one
            for at_version in (version, version - 1)
            for one in events
            if one.version == at_version
        ),
        None,
    )
