"""What a service just answered, stored before it goes out: who wrote sees it in their next read,
and so does everybody else.

The facts of the same version outrank it when they come. Redis being away fails no command: the
facts still come.
"""

from typing import Any
from uuid import UUID

import orjson
import structlog
from redis.exceptions import RedisError

from services.gateway.edge.upstream import UpstreamResponse
from services.gateway.metrics import GatewayMetrics
from services.gateway.projections.projector import folding_calls, indexing_calls, take_call
from services.gateway.projections.texts import Texts, settle
from services.gateway.read_models import fragments
from services.gateway.read_models.fragments import Json, answer_rank
from services.gateway.read_models.generations import Generations, Named
from services.gateway.read_models.keys import Keys
from services.gateway.read_models.store import Call, script
from shared.ids import TenantId
from shared.tenancy import Caller

log = structlog.get_logger()
_ACTIVITY = frozenset(
    {
        "id",
        "version",
        "room_id",
        "status",
        "stage",
        "client",
        "checklist",
        "next_step",
        "responsible_id",
    }
)
_VIP = frozenset({"id", "version", "room_id", "responsible_id", "kind", "receipts"})
_NUMBERS = frozenset(
    {"version", "retake_cooldown_seconds", "vip_in_development_limit", "vip_by_receipts_limit"}
)


class WriteThrough:
    """Stores answers into every generation that the pointer names."""

    def __init__(self, generations: Generations, metrics: GatewayMetrics) -> None:
        self._generations, self._metrics = generations, metrics

    async def keep(self, caller: Caller, path: str, query: str, answer: UpstreamResponse) -> None:
        """Takes the answer of a command in, if it is one that is shown anywhere."""
        view = orjson.loads(answer.body)
        if not isinstance(view, dict) or "version" not in view:
            return
        try:
            if await self._store(caller.tenant_id, path.split("/")[3:], query, view):
                self._metrics.write_through.labels("stored").inc()
        except (RedisError, OSError) as away:
            self._metrics.write_through.labels("away").inc()
            log.info("an own write comes by its facts alone", reason=type(away).__name__)

    async def _store(self, tenant_id: TenantId, path: list[str], query: str, view: Json) -> bool:
        """In one trip, unless the pointer moved since it was last seen."""
        named, calls = (
            self._generations.seen,
            self._calls(self._generations.seen, tenant_id, path, query, view),
        )
        if not calls and named.all:
            return False
        answers = await self._generations.store.run(self._generations.call, *calls, quick=True)
        fresh = self._generations.heard(answers[0])
        missed = Named.of(None, *(name for name in fresh.all if name not in named.all))
        if missed.all and (again := self._calls(missed, tenant_id, path, query, view)):
            await self._generations.store.run(*again)
        if path[0] == "clients":
            await self._rename(tenant_id, UUID(view["id"]), fresh)
        return bool(fresh.all)

    def _calls(
        self, named: Named, tenant_id: TenantId, path: list[str], query: str, view: Json
    ) -> list[Call]:
        found: list[Call] = []
        for generation in named.all:
            found += shown_calls(tenant_id, path, query, view, self._generations.keys(generation))
        return found

    async def _rename(self, tenant_id: TenantId, client_id: UUID, named: Named) -> None:
        for generation in named.all:
            texts = Texts(self._generations.store, self._generations.keys(generation), tenant_id)
            await settle(texts, await texts.fragments_of([client_id], []))


def shown_calls(
    tenant_id: TenantId, path: list[str], query: str, view: Json, keys: Keys
) -> list[Call]:
    """What an answer changes in one generation; nothing for most."""
    stem = keys.tenant(tenant_id)
    if view.keys() >= _ACTIVITY:
        return _activity_calls(tenant_id, view, keys)
    if view.keys() >= _VIP:
        held = view["responsible_id"] and view["kind"]
        rank = answer_rank(view["version"])
        return [
            script(
                "vip",
                stem,
                view["id"],
                rank,
                view["responsible_id"] if held else "",
                view["kind"] if held else "",
            )
        ]
    if path[-1] == "settings" and view.keys() >= _NUMBERS:
        return _numbers_calls(tenant_id, path, query, view, keys)
    if (
        path[0] in ("rooms", "companies", "clients")
        and len(path) <= 2
        and "id" in view
        and "name" in view
    ):
        return _directory_calls(stem, path[0], view)
    return []


def _activity_calls(tenant_id: TenantId, view: Json, keys: Keys) -> list[Call]:
    stem, rank = keys.tenant(tenant_id), answer_rank(view["version"])
    client, entry = view["client"], fragments.of_answer(view)
    taken = (
        [
            take_call(
                tenant_id, entry.room_id, entry.responsible, entry.company_id, entry.taken_at, keys
            )
        ]
        if entry.taken_at
        else []
    )
    return [
        # The name is known by its own facts, unless these have not come yet.
        script("put", stem + "names", client["id"], 0, orjson.dumps(client["name"])),
        script("put", stem + "large", client["id"], 0, "1" if client["large"] else ""),
        script("put", stem + "texts", view["id"], rank, orjson.dumps(fragments.text_of(view))),
        *taken,
        *indexing_calls(tenant_id, [entry], keys),
        *folding_calls(tenant_id, [entry], keys),
    ]


def _numbers_calls(
    tenant_id: TenantId, path: list[str], query: str, view: Json, keys: Keys
) -> list[Call]:
    company_id = dict(part.partition("=")[::2] for part in query.split("&")).get("company_id", "")
    room_settings: dict[str, Any] = {
        name: value
        for name, value in view.items()
        if name not in ("version", "room_id", "company_id")
    }
    try:
        hashed = keys.room(tenant_id, str(UUID(path[1]))) + "numbers"
        return [
            script(
                "put",
                hashed,
                str(UUID(company_id)),
                answer_rank(view["version"]),
                orjson.dumps(room_settings),
            )
        ]
    except ValueError:
        return []


def _directory_calls(stem: str, noun: str, view: Json) -> list[Call]:
    rank = answer_rank(view["version"])
    if noun == "clients":
        return [
            script("put", stem + "names", view["id"], rank, orjson.dumps(view["name"])),
            script("put", stem + "large", view["id"], rank, "1" if view.get("large") else ""),
        ]
    entry = {name: view[name] for name in ("id", "name", "company_ids") if name in view}
    return [script("put", stem + noun, view["id"], rank, orjson.dumps(entry))]
