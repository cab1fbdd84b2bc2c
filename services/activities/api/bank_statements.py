"""Bank statements in the format `1CClientBankExchange`."""

import asyncio
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request

from services.activities.api.bank_responses import BankStatementDetail, BankStatementView
from services.activities.domain.bank_examination import examine
from services.activities.handlers import bank_statements as handlers
from services.activities.handlers.bank_statements import UploadStatement, pieces_of
from services.activities.queries import bank_statements as queries
from shared.db import Tx
from shared.ids import JobId
from shared.jobs import queries as jobs
from shared.jobs.responses import JobView
from shared.jobs.runner import JobRunner
from shared.paging import Cursor, Limit
from shared.tenancy import Caller
from shared.text import Line
from shared.web.callers import Accountant
from shared.web.commands import CommandRunner, Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["bank statements"], prefix="/bank-statements")
STEPS_AT_ONCE = 3
"""Steps of a job that are done before the answer: all of a usual day's statement."""
READ_AT_ONCE = 500
"""Documents of a file that is read before the answer; a larger one has taken long enough."""
FileName = Annotated[Line, Query(description="What the file is called.", examples=["kl_to_1c.txt"])]
_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post(
    "", status_code=202, responses=responses(BankStatementDetail, status=202), openapi_extra=_FILE
)
async def upload_bank_statement(
    request: Request,
    filename: FileName,
    caller: Accountant,
    commands: Commands,
    company_id: Annotated[
        UUID | None, Query(description="Whose accounts those are that no company has listed.")
    ] = None,
) -> JsonBytes:
    """Upload a bank statement, `1CClientBankExchange` 1.01 to 1.03, up to 64 MiB, as it is.

    It is examined at once: 422 names the line and the key at fault, and keeps nothing. A job then
    matches its payments with invoices; nothing is booked by that. Payments that an earlier file had
    are the same lines again.
    """
    content = await request.body()
    examination = await asyncio.to_thread(examine, partial(pieces_of, content))
    command = UploadStatement(filename, content, company_id)
    job_ids: list[JobId] = []

    async def use_case(tx: Tx) -> dict[str, Any]:
        statement_id = await handlers.upload_statement(tx, command, examination, caller)
        view = await queries.get_statement(tx, statement_id)
        job_ids[:] = [view["job_id"]]
        return view

    response = await commands.run(caller, use_case, 202)
    if examination.documents <= READ_AT_ONCE:
        await _help(commands, caller, job_ids)
    return response


@router.get("", responses=responses(Page[BankStatementView]))
async def list_bank_statements(
    caller: Accountant, commands: Commands, limit: Limit = 50, cursor: Cursor = None
) -> JsonBytes:
    """List the tenant's bank statements, the last uploaded first."""
    return await commands.read(caller, lambda tx: queries.list_statements(tx, limit, cursor))


@router.get("/{statement_id}", responses=responses(BankStatementDetail))
async def get_bank_statement(
    statement_id: UUID, caller: Accountant, commands: Commands
) -> JsonBytes:
    """A bank statement, with counts and sums of its lines."""
    return await commands.read(caller, lambda tx: queries.get_statement(tx, statement_id))


@router.post("/{statement_id}/book", status_code=202, responses=responses(JobView, 409, status=202))
async def book_bank_statement(
    statement_id: UUID, caller: Accountant, commands: Commands
) -> JsonBytes:
    """Book all lines of a statement of which matching is sure, by a job.

    Each is a confirmed payment of its invoice; where the seller had entered that payment, it is
    confirmed instead. A line whose invoice was paid meanwhile waits for a person, and stands in
    the job's report. 409 `statement_being_read` before it is read to its end.
    """
    job_ids: list[JobId] = []

    async def use_case(tx: Tx) -> Any:
        job = await handlers.book_statement(tx, statement_id, caller)
        job_ids[:] = [job.id]
        return jobs.view(job)

    response = await commands.run(caller, use_case, 202)
    await _help(commands, caller, job_ids)
    return response


async def _help(commands: CommandRunner, caller: Caller, job_ids: list[JobId]) -> None:
    """Has the first steps of the job done before the answer."""
    runner = JobRunner(commands.service)
    for job_id in job_ids:
        await runner.advance_often(caller.tenant_id, job_id, STEPS_AT_ONCE)
