"""Records requests in the audit: pure ASGI around admission, so that refusals are recorded too."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import orjson
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.accounts.audit import (
    AuditEntry,
    AuditNote,
    AuditTrail,
    begin_note,
    security_fields,
)
from services.gateway.accounts.audit_kinds import Audited
from services.gateway.accounts.audited import audited_at
from services.gateway.edge.context import RequestContext, find_context
from services.gateway.metrics import GatewayMetrics
from shared.context import correlation
from shared.errors import Unavailable
from shared.ids import TenantId
from shared.vocabulary import AuditActorKind, AuditOutcome
from shared.web.problems import respond

log = structlog.get_logger()
_FIELD = re.compile(r"[A-Za-z_]{1,40}")
# Codes, ids, days, zones: no e-mail, phone or name looks like this.
_CODE = re.compile(
    r"[a-z][A-Za-z_/]{0,39}|[A-Z]{3}|[A-Z][A-Za-z_]+/[A-Za-z_/+-]+|\d{4}-\d{2}(-\d{2})?"
)
_MOST = 30
_LONGEST_AGENT = 200
_PARSED = 64 << 10
_WAIT = 429


class _Response:
    """The response as it passes: its status, and the beginning of its body."""

    def __init__(self, send: Send, held: bool) -> None:
        self._send, self._held = send, held
        self.status = 500
        self.body = b""
        self._messages: list[Message] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif len(self.body) < _PARSED and (self._held or self.status >= 400):
            self.body += message.get("body", b"")
        if self._held:
            self._messages.append(message)
        else:
            await self._send(message)

    async def release(self) -> None:
        for message in self._messages:
            await self._send(message)

    @property
    def json(self) -> Mapping[str, Any]:
        """The body, where it is a JSON object."""
        return _json_object(self.body)


class AuditMiddleware:
    """Records what `audited` lists: a change before its answer goes out, a read behind it."""

    def __init__(self, app: ASGIApp, trail: AuditTrail, metrics: GatewayMetrics) -> None:
        self._app, self._trail, self._metrics = app, trail, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        located = audited_at(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if located is None:
            await self._app(scope, receive, send)
            return
        audited, path_parts = located
        if audited.kind == "read":
            try:
                self._trail.require_room()
            except Unavailable as refusal:
                await respond(refusal)(scope, receive, send)
                return
        note = begin_note()
        response = _Response(send, held=audited.kind != "read")
        try:
            await self._app(scope, receive, response)
        finally:
            # Also what failed, or was given up by its client, may have had its effect.
            await self._record(audited, _Request(scope, path_parts), note, response)
        await response.release()

    async def _record(
        self, audited: Audited, request: "_Request", note: AuditNote, response: _Response
    ) -> None:
        outcome = _outcome(response.status)
        if audited.only_refused and outcome == "done":
            return
        self._metrics.audited.labels(audited.name, outcome).inc()
        # Who is told to wait has done nothing, and would fill the audit by asking on.
        entry = None if response.status == _WAIT else _entry(audited, request, note, response)
        if entry is None:
            if audited.kind == "session":
                log.info(
                    "security_event",
                    operation=audited.name,
                    outcome=outcome,
                    status=response.status,
                    code=response.json.get("code"),
                )
            return
        if audited.kind != "read" or outcome != "done":
            log.info("security_event", **security_fields(entry))
        # A refused log-in is written behind its answer: its time would tell whom there is.
        if audited.kind == "read" or (audited.kind == "session" and outcome == "refused"):
            self._trail.add(entry)
        else:
            await self._trail.write(entry)


class _Request:
    """A request as its entry tells it."""

    def __init__(self, scope: Scope, path_parts: Mapping[str, str]) -> None:
        self.path_parts = path_parts
        self.context: RequestContext | None = find_context(scope)
        self.address = scope["client"][0] if scope.get("client") else ""
        self.user_agent = ""
        self.is_json = False
        for name, value in scope["headers"]:
            if name == b"user-agent":
                self.user_agent = _printable(value.decode("latin-1"))
            elif name == b"content-type":
                self.is_json = b"json" in value
        self.query = scope["query_string"].decode("latin-1")

    @property
    def fields(self) -> Mapping[str, Any]:
        """The fields of a JSON body."""
        return _json_object(self.context.body) if self.context and self.is_json else {}

    @property
    def parameters(self) -> Mapping[str, str]:
        try:
            return dict(parse_qsl(self.query, max_num_fields=_MOST))
        except ValueError:
            return {}


def _entry(
    audited: Audited, request: _Request, note: AuditNote, response: _Response
) -> AuditEntry | None:
    """The entry; None where the request named no tenant: a wrong token, an unknown e-mail."""
    outcome = _outcome(response.status)
    body = response.json if outcome != "failed" else {}
    actor_kind, actor_id, tenant_id = _actor(audited, request, note, outcome)
    if audited.name == "provision_tenant" and outcome == "done" and (made := _id(body.get("id"))):
        tenant_id = TenantId(made)
    if audited.name == "name_admin" and outcome == "done":
        tenant_id = TenantId(UUID(request.path_parts["tenant_id"]))
    if tenant_id is None:
        return None
    return AuditEntry(
        tenant_id=tenant_id,
        actor_kind=actor_kind,
        actor_id=actor_id,
        session_id=note.session_id or (request.context.session_id if request.context else None),
        operation=audited.name,
        target=audited.target,
        target_ids=_targets(audited, request, note, body if outcome == "done" else {}),
        outcome=outcome,
        status=response.status,
        code=str(body["code"])[:60] if outcome == "refused" and "code" in body else None,
        address=request.address,
        user_agent=request.user_agent,
        request_id=correlation.get(),
        details={**_details(audited, request), **note.details},
    )


def _actor(
    audited: Audited, request: _Request, note: AuditNote, outcome: AuditOutcome
) -> tuple[AuditActorKind, UUID | None, TenantId | None]:
    caller = request.context.caller if request.context else None
    if audited.name in ("provision_tenant", "name_admin"):
        return "operator", None, None
    if note.key_id:
        return "api_key", note.key_id, note.tenant_id
    if caller:
        return "employee", caller.employee_id, caller.tenant_id
    if audited.kind == "session" and outcome == "done":
        return "employee", note.account_id, note.tenant_id
    return "anonymous", None, note.tenant_id


def _targets(
    audited: Audited, request: _Request, note: AuditNote, created: Mapping[str, Any]
) -> tuple[UUID, ...]:
    """The ids that the operation concerned: of the path, query, body, and what it created."""
    caller = request.context.caller if request.context else None
    values: list[Any] = list(request.path_parts.values())
    values += [request.parameters.get(name) for name in audited.query_ids]
    if audited.body_ids:
        values += [request.fields.get(name) for name in audited.body_ids]
    if not request.path_parts:
        values.append(created.get("id"))
    if isinstance(admin := created.get("admin"), dict):
        values.append(admin.get("employee_id"))
    if audited.kind == "session":
        values.append(note.account_id)
    targets = [id_ for value in values if (id_ := _id(value))]
    if audited.name == "get_statement" and not targets and caller:
        targets = [caller.employee_id]
    return tuple(dict.fromkeys(targets))[:_MOST]


def _details(audited: Audited, request: _Request) -> dict[str, Any]:
    """The names of the fields and parameters that came, and the values that may be told."""
    parameters = request.parameters
    fields = request.fields if audited.kind == "change" else {}
    details: dict[str, Any] = {}
    for kind, names in (("fields", fields), ("query", parameters)):
        if shown := sorted(name for name in names if _FIELD.fullmatch(name))[:_MOST]:
            details[kind] = shown
    for name in audited.values:
        for values in (request.path_parts, parameters, fields):
            if name in values and _is_code(value := values[name]):
                details[name] = value
    return details


def _is_code(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= _MOST and all(_is_code(item) for item in value)
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, int):
        return abs(value) < 2**31
    return isinstance(value, str) and bool(_id(value) or _CODE.fullmatch(value))


def _id(value: Any) -> UUID | None:
    if isinstance(value, str):
        with suppress(ValueError):
            return UUID(value)
    return value if isinstance(value, UUID) else None


def _outcome(status: int) -> AuditOutcome:
    return "failed" if status >= 500 else "refused" if status >= 400 else "done"


def _json_object(raw: bytes) -> Mapping[str, Any]:
    with suppress(orjson.JSONDecodeError):
        value = orjson.loads(raw)
        return value if isinstance(value, dict) else {}
    return {}


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())[:_LONGEST_AGENT]
