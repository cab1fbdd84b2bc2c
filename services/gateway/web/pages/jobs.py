"""Импорт и задания: what goes on, how far is it, what was refused? A file becomes clients."""

import asyncio
from typing import Any

from starlette.responses import Response

from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()
_SHOWN = 50
_KINDS = ("clients", "activities", "interactions")
_BINARY = "application/octet-stream"


@router.get("/jobs")
async def show_jobs(request: PageRequest, problem: Problem | None = None) -> Response:
    """Imports and jobs, the newest first."""
    room_id, profile = await asyncio.gather(request.room_id(), request.profile())
    uploads = profile.oversees(room_id)
    imports, jobs = await asyncio.gather(
        request.api.read_or_none("/imports", room_id=room_id) if uploads else _nothing(),
        request.api.read_or_none("/jobs", cursor=request.query.get("after"), limit=_SHOWN),
    )
    return await request.show(
        "jobs/page.html",
        problem=problem,
        imports=imports,
        jobs=jobs,
        kinds=_KINDS,
        room=room_id,
        companies=profile.companies,
        uploads=uploads,
    )


@router.get("/jobs/{job_id}")
async def show_job(request: PageRequest) -> Response:
    """One job, live until it ends."""
    job = await request.api.read(f"/jobs/{request.ids['job_id']}")
    return await request.show("jobs/one.html", job=job)


@router.get("/jobs/{job_id}/report")
async def download_report(request: PageRequest) -> Response:
    """What was refused, with reasons, as a file."""
    return request.file(await request.api.response(f"/jobs/{request.ids['job_id']}/report"))


@router.post("/jobs/{job_id}/cancel")
async def cancel(request: PageRequest) -> Response:
    """Stops a job after its present step."""
    job_id = request.ids["job_id"]
    await request.act("POST", f"/jobs/{job_id}/cancel")
    return request.redirect(f"/jobs/{job_id}")


@router.post("/imports")
async def upload(request: PageRequest) -> Response:
    """Takes a file up: it is read, then its columns are given a meaning."""
    fields = await request.files()
    file = fields.get("file")
    if file is None or isinstance(file, str):
        return request.redirect("/jobs")
    query: dict[str, Any] = {
        "filename": file.filename or "",
        "kind": str(fields.get("kind", "")),
        "room_id": str(fields.get("room_id", "")),
        "company_id": str(fields.get("company_id", "")),
    }
    try:
        import_ = await request.api.upload("/imports", await file.read(), _BINARY, **query)
    except Refused as refused:
        return await show_jobs(request, refused.problem)
    return request.leave_for(f"/imports/{import_['id']}")


@router.get("/imports/{import_id}")
async def show_import(request: PageRequest, problem: Problem | None = None) -> Response:
    """The columns and what they mean, the dry run, the run."""
    import_ = await request.api.read(f"/imports/{request.ids['import_id']}")
    directory = await request.directory()
    return await request.show(
        "jobs/import.html",
        problem=problem,
        import_=import_,
        sources=sorted(directory.sources.items(), key=lambda each: str(each[1])),
        typed=request.form,
    )


@router.post("/imports/{import_id}")
async def act_on_import(request: PageRequest) -> Response:
    """Says what the columns mean, and then checks or runs the import."""
    path = f"/imports/{request.ids['import_id']}"
    form = request.form
    columns = [
        {"index": int(name.removeprefix("column_")), "field": field}
        for name, field in form.items()
        if name.startswith("column_") and field
    ]
    defaults = {"source_id": form.get("source_id") or None}
    try:
        body = {"columns": columns, "defaults": defaults}
        await request.act("PUT", f"{path}/mapping", body, form.get("version"))
        if form.get("then") in ("check", "run"):
            await request.act("POST", f"{path}/{form['then']}")
    except Refused as refused:
        return await show_import(request, refused.problem)
    return request.redirect(path)


@router.post("/imports/{import_id}/discard")
async def discard(request: PageRequest) -> Response:
    """Drops an import that has not run."""
    path = f"/imports/{request.ids['import_id']}"
    try:
        await request.act("DELETE", path)
    except Refused as refused:
        return await show_import(request, refused.problem)
    return request.redirect("/jobs")


@router.get("/imports/{import_id}/refused")
async def download_refused(request: PageRequest) -> Response:
    """The refused rows with their reasons, as a file."""
    path = f"/imports/{request.ids['import_id']}/refused"
    return request.file(await request.api.response(path))


async def _nothing() -> None:
    return None
