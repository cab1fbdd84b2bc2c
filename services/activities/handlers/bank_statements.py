"""Bank statements: examined as they are uploaded, read by a job, booked by another."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.activities.domain.bank_document import currency_of
from services.activities.domain.bank_examination import AccountTotals, Examination
from services.activities.domain.bank_refusals import StatementIsBeingRead
from services.activities.storage import bank_lines, bank_statements, directory, requisites, uploads
from services.activities.storage.directory import COMPANY
from services.activities.storage.uploads import CHUNK, NewUpload
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Invalid, NotFound
from shared.ids import CompanyId, JobId, new_id
from shared.jobs import Job, enqueue
from shared.jobs import queries as jobs
from shared.tenancy import Caller

READ_BANK_STATEMENT = "read_bank_statement"
BOOK_BANK_STATEMENT = "book_bank_statement"
KEPT = timedelta(days=2)
"""How long a file is kept whose job does not come to its end."""


@dataclass(frozen=True, slots=True)
class UploadStatement:
    """A file that was examined. `company_id` is whose accounts those are that no company has
    listed.
    """

    file_name: str
    content: bytes
    company_id: UUID | None


def pieces_of(content: bytes) -> Iterator[bytes]:
    """A file in pieces, as its job reads it."""
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]


async def upload_statement(
    tx: Tx, command: UploadStatement, examination: Examination, caller: Caller
) -> UUID:
    """Keeps the file and enqueues the job that reads it; the id of the new statement.

    Raises `NotFound` for the company, `Invalid` for an account that is no company's or another's.
    """
    companies = await _companies_of(tx, examination, command.company_id)
    upload = NewUpload(
        "bank_statement", command.file_name, command.content, caller.employee_id, KEPT
    )
    upload_id, statement_id = await uploads.add(tx, upload), new_id()
    job = await enqueue(
        tx,
        READ_BANK_STATEMENT,
        {"statement_id": str(statement_id)},
        owner_id=caller.employee_id,
        total=examination.documents,
    )
    await bank_statements.add(
        tx,
        {
            "id": statement_id,
            "state": "reading",
            "file_name": command.file_name,
            "size": len(command.content),
            "upload_id": upload_id,
            "job_id": job.id,
            "encoding": examination.encoding,
            "sender": examination.sender,
            "first_on": examination.first_on,
            "last_on": examination.last_on,
            "accounts": [
                _stored_account(totals, companies[number])
                for number, totals in examination.accounts.items()
            ],
            "documents": examination.documents,
            "uploaded_at": tx.now,
            "uploaded_by": caller.employee_id,
        },
    )
    return statement_id


async def _companies_of(
    tx: Tx, examination: Examination, company_id: UUID | None
) -> dict[str, CompanyId]:
    """The company of each account of the file."""
    if company_id:
        await directory.get(tx, COMPANY, company_id, "company_id")
    companies = await requisites.companies_of_accounts(tx, examination.accounts)
    for number in examination.accounts:
        owner = companies.get(number)
        if owner is None and company_id is None:
            raise Invalid("company_id", "bank_account_unknown", account=number)
        if owner and company_id and owner != company_id:
            raise Invalid("company_id", "bank_account_of_another", account=number)
        companies[number] = owner or CompanyId(company_id)  # type: ignore[arg-type]
    return companies


def _stored_account(totals: AccountTotals, company_id: CompanyId) -> dict[str, Any]:
    amounts = ("opening", "received", "spent", "closing", "received_in_documents")
    return {
        "number": totals.number,
        "company_id": str(company_id),
        "currency": currency_of(totals.number),
        **{
            name: None if getattr(totals, name) is None else f"{getattr(totals, name):.2f}"
            for name in amounts
        },
    }


async def find(tx: Tx, statement_id: UUID) -> Row:
    """The statement. Raises `NotFound`."""
    statement = await bank_statements.find(tx, statement_id)
    if statement is None:
        raise NotFound("bank_statement")
    return statement


async def book_statement(tx: Tx, statement_id: UUID, caller: Caller) -> Job:
    """Enqueues the job that books all lines of which matching is sure.

    Raises `NotFound`, `StatementIsBeingRead`.
    """
    statement = await find(tx, statement_id)
    if statement["state"] == "reading":
        reading = await jobs.get(tx, JobId(statement["job_id"]))
        if reading and reading.is_open:
            raise StatementIsBeingRead(job_id=reading.id)
    return await enqueue(
        tx,
        BOOK_BANK_STATEMENT,
        {"statement_id": str(statement_id)},
        owner_id=caller.employee_id,
        dedupe_key=str(statement_id),
        total=await bank_lines.count_sure(tx, statement_id),
    )
