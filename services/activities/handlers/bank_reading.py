"""Reads bank statements, a batch of documents a transaction: matched with invoices, and kept unless
another file has brought them before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.activities.domain.bank_document import BankDocument, currency_of, document_of
from services.activities.domain.bank_file import BankFileReader
from services.activities.domain.bank_text import Position
from services.activities.domain.inbound_payments import (
    InboundPayment,
    LineKey,
    Payer,
    direction_of,
    first_state,
)
from services.activities.domain.matching import match
from services.activities.handlers.bank_statements import find
from services.activities.handlers.entering_payments import enter_payments
from services.activities.queries.match_candidates import find_candidates
from services.activities.storage import bank_statements, requisites, uploads
from services.activities.storage.uploads import CHUNK
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.ids import CompanyId
from shared.money import Money
from shared.vocabulary import BankLineKind

READ_BATCH = 200


@dataclass(frozen=True, slots=True)
class OwnDocument:
    """A document of a statement as one of a company's: what it is to it, and which account of the
    company's it moved.
    """

    document: BankDocument
    company_id: CompanyId
    account: str
    kind: BankLineKind


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """How many documents a step has read, and where the next one begins; None at the end."""

    documents: int
    next: Position | None


async def read_batch(tx: Tx, statement_id: UUID, start: Position) -> ReadBatch:
    """Reads the next documents of a statement, matches them, and keeps those that no file has
    brought before. At the end the file itself is removed.

    Raises `NotFound` where the statement or its file is gone.
    """
    statement = await find(tx, statement_id)
    if statement["upload_id"] is None:
        return ReadBatch(0, None)
    documents, position = await _read_documents(tx, statement, start)
    if documents:
        await _keep(tx, statement, documents)
    if position is None:
        await bank_statements.finish(tx, statement_id, "ready")
        await uploads.remove(tx, statement["upload_id"])
    return ReadBatch(len(documents), position)


async def _read_documents(
    tx: Tx, statement: Row, start: Position
) -> tuple[list[BankDocument], Position | None]:
    """Up to `READ_BATCH` documents from `start` on, and the place behind them, None at the end."""
    reader = BankFileReader(statement["encoding"], start if start.offset else None)
    place, skipped = divmod(start.offset, CHUNK)
    documents: list[BankDocument] = []
    while piece := await uploads.read(tx, statement["upload_id"], place):
        for section in reader.feed(piece[skipped:]):
            if section.kind == "document":
                documents.append(document_of(section))
                if len(documents) == READ_BATCH:
                    return documents, section.end
        place, skipped = place + 1, 0
    if place == 0:
        raise NotFound("bank_statement")
    return documents, None


async def _keep(tx: Tx, statement: Row, documents: Sequence[BankDocument]) -> None:
    """Matches the documents, and enters those of which nobody has told; what matching is sure of
    waits all the same.
    """
    counts = await bank_statements.count_equal(
        tx, statement["id"], list({document.identity for document in documents})
    )
    payments = []
    for own in await _own_documents(tx, statement, documents):
        ordinal = counts.get(own.document.identity, 0)
        counts[own.document.identity] = ordinal + 1
        payments.append(_payment_of(own, LineKey(own.document.identity, ordinal)))
    waiting = [each for each in payments if first_state(each.kind) == "unmatched"]
    candidates = await find_candidates(tx, waiting)
    certainties = {
        payment.external_id: match(payment, candidates.of(payment)).certainty for payment in waiting
    }
    entered = await enter_payments(tx, payments, statement["uploaded_by"], certainties)
    places = (document.line for document in documents)
    await bank_statements.link(
        tx, statement["id"], dict(zip(places, (each.id for each in entered), strict=True))
    )


async def _own_documents(
    tx: Tx, statement: Row, documents: Sequence[BankDocument]
) -> list[OwnDocument]:
    """The documents as ours: accounts of ours are those of the file, and all that companies have
    listed.
    """
    of_file = {
        account["number"]: CompanyId(UUID(account["company_id"]))
        for account in statement["accounts"]
    }
    numbers = {
        number
        for document in documents
        for party in (document.payer, document.receiver)
        for number in (party.account, party.other_account)
        if number
    }
    own = await requisites.companies_of_accounts(tx, numbers) | of_file
    return [_own_document(document, own, of_file) for document in documents]


def _own_document(
    document: BankDocument, own: Mapping[str, CompanyId], of_file: Mapping[str, CompanyId]
) -> OwnDocument:
    sides = [document.receiver, document.payer]
    if not document.is_received_by(own):
        sides.reverse()
    numbers = [number for side in sides for number in (side.account, side.other_account)]
    account = next((number for number in numbers if number in own), next(iter(of_file)))
    return OwnDocument(document, own[account], account, document.kind(own))


def _payment_of(own: OwnDocument, line: LineKey) -> InboundPayment:
    document = own.document
    direction = direction_of(own.kind)
    other = document.payer if direction == "in" else document.receiver
    return InboundPayment(
        origin="statement",
        external_id=line.external_id,
        company_id=own.company_id,
        direction=direction,
        amount=Money.build(amount=document.amount, currency=currency_of(own.account)),
        received_on=document.operation_on,
        payer=Payer(other.inn, other.kpp, other.account, other.name),
        purpose=document.purpose,
        document_number=document.number,
        document_on=document.document_on,
        own_account=own.account,
        kind=own.kind,
        line=line,
    )
