"""RFC 9457 problem details: the one place where refusals become HTTP."""

from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from shared.context import language
from shared.errors import Refusal, Unavailable
from shared.idempotency import Replayed
from shared.versions import etag
from shared.web.messages import messages
from shared.web.validation import broken_rules

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
STATUSES: Mapping[str, int] = {
    "adjustment_decided": 409,
    "already_disputed": 409,
    "already_paid": 409,
    "dispute_not_open": 409,
    "already_refunded": 409,
    "duplicate_payout": 409,
    "period_approved": 409,
    "period_not_approved": 409,
    "period_not_closed": 409,
    "already_dismissed": 409,
    "already_taken": 409,
    "already_won": 409,
    "bank_line_booked": 409,
    "bank_line_ignored": 409,
    "bank_line_not_incoming": 409,
    "bank_line_untouched": 409,
    "beyond_horizon": 409,
    "contract_not_won": 409,
    "do_not_call": 409,
    "document_not_sent": 409,
    "client_in_group": 409,
    "client_merged": 409,
    "different_organizations": 409,
    "duplicate_client": 409,
    "duplicate_account": 409,
    "duplicate_company": 409,
    "duplicate_custom_field": 409,
    "duplicate_email": 409,
    "absence_is_cancelled": 409,
    "cost_is_removed": 409,
    "absence_overlaps": 409,
    "duplicate_invoice_number": 409,
    "duplicate_loss_reason": 409,
    "duplicate_our_number": 409,
    "duplicate_person": 409,
    "duplicate_payment": 409,
    "duplicate_short_name": 409,
    "duplicate_site_form": 409,
    "duplicate_personnel_number": 409,
    "duplicate_source": 409,
    "duplicate_telephony_account": 409,
    "exceeds_agreed": 409,
    "export_too_large": 409,
    "forbidden": 403,
    "has_admin": 409,
    "has_money": 409,
    "idempotency_key_reused": 422,
    "import_busy": 409,
    "imported_before": 409,
    "import_expired": 409,
    "import_has_run": 409,
    "import_not_read": 409,
    "internal": 500,
    "invalid": 422,
    "invoice_cancelled": 409,
    "invoice_has_money": 409,
    "job_already_finished": 409,
    "job_not_cancellable": 409,
    "last_admin": 409,
    "message_closed": 409,
    "method_not_allowed": 405,
    "no_next_step": 409,
    "split_not_proposed": 409,
    "not_closed": 409,
    "nothing_proposed": 409,
    "not_complete": 409,
    "not_configured": 409,
    "not_found": 404,
    "not_free": 409,
    "not_in_work": 409,
    "payment_already_matched": 409,
    "payment_matched": 409,
    "payment_not_matched": 409,
    "payment_struck": 409,
    "refund_stays": 409,
    "earlier_period_open": 409,
    "own_pay": 403,
    "second_person_needed": 403,
    "period_closed": 409,
    "plan_is_draft": 409,
    "period_not_finished": 409,
    "period_not_ready": 409,
    "plan_published": 409,
    "rate_limited": 429,
    "refund_exceeds_paid": 409,
    "refused": 409,
    "renewal_not_scheduled": 409,
    "renewal_not_withdrawn": 409,
    "requisites_missing": 409,
    "second_factor_active": 409,
    "second_factor_required": 401,
    "stale": 409,
    "statement_being_read": 409,
    "tenant_required": 409,
    "too_large": 413,
    "too_many_views": 409,
    "too_slow": 408,
    "too_soon": 429,
    "unauthenticated": 401,
    "unavailable": 503,
    "vip_limit_reached": 409,
    "vip_not_held": 409,
    "vip_of_another": 409,
    "work_limit_reached": 409,
    "worked_by_another": 409,
}
"""Every code of the public API, with its status."""
_CODES = {
    400: "invalid",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "invalid",
}
_NAMED_ERRORS = 3


def problem(status: int, code: str, reason: str = "", **extra: Any) -> bytes:
    """The body of a problem, its texts in the language of the request.

    `errors` among the `extra` gain their messages.
    """
    texts = messages()
    detail = texts.detail(code, reason, extra)
    if errors := extra.get("errors"):
        extra["errors"] = errors = [_worded(error) for error in errors]
        if code == "invalid":
            named = errors[:_NAMED_ERRORS]
            detail = "; ".join(f"{error['field']}: {error['message']}" for error in named)
    body = {
        "type": f"/problems/{code}",
        "title": texts.titles.get(code, code),
        "status": status,
        "code": code,
        "detail": detail,
        **extra,
    }
    return orjson.dumps(body, default=str, option=orjson.OPT_UTC_Z)


def _worded(error: Mapping[str, Any]) -> dict[str, Any]:
    field, rule = error["field"], error["rule"]
    message = messages().rule(rule, error)
    return {"field": field, "rule": rule, "message": message, **error}


def render(refusal: Refusal) -> bytes:
    return problem(refusal.status, refusal.code, refusal.reason, **refusal.extra)


def respond(refusal: Refusal) -> Response:
    headers = _headers()
    if "retry_after_seconds" in refusal.extra:
        headers["Retry-After"] = str(max(1, refusal.extra["retry_after_seconds"]))
    if refusal.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(render(refusal), refusal.status, headers, MEDIA_TYPE)


def respond_again(replay: Replayed) -> Response:
    """The first response, to a command that came again; in the language of that time."""
    status, body = replay.response.status, replay.response.body
    media_type = MEDIA_TYPE if status >= 400 else "application/json"
    return Response(
        body, status, {"Idempotent-Replayed": "true", **_tagged(status, body)}, media_type
    )


def _tagged(status: int, body: bytes) -> dict[str, str]:
    """The entity tag that the first response had."""
    view = orjson.loads(body) if status < 300 and body else None
    version = view.get("version") if isinstance(view, dict) else None
    return {} if version is None else {"ETag": etag(version)}


def malformed(error: RequestValidationError) -> Response:
    """422 `invalid` with each field and the rule that it breaks."""
    body = problem(422, "invalid", errors=broken_rules(error.errors()))
    return Response(body, 422, _headers(), MEDIA_TYPE)


def _headers() -> dict[str, str]:
    return {"Content-Language": language.get()}


def install(app: FastAPI) -> None:
    """Maps refusals, malformed input, replays and our own failures for every route of `app`."""

    @app.exception_handler(Refusal)
    async def _refused(_: Request, refusal: Refusal) -> Response:
        if isinstance(refusal, Unavailable):
            log.warning("unavailable", reason=str(refusal))
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
        body = problem(error.status_code, code, "path" if code == "not_found" else "")
        headers = {**(error.headers or {}), **_headers()}
        return Response(body, error.status_code, headers, MEDIA_TYPE)

    @app.exception_handler(Exception)
    async def _failed(request: Request, error: Exception) -> Response:
        path = request.scope.get("route_path", request.url.path)
        log.error("request_failed", path=path, exc_info=error)
        return Response(problem(500, "internal"), 500, _headers(), MEDIA_TYPE)
