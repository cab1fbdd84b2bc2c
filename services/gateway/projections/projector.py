"""Facts, folded into one generation of the read models. Any order and any repetition gives the same
models.

Names and free text come on their own topic, earlier or later than the facts: what a fragment was
made with is looked at again after it was written, and whoever changes a text looks for fragments
after writing it. So one of the two sees the other.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import orjson

from services.gateway.metrics import GatewayMetrics
from services.gateway.projections.texts import Texts, settle
from services.gateway.read_models import fragments
from services.gateway.read_models.fragments import Projected, event_rank
from services.gateway.read_models.keys import Keys
from services.gateway.read_models.store import Call, Store, script
from shared.events import PublishedEvent
from shared.events.activities import ActivityEvent, ActivityTaken
from shared.events.directory import (
    ClientChanged,
    CompanyChanged,
    RoomChanged,
    RoomSettingsChanged,
    TenantChanged,
)
from shared.events.motivation import EntryPosted, StatementClosed
from shared.events.people import ActivityDescribed, PersonDescribed
from shared.events.vip import VipEvent
from shared.ids import TenantId

HEARD = (
    ActivityEvent,
    ClientChanged,
    CompanyChanged,
    RoomChanged,
    RoomSettingsChanged,
    TenantChanged,
    EntryPosted,
    StatementClosed,
    PersonDescribed,
    ActivityDescribed,
    VipEvent,
)


class Projector:
    """Applies batches of one tenant's facts."""

    def __init__(self, store: Store, metrics: GatewayMetrics) -> None:
        self._store, self._metrics = store, metrics

    async def apply(self, tenant_id: TenantId, facts: Sequence[PublishedEvent], keys: Keys) -> None:
        """All of `facts`; repeating them changes nothing.

        Raises `RedisError` or `OSError` when Redis is away.
        """
        latest = _latest(facts)
        texts = Texts(self._store, keys, tenant_id)
        takes = [call for fact in facts if (call := _take(tenant_id, fact, keys))]
        await self._store.run(
            *takes, *(call for fact in latest if (call := _plain(tenant_id, fact, keys)))
        )
        activities = [fact for fact in latest if isinstance(fact.event, ActivityEvent)]
        changed = await self._fold(tenant_id, activities, keys, texts)
        named = [
            fact.envelope.subject
            for fact in latest
            if isinstance(fact.event, ClientChanged | PersonDescribed)
        ]
        described = [
            fact.envelope.subject for fact in latest if isinstance(fact.event, ActivityDescribed)
        ]
        wanted = await texts.fragments_of(named, described)
        for room_id, id_ in changed:
            wanted[room_id].add(id_)
        await settle(texts, wanted)

    async def erase(self, tenant_id: TenantId, subject: UUID, keys: Keys) -> None:
        """Whoever or whatever `subject` is, nothing here names it any more, nor will a fact that
        comes late.
        """
        texts = Texts(self._store, keys, tenant_id)
        await self._store.run(*texts.erasing(subject))
        await settle(texts, await texts.fragments_of([subject], [subject]))

    async def _fold(
        self, tenant_id: TenantId, facts: Sequence[PublishedEvent], keys: Keys, texts: Texts
    ) -> list[tuple[str, str]]:
        """Folds activities; gives those whose names or texts changed while they were written."""
        if not facts:
            return []
        states = {
            str(fact.envelope.subject): (fact, fact.event.state.model_dump(mode="json"))  # type: ignore[attr-defined]
            for fact in facts
        }
        pairs = [(id_, state["client_id"]) for id_, (_, state) in states.items()]
        before = await texts.of(pairs)
        folded = [
            fragments.of_fact(
                fact.envelope.subject,
                fact.envelope.version,
                state,
                before[id_].client,
                before[id_].text,
            )
            for id_, (fact, state) in states.items()
        ]
        rooms = folding_calls(tenant_id, folded, keys)
        answers = await self._store.run(*indexing_calls(tenant_id, folded, keys), *rooms)
        taken = sum(answers[-len(rooms) :])
        self._metrics.projected.labels("taken").inc(taken)
        self._metrics.projected.labels("stale").inc(len(folded) - taken)
        after = await texts.of(pairs)
        return [
            (entry.room_id, entry.id)
            for entry in folded
            if entry.fragment and before[entry.id] != after[entry.id]
        ]


def folding_calls(tenant_id: TenantId, folded: Iterable[Projected], keys: Keys) -> list[Call]:
    """One call a room."""
    rooms: dict[str, list[Any]] = defaultdict(list)
    for entry in folded:
        rooms[entry.room_id].extend(entry.arguments)
    return [
        script("fold", keys.room(tenant_id, room_id), *values) for room_id, values in rooms.items()
    ]


def take_call(
    tenant_id: TenantId,
    room_id: UUID | str,
    seller: UUID | str,
    company_id: UUID | str,
    at: str,
    keys: Keys,
) -> Call:
    """When a seller last took something from the room's pool (`at` in milliseconds), and for which
    company.
    """
    return script("put", keys.room(tenant_id, room_id) + "takes", str(seller), at, str(company_id))


def _take(tenant_id: TenantId, fact: PublishedEvent, keys: Keys) -> Call | None:
    """Of every take, not only of the latest facts: one given back at once counts as well."""
    event = fact.event
    if (
        not isinstance(event, ActivityTaken)
        or event.how != "taken"
        or event.state.responsible_since is None
    ):
        return None
    at = fragments.milliseconds(event.state.responsible_since)
    return take_call(
        tenant_id, event.state.room_id, event.responsible, event.state.company_id, at, keys
    )


def indexing_calls(tenant_id: TenantId, folded: Iterable[Projected], keys: Keys) -> list[Call]:
    """Where an activity is, and in which rooms a client has one."""
    stem = keys.tenant(tenant_id)
    where: list[str] = []
    clients: list[Any] = []
    for entry in folded:
        where += [entry.id, entry.room_id]
        clients += [0, f"{entry.client_id}:{entry.room_id}"]
    return (
        [("HSET", stem + "where", *where), ("ZADD", stem + "clientrooms", *clients)]
        if where
        else []
    )


def _latest(facts: Sequence[PublishedEvent]) -> list[PublishedEvent]:
    """Of each aggregate, told by its kind of fact, the highest version."""
    found: dict[tuple[str, UUID], PublishedEvent] = {}
    for fact in facts:
        who = (fact.event.noun, fact.envelope.subject)
        if who not in found or found[who].envelope.version < fact.envelope.version:
            found[who] = fact
    return list(found.values())


def _plain(tenant_id: TenantId, fact: PublishedEvent, keys: Keys) -> Call | None:
    """The call that keeps what needs no more than one key."""
    event, subject, rank = fact.event, fact.envelope.subject, event_rank(fact.envelope.version)
    stem = keys.tenant(tenant_id)
    match event:
        case ClientChanged():
            return script("put", stem + "large", str(subject), rank, "1" if event.large else "")
        case PersonDescribed(kind="client"):
            return script("put", stem + "names", str(subject), rank, orjson.dumps(event.name))
        case ActivityDescribed():
            return script("put", stem + "texts", str(subject), rank, event.to_json())
        case CompanyChanged():
            return script(
                "put",
                stem + "companies",
                str(subject),
                rank,
                orjson.dumps({"id": str(subject), "name": event.name}),
            )
        case RoomChanged():
            ids = [str(company_id) for company_id in event.company_ids]
            return script(
                "put",
                stem + "rooms",
                str(subject),
                rank,
                orjson.dumps({"id": str(subject), "name": event.name, "company_ids": ids}),
            )
        case RoomSettingsChanged():
            room_settings = event.model_dump(
                mode="json", exclude={"room_id", "company_id", "changed_by"}
            )
            return script(
                "put",
                keys.room(tenant_id, event.room_id) + "numbers",
                str(event.company_id),
                rank,
                orjson.dumps(room_settings),
            )
        case TenantChanged():
            return script(
                "put",
                stem + "self",
                "tenant",
                rank,
                orjson.dumps({"time_zone": event.time_zone, "currency": event.currency}),
            )
        case VipEvent():
            holder, kind = event.state.responsible_id, event.state.kind
            return script(
                "vip", stem, str(subject), rank, str(holder) if holder and kind else "", kind or ""
            )
        case EntryPosted(statement_total=total) | StatementClosed(total=total):
            pay_key = f"{keys.employee(tenant_id, event.employee_id)}pay:{event.period}"
            return script("put", pay_key, str(event.company_id), rank, total.model_dump_json())
    return None
