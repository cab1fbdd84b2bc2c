"""`/jobs`: the background jobs of all services; each is looked up at the service that runs it."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Query, Response

from services.gateway.api.dependencies import AnyCaller, ApiParts, Parts, parsed_query
from services.gateway.api.queries import JobsQuery
from services.gateway.api.responses import JobPage
from services.gateway.edge.proxy import ApiRequest
from services.gateway.edge.upstream import UpstreamResponse
from shared.errors import NotFound, Unavailable
from shared.paging import cursor_of
from shared.tenancy import Caller
from shared.web.responses import responses

router = APIRouter(tags=["jobs"])
_PATH = "/api/v1/jobs"


# Described here, and the rest by the services: the fast path answers first, by the same `_list`.
@router.get("/jobs", responses=responses(JobPage))
async def list_jobs(
    caller: AnyCaller, query: Annotated[JobsQuery, Query()], parts: Parts
) -> Response:
    """Your jobs, the newest first; an admin sees those of all, the system's own among them.

    The services that did not answer are named in `missing`.
    """
    return (await _list(parts, caller, query)).as_response()


async def read_jobs(parts: ApiParts, request: ApiRequest) -> UpstreamResponse:
    """A page of the jobs of all services."""
    return await _list(parts, request.caller, parsed_query(JobsQuery, request.query))


async def read_job(parts: ApiParts, request: ApiRequest) -> UpstreamResponse:
    """A job, as the service that runs it shows it."""
    _, response = await _find(parts, request)
    return response


async def forward_to_owner(parts: ApiParts, request: ApiRequest) -> UpstreamResponse:
    """The response of the service that runs the job: to its cancelling, or its report."""
    service, _ = await _find(parts, request)
    return await parts.upstreams.send(
        service, request.caller, request.method, request.target, request.body, request.headers
    )


async def _list(parts: ApiParts, caller: Caller, query: JobsQuery) -> UpstreamResponse:
    """Raises `Unavailable` where no service answers."""
    parameters = urlencode(query.model_dump(mode="json", exclude_none=True))
    pages = await _ask_all(parts, caller, f"{_PATH}?{parameters}")
    missing = [service for service, page in pages.items() if page is None]
    answered = [page for page in pages.values() if page is not None]
    if not answered:
        raise Unavailable("service", service=missing[0])
    for page in answered:
        if not page.ok:
            return page
    merged = merge([page.json() for page in answered], query.limit)
    return UpstreamResponse.of_json(orjson.dumps({**merged, "missing": missing}))


def merge(pages: Sequence[dict[str, Any]], limit: int) -> dict[str, Any]:
    """The newest of the jobs on several pages; ids are ordered by time, over services too."""
    jobs = sorted((job for page in pages for job in page["items"]), key=_id, reverse=True)
    more = len(jobs) > limit or any(page["next_cursor"] for page in pages)
    items = jobs[:limit]
    return {"items": items, "next_cursor": cursor_of(items[-1]["id"]) if more else None}


def _id(job: dict[str, Any]) -> str:
    return str(job["id"])


async def _find(parts: ApiParts, request: ApiRequest) -> tuple[str, UpstreamResponse]:
    """The service that runs a job, and its view of it.

    Raises `NotFound`, or `Unavailable` where a service that may run it does not answer.
    """
    views = await _ask_all(parts, request.caller, f"{_PATH}/{request.ids['job_id']}")
    for service, view in views.items():
        if view and view.ok:
            return service, view
    for service, view in views.items():
        if view is None:
            raise Unavailable("service", service=service)
    raise NotFound("job")


async def _ask_all(
    parts: ApiParts, caller: Caller, target: str
) -> dict[str, UpstreamResponse | None]:
    """Each service's response to a read, None where it does not answer."""

    async def ask(service: str) -> UpstreamResponse | None:
        try:
            response = await parts.upstreams.get(service, caller, target)
        except Unavailable:
            return None
        return response if response.status < 500 else None

    services = list(parts.upstreams.urls)
    answers = await asyncio.gather(*(ask(service) for service in services))
    return dict(zip(services, answers, strict=True))
