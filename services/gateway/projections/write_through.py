"""What a service just answered, stored before it goes out: who wrote sees it in their next read,
and so does everybody else.

The facts of the same version outrank it when they come. Redis being away fails no command: the
facts still come.
"""

from collections.abc import Mapping
from urllib.parse import parse_qsl
from uuid import UUID

import orjson
import structlog
from redis.exceptions import RedisError

from services.gateway.edge.upstream import UpstreamResponse
from services.gateway.metrics import GatewayMetrics
from services.gateway.projections.projector import folding_calls, indexing_calls, take_call
from services.gateway.projections.texts import Texts, settle
from services.gateway.read_models import fragments
from services.gateway.read_models.fragments import Json, response_rank
from services.gateway.read_models.generations import Generations, Named
from services.gateway.read_models.keys import Keys
from services.gateway.read_models.kinds import ResponseKind
from services.gateway.read_models.store import Call, script
from shared.ids import TenantId
from shared.tenancy import Caller

log = structlog.get_logger()


class WriteThrough:
    """Stores answers into every generation that the pointer names."""

    def __init__(self, generations: Generations, metrics: GatewayMetrics) -> None:
        self._generations, self._metrics = generations, metrics

    async def keep(self, caller: Caller, path: str, query: str, answer: UpstreamResponse) -> None:
        """`store` for a caller that knows no kind: told by the path alone."""
        kind, path_params = kind_of_path(path)
        await self.store(caller, kind, path_params, dict(parse_qsl(query)), answer)

    async def store(
        self,
        caller: Caller,
        kind: ResponseKind,
        path_params: Mapping[str, str],
        query: Mapping[str, str],
        response: UpstreamResponse,
    ) -> None:
        """Stores the response of a successful command, where a read model shows its kind."""
        if kind == "other":
            return
        try:
            view = orjson.loads(response.body)
            stored = await self._store(caller.tenant_id, kind, path_params, query, view)
        except (RedisError, OSError) as error:
            self._metrics.write_through.labels("away").inc()
            log.info("write_through_skipped", kind=kind, reason=type(error).__name__)
        except (KeyError, TypeError, ValueError) as error:
            # The command has taken effect: whatever its response lacks, the caller gets it.
            self._metrics.write_through.labels("malformed").inc()
            log.error("write_through_skipped", kind=kind, exc_info=error)
        else:
            if stored:
                self._metrics.write_through.labels("stored").inc()

    async def _store(
        self,
        tenant_id: TenantId,
        kind: ResponseKind,
        path_params: Mapping[str, str],
        query: Mapping[str, str],
        view: Json,
    ) -> bool:
        """Stores in one trip, unless the pointer moved since it was last seen."""
        response = (kind, path_params, query, view)
        named, calls = (
            self._generations.seen,
            self._calls(self._generations.seen, tenant_id, *response),
        )
        answers = await self._generations.store.run(self._generations.call, *calls, quick=True)
        fresh = self._generations.heard(answers[0])
        missed = Named.of(None, *(name for name in fresh.all if name not in named.all))
        if missed.all and (again := self._calls(missed, tenant_id, *response)):
            await self._generations.store.run(*again)
        if kind == "client":
            await self._rename(tenant_id, UUID(view["id"]), fresh)
        return bool(fresh.all)

    def _calls(
        self,
        named: Named,
        tenant_id: TenantId,
        kind: ResponseKind,
        path_params: Mapping[str, str],
        query: Mapping[str, str],
        view: Json,
    ) -> list[Call]:
        calls: list[Call] = []
        for generation in named.all:
            keys = self._generations.keys(generation)
            calls += response_calls(tenant_id, kind, path_params, query, view, keys)
        return calls

    async def _rename(self, tenant_id: TenantId, client_id: UUID, named: Named) -> None:
        for generation in named.all:
            texts = Texts(self._generations.store, self._generations.keys(generation), tenant_id)
            await settle(texts, await texts.fragments_of([client_id], []))


def kind_of_path(path: str) -> tuple[ResponseKind, dict[str, str]]:
    """The kind of response that a command's path gives, and the parameters in it."""
    segments = path.split("/")[3:]
    match segments:
        case ["activities", *_]:
            return "activity", {}
        case ["vip", *_]:
            return "vip", {}
        case ["rooms", room_id, "settings"]:
            return "room_settings", {"room_id": room_id}
        case [("rooms" | "companies" | "clients") as noun, *rest] if len(rest) <= 1:
            kinds: dict[str, ResponseKind] = {
                "rooms": "room",
                "companies": "company",
                "clients": "client",
            }
            return kinds[noun], {}
    return "other", {}


def response_calls(
    tenant_id: TenantId,
    kind: ResponseKind,
    path_params: Mapping[str, str],
    query: Mapping[str, str],
    view: Json,
    keys: Keys,
) -> list[Call]:
    """The calls by which a response of `kind` changes one generation."""
    stem = keys.tenant(tenant_id)
    rank = response_rank(view["version"])
    match kind:
        case "activity":
            return _activity_calls(tenant_id, view, keys)
        case "vip":
            held = view["responsible_id"] and view["kind"]
            holder, vip_kind = (view["responsible_id"], view["kind"]) if held else ("", "")
            return [script("vip", stem, view["id"], rank, holder, vip_kind)]
        case "room_settings":
            return _room_settings_calls(tenant_id, path_params, query, view, keys)
        case "client":
            return [
                script("put", stem + "names", view["id"], rank, orjson.dumps(view["name"])),
                script("put", stem + "large", view["id"], rank, "1" if view["large"] else ""),
            ]
        case "room":
            room = {name: view[name] for name in ("id", "name", "company_ids")}
            return [script("put", stem + "rooms", view["id"], rank, orjson.dumps(room))]
        case "company":
            company = {name: view[name] for name in ("id", "name")}
            return [script("put", stem + "companies", view["id"], rank, orjson.dumps(company))]
        case "other":
            return []


def _activity_calls(tenant_id: TenantId, view: Json, keys: Keys) -> list[Call]:
    stem, rank = keys.tenant(tenant_id), response_rank(view["version"])
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


def _room_settings_calls(
    tenant_id: TenantId,
    path_params: Mapping[str, str],
    query: Mapping[str, str],
    view: Json,
    keys: Keys,
) -> list[Call]:
    company_id = str(UUID(query["company_id"]))
    key = keys.room(tenant_id, str(UUID(path_params["room_id"]))) + "numbers"
    room_settings = {name: value for name, value in view.items() if name != "version"}
    rank = response_rank(view["version"])
    return [script("put", key, company_id, rank, orjson.dumps(room_settings))]
