"""Problems in the OpenAPI document: their schema, and a response for each status with an example
for each code.
"""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from shared.contracts.schemas import Terse
from shared.web.problems import MEDIA_TYPE, STATUSES, problem
from shared.web.responses import Problem

Json = dict[str, Any]
_NAMES = {
    401: ("Unauthorized", "The caller is not known, or no longer."),
    403: ("Forbidden", "The caller may see it, but not do this."),
    404: ("NotFound", "It does not exist, or is not the caller's to see."),
    408: ("TimedOut", "The body did not arrive in time."),
    409: ("Refused", "A rule refuses; nothing was changed."),
    413: ("TooLarge", "The body is too large."),
    422: ("Invalid", "Malformed input; `errors` names fields and rules."),
    429: ("TooMany", "Wait `Retry-After` seconds."),
    500: ("Failed", "Our mistake; nothing was changed."),
    503: ("Unavailable", "The same request may be sent again after `Retry-After` seconds."),
}
_EVERYWHERE = (401, 422, 429, 500, 503)
_OF_BODIES = (408, 413)
_CODE = re.compile(r"`([a-z_]+)`")
_PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "adjustment_decided": {"adjustment_state": "posted"},
    "already_paid": {"statement_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a21"},
    "dispute_not_open": {"dispute_state": "answered"},
    "duplicate_payout": {"payroll_id": "ZP-2026-11-1"},
    "earlier_period_open": {"period": "2026-11", "earlier": "2026-10"},
    "period_approved": {"period": "2026-11", "approved_at": "2026-12-02T07:00:00Z"},
    "period_not_approved": {"period": "2026-11"},
    "period_not_closed": {"period": "2026-11"},
    "period_not_finished": {"period": "2026-11", "ends_at": "2026-11-30T21:00:00Z"},
    "period_not_ready": {"blocks": ["events_behind"], "warnings": ["claimed_money"]},
    "already_refunded": {"left": {"amount": "300.00", "currency": "RUB"}},
    "already_taken": {
        "responsible_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a21",
        "taken_at": "2026-11-30T10:00:00Z",
    },
    "beyond_horizon": {"due_on": "2027-11-26"},
    "client_merged": {"merged_into": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a21"},
    "duplicate_client": {"matched": ["phone"], "client_ids": []},
    "duplicate_account": {"number": "40702810638050013199"},
    "duplicate_company": {
        "company_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a22",
        "archived": False,
    },
    "duplicate_personnel_number": {
        "employee_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a23",
        "active": True,
    },
    "duplicate_source": {"source_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a23", "archived": True},
    "duplicate_invoice_number": {"number": "СЧ-118"},
    "exceeds_agreed": {"left": {"amount": "700.00", "currency": "RUB"}},
    "duplicate_custom_field": {
        "custom_field_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a21",
        "archived": False,
    },
    "duplicate_person": {"person_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a21"},
    "absence_overlaps": {"absence_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a21"},
    "message_closed": {"message_state": "resolved"},
    "duplicate_our_number": {"our_number_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a21"},
    "duplicate_site_form": {"site_form_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a21"},
    "duplicate_loss_reason": {"loss_reason_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a21"},
    "export_too_large": {"max_rows": 100_000},
    "invalid": {"errors": [{"field": "reason", "rule": "missing"}]},
    "import_busy": {"import_state": "running"},
    "import_not_read": {"import_state": "reading"},
    "job_already_finished": {"job_state": "done"},
    "not_closed": {"activity_status": "in_work"},
    "not_found": {"noun": "activity"},
    "not_free": {"activity_status": "won"},
    "not_in_work": {"activity_status": "lost"},
    "period_closed": {"period": "2026-10"},
    "plan_published": {"plan_version": 3},
    "rate_limited": {"retry_after_seconds": 2},
    "refund_exceeds_paid": {"left": {"amount": "300.00", "currency": "RUB"}},
    "renewal_not_scheduled": {"renewal_status": "withdrawn", "activity_id": None},
    "renewal_not_withdrawn": {"renewal_status": "scheduled", "activity_id": None},
    "requisites_missing": {"missing": ["address", "vat"]},
    "second_factor_required": {
        "challenge": "c2VhbGVkLWNoYWxsZW5nZQ",
        "enrolment_required": False,
        "expires_in": 300,
    },
    "stale": {"version": 8, "changed": {"name": "Вторая"}},
    "tenant_required": {"tenants": ["kholding", "romashka"]},
    "too_large": {"max_bytes": 1048576},
    "too_many_views": {"limit": 100},
    "too_soon": {"retry_after_seconds": 42},
    "unavailable": {"retry_after_seconds": 1},
    "vip_limit_reached": {"limit": 10, "held": 10, "could_release": []},
    "work_limit_reached": {"limit": 40, "in_work": 40},
    "vip_of_another": {"protected_until": "2026-12-14T10:00:00Z"},
}


def schemas() -> Json:
    """`Problem` and its parts; the codes are listed."""
    schema = Problem.model_json_schema(
        ref_template="#/components/schemas/{model}", schema_generator=Terse
    )
    parts: Json = schema.pop("$defs")
    for part in (schema, *parts.values()):
        del part["title"]
        for field in part["properties"].values():
            field.pop("default", None)
    schema["properties"]["code"]["enum"] = sorted(STATUSES)
    return {"Problem": schema, **parts}


def responses() -> Json:
    """A response for each status, with an example for each of its codes."""
    return {name: _response(status, _codes(status)) for status, (name, _) in _NAMES.items()}


def completed(operation: Json, path: str, method: str) -> Json:
    """The responses of an operation, its problems included.

    The codes of 409 are those that its description names.
    """
    own = {
        status: response
        for status, response in operation.get("responses", {}).items()
        if MEDIA_TYPE not in response.get("content", {})
    }
    declared = {int(status) for status in operation.get("responses", {}) if status not in own}
    statuses = declared | set(_EVERYWHERE)
    if not path.startswith("/api/v1/auth/"):
        statuses.add(403)
    if "{" in path or method != "get":
        statuses.add(404)
    if method in ("post", "put", "patch"):
        statuses |= {*_OF_BODIES, 409}
    named = set(_CODE.findall(operation.get("description", "")))
    refusals = {str(status): _referred(status, named) for status in sorted(statuses)}
    return dict(sorted({**refusals, **own}.items()))


def _referred(status: int, named: set[str]) -> Json:
    codes = [code for code in _codes(status) if code in named]
    if status == 409 and codes:
        return _response(status, [*codes, "stale"])
    return {"$ref": f"#/components/responses/{_NAMES[status][0]}"}


def _codes(status: int) -> list[str]:
    return sorted(code for code, own in STATUSES.items() if own == status)


def _response(status: int, codes: list[str]) -> Json:
    shown = {code: {"value": example(code)} for code in dict.fromkeys(codes)}
    content: Json = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": shown}
    response: Json = {"description": _NAMES[status][1], "content": {MEDIA_TYPE: content}}
    if status in (429, 503):
        response["headers"] = {
            "Retry-After": {
                "description": "Seconds to wait before the same request.",
                "schema": {"type": "integer"},
            }
        }
    return response


def example(code: str) -> Json:
    """A problem with this code, in English."""
    body: Json = orjson.loads(problem(STATUSES[code], code, "", **_PARAMETERS.get(code, {})))
    return body
