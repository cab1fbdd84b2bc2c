"""The gateway's own answers: routers, and the endpoints that no service has."""

from functools import partial

from services.gateway.api import (
    activities,
    audit,
    calendars,
    dashboards,
    desk,
    documents,
    employees,
    jobs,
    keys,
    me,
    messenger,
    notifications,
    oidc,
    passwords,
    pool,
    push_subscriptions,
    reports,
    saved_views,
    second_factor,
    sessions,
    settings_preview,
    stream,
    tenants,
    vips,
    what_if,
)
from services.gateway.api.dependencies import ApiParts
from services.gateway.api.exports import routes as exports
from services.gateway.edge.proxy import ApiRequest
from services.gateway.edge.public_api import Answer
from services.gateway.edge.upstream import UpstreamResponse
from shared.web.query import parameters

ROUTERS = (
    sessions.router,
    passwords.router,
    employees.router,
    keys.router,
    second_factor.router,
    oidc.router,
    audit.router,
    tenants.router,
    me.router,
    notifications.router,
    calendars.router,
    push_subscriptions.router,
    messenger.router,
    saved_views.router,
    desk.router,
    dashboards.router,
    reports.router,
    jobs.router,
    exports.router,
    stream.router,
)
"""Routers below `/api/v1`."""

DOCUMENTS = documents.router
"""The router at the root."""

CALENDARS = calendars.feed
"""The calendars behind secret addresses, at the root."""


def own_answers(parts: ApiParts) -> dict[str, Answer]:
    """The answers of `PublicApi` that no service gives, by method and template."""
    return {
        "GET /pool": partial(pool.read_pool, parts),
        "GET /vip": partial(vips.read_vips, parts),
        "GET /desk": partial(desk.read_desk, parts),
        "GET /dashboards/room": partial(dashboards.read_dashboard, parts),
        **reports.own_answers(parts),
        "GET /me": _without_query(partial(me.read_me, parts)),
        "GET /activities/{activity_id}": partial(activities.read_activity, parts),
        "GET /jobs": partial(jobs.read_jobs, parts),
        "GET /jobs/{job_id}": _without_query(partial(jobs.read_job, parts)),
        "GET /jobs/{job_id}/report": partial(jobs.forward_to_owner, parts),
        "POST /jobs/{job_id}/cancel": partial(jobs.forward_to_owner, parts),
        "DELETE /employees/{employee_id}/second-factor": _without_query(
            partial(second_factor.reset_by_request, parts)
        ),
        "POST /rooms/{room_id}/settings/preview": partial(
            settings_preview.preview_room_settings, parts
        ),
        "POST /motivation/what-if": _without_query(partial(what_if.ask_what_if, parts)),
        "GET /motivation/what-if/{what_if_id}": _without_query(
            partial(what_if.read_what_if, parts)
        ),
        "POST /employees": _without_query(partial(employees.create_employee, parts)),
        "PATCH /employees/{employee_id}": _without_query(partial(employees.change_employee, parts)),
        "POST /employees/{employee_id}/dismiss": _without_query(
            partial(employees.depart_employee, parts)
        ),
        "POST /employees/{employee_id}/move": _without_query(
            partial(employees.depart_employee, parts)
        ),
        "POST /employees/{employee_id}/invitation": _without_query(
            partial(employees.invite_employee, parts)
        ),
    }


def _without_query(answer: Answer) -> Answer:
    """Refuses a query; the answers that take or forward theirs have it judged there."""

    async def judged(request: ApiRequest) -> UpstreamResponse:
        if request.query:
            parameters(request.query, frozenset())
        return await answer(request)

    return judged
