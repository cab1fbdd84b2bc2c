"""Imports of tables: clients, activities, interactions."""

from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from services.activities.api.import_requests import FILE, FileName, ImportMapping
from services.activities.api.import_responses import ImportMappingView, ImportSummary, ImportView
from services.activities.api.refused_file import (
    CSV,
    MOST_IN_WORKBOOK,
    XLSX,
    as_csv,
    as_workbook,
    encoding_of,
    header_of,
)
from services.activities.domain.imports import ImportKind
from services.activities.handlers import imports
from services.activities.handlers.imports import MapColumns, Uploaded, UploadImport
from services.activities.queries import imports as queries
from services.activities.queries.refused_rows import find_checked, refused_rows
from shared.context import language
from shared.db import Tx
from shared.jobs import queries as jobs
from shared.jobs.responses import JobView
from shared.jobs.runner import JobRunner
from shared.paging import Cursor, Limit
from shared.web.callers import Head
from shared.web.commands import Commands, Responded
from shared.web.messages import messages
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["imports"], prefix="/imports")
STEPS = 3
"""Steps of reading that an upload waits for, so that a small file is read when it is answered."""


@router.post(
    "",
    status_code=201,
    responses={
        **responses(ImportView, status=201),
        200: {"model": ImportView, "description": "The same file was uploaded before"},
    },
    openapi_extra=FILE,
)
async def upload_import(
    request: Request,
    filename: FileName,
    kind: Annotated[ImportKind, Query(description="What the rows are.")],
    company_id: Annotated[UUID, Query(description="The company for which.")],
    room_id: Annotated[UUID, Query(description="The room whose things the rows become.")],
    caller: Head,
    commands: Commands,
) -> JsonBytes:
    """Upload a table to be imported: CSV (UTF-8 or Windows-1251) or XLSX, as it is, up to 20 MiB.

    It is read by a job, a small one before the answer. The very same file, uploaded again, is the
    same import (200). Kept for seven days. 422 for what is not what its name says, has macros or
    links to other files, or is too large when unpacked.
    """
    command = UploadImport(filename, kind, room_id, company_id, await request.body())
    scanned = await imports.scan_file(command)
    uploaded: list[Uploaded] = []

    async def use_case(tx: Tx) -> Any:
        made = await imports.upload_import(tx, command, scanned, caller)
        uploaded[:] = [made]
        view = await queries.get_import(tx, made.import_id, caller)
        return Responded(view, 201 if made.is_new else 200)

    response = await commands.run(caller, use_case, 201)
    (made,) = uploaded
    if made.job_id is None:
        return response
    await JobRunner(commands.service).advance_often(caller.tenant_id, made.job_id, STEPS)
    answer = await commands.read(caller, lambda tx: queries.get_import(tx, made.import_id, caller))
    answer.status_code = 201
    return answer


@router.get("", responses=responses(Page[ImportSummary]))
async def list_imports(
    caller: Head,
    commands: Commands,
    room_id: UUID | None = None,
    kind: ImportKind | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List the imports of the rooms that you head, an admin of all rooms; the newest first."""
    return await commands.read(
        caller, lambda tx: queries.list_imports(tx, caller, room_id, kind, limit, cursor)
    )


@router.get("/{import_id}", responses=responses(ImportView))
async def get_import(import_id: UUID, caller: Head, commands: Commands) -> JsonBytes:
    """One import: its state, its columns with samples and what they are taken for, what its last
    check and run came to.
    """
    return await commands.read(caller, lambda tx: queries.get_import(tx, import_id, caller))


@router.delete("/{import_id}", status_code=204, responses=responses(None, 409, status=204))
async def discard_import(import_id: UUID, caller: Head, commands: Commands) -> Response:
    """Discard an import that has not run: its file, rows and columns are gone.

    409 `import_busy` while it is read, checked or run, `import_has_run` once a run has begun.
    """
    await commands.run(caller, lambda tx: imports.discard_import(tx, import_id, caller))
    return Response(status_code=204)


@router.get("/{import_id}/mapping", responses=responses(ImportMappingView))
async def get_import_mapping(import_id: UUID, caller: Head, commands: Commands) -> JsonBytes:
    """What the columns are taken for: as somebody said, or as it is proposed."""
    return await commands.read(caller, lambda tx: queries.get_mapping(tx, import_id, caller))


@router.put("/{import_id}/mapping", responses=responses(ImportView, 409))
async def map_import_columns(
    import_id: UUID, body: ImportMapping, caller: Head, commands: Commands
) -> JsonBytes:
    """Say what the columns mean; remembered for the next table with the same columns.

    409 `import_busy` while it is checked or run, `import_not_read`, `import_expired`.
    """
    fields = {column.index: column.field for column in body.columns}
    command = MapColumns(import_id, fields, body.defaults.model_dump())
    return await commands.run(caller, lambda tx: imports.map_columns(tx, command, caller))


@router.post("/{import_id}/check", status_code=202, responses=responses(JobView, 409, status=202))
async def check_import(import_id: UUID, caller: Head, commands: Commands) -> JsonBytes:
    """Have a job count how many rows would be new, change something, or be refused, and why;
    nothing changes. A thing that is described twice far apart is counted as new both times.

    409 as for the mapping.
    """

    async def use_case(tx: Tx) -> Any:
        return jobs.view(await imports.start_check(tx, import_id, caller))

    return await commands.run(caller, use_case, 202)


@router.post("/{import_id}/run", status_code=202, responses=responses(JobView, 409, status=202))
async def run_import(import_id: UUID, caller: Head, commands: Commands) -> JsonBytes:
    """Have a job import the rows. What was imported before, by the sender's own key or by the row
    itself, makes nothing new; it changes where the row has changed.

    409 as for the mapping.
    """

    async def use_case(tx: Tx) -> Any:
        return jobs.view(await imports.start_run(tx, import_id, caller))

    return await commands.run(caller, use_case, 202)


@router.get(
    "/{import_id}/refused",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def get_refused_rows(import_id: UUID, caller: Head, commands: Commands) -> StreamingResponse:
    """The rows that the last check or run refused, in the shape of the uploaded file: its columns,
    and behind them the number of the row and why; a workbook of more than 5,000 comes as CSV.

    Mended, it can be uploaded again. 404 before a check, and once the rows are no longer kept.
    """
    service = commands.service
    import_ = await service.read(caller, lambda tx: find_checked(tx, import_id, caller))
    rows = refused_rows(lambda query: service.read(caller, query), import_)
    header, texts = header_of(import_, language.get()), messages()
    is_workbook = import_["format"] == "xlsx" and import_["job_refused"] <= MOST_IN_WORKBOOK
    extension = "xlsx" if is_workbook else "csv"
    name = quote(f"{import_['file_name'].rpartition('.')[0]}-refused.{extension}")
    disposition = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    if is_workbook:
        body = as_workbook(import_, rows, header, texts)
        return StreamingResponse(body, media_type=XLSX, headers=disposition)
    media_type = CSV.format(charset="windows-1251" if encoding_of(import_) == "cp1251" else "utf-8")
    return StreamingResponse(
        as_csv(import_, rows, header, texts), media_type=media_type, headers=disposition
    )
