"""RFC 9457 problem details: the one place where refusals become HTTP."""

from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from shared.errors import Refusal, Unavailable
from shared.idempotency import Replayed

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
_CODES = {
    400: "invalid",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "invalid",
}


def problem(status: int, code: str, title: str, detail: str, **extra: Any) -> bytes:
    """The body of a problem response."""
    body = {
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        **extra,
    }
    return orjson.dumps(body, default=str, option=orjson.OPT_UTC_Z)


def render(refusal: Refusal) -> bytes:
    return problem(refusal.status, refusal.code, refusal.title, refusal.detail, **refusal.extra)


def respond(refusal: Refusal) -> Response:
    headers = {}
    if "retry_after_seconds" in refusal.extra:
        headers["Retry-After"] = str(max(1, refusal.extra["retry_after_seconds"]))
    if refusal.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(render(refusal), refusal.status, headers, MEDIA_TYPE)


def respond_again(replay: Replayed) -> Response:
    """The first response, to a command that came again."""
    media_type = MEDIA_TYPE if replay.response.status >= 400 else "application/json"
    return Response(
        replay.response.body, replay.response.status, {"Idempotent-Replayed": "true"}, media_type
    )


def _field(location: tuple[Any, ...]) -> str:
    parts = [str(part) for part in location if part not in ("body", "query", "path", "header")]
    return ".".join(parts) or str(location[0] if location else "body")


def malformed(error: RequestValidationError) -> Response:
    """422 `invalid` with each field, the rule it breaks and a message; never the value that was
    sent.
    """
    errors = [
        {"field": _field(item["loc"]), "rule": item["type"], "message": item["msg"]}
        for item in error.errors()[:20]
    ]
    detail = "; ".join(f"{item['field']}: {item['message']}" for item in errors[:3])
    return Response(
        problem(422, "invalid", "Malformed input", detail, errors=errors),
        422,
        media_type=MEDIA_TYPE,
    )


def install(app: FastAPI) -> None:
    """Maps refusals, malformed input, replays and our own failures for every route of `app`."""

    @app.exception_handler(Refusal)
    async def _refused(_: Request, refusal: Refusal) -> Response:
        if isinstance(refusal, Unavailable):
            log.warning("unavailable", detail=refusal.detail)
        return respond(refusal)

    @app.exception_handler(Replayed)
    async def _replayed(_: Request, replay: Replayed) -> Response:
        return respond_again(replay)

    @app.exception_handler(RequestValidationError)
    async def _malformed(_: Request, error: RequestValidationError) -> Response:
        return malformed(error)

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> Response:
        code = _CODES.get(error.status_code, "refused")
        return Response(
            problem(error.status_code, code, str(error.detail), str(error.detail)),
            error.status_code,
            error.headers,
            MEDIA_TYPE,
        )

    @app.exception_handler(Exception)
    async def _failed(request: Request, error: Exception) -> Response:
        log.error("failed", path=request.scope.get("route_path", request.url.path), exc_info=error)
        return Response(
            problem(500, "internal", "Our mistake", "the request failed; it changed nothing"),
            500,
            media_type=MEDIA_TYPE,
        )
