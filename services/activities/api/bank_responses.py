"""How the API shows bank statements and their lines."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from shared.ids import ActivityId, CompanyId, EmployeeId, JobId
from shared.money import Money, MoneySum
from shared.vocabulary import BankLineKind, BankLineState, BankStatementState, MatchReason


class NamedParty(BaseModel):
    """Somebody or something by id and name."""

    id: UUID
    name: str | None = Field(description="The name; null where it is known no more.")


class StatementAccount(BaseModel):
    """An account of ours in a statement: what the bank says of it, and what was counted."""

    number: str = Field(description="The account.", examples=["40702810400000012345"])
    company: NamedParty = Field(description="The company whose account it is.")
    opening: MoneySum | None = Field(description="The balance before; null where it is not given.")
    received: MoneySum | None = Field(
        description="What came in, as the bank says; null where it is not given."
    )
    spent: MoneySum | None = Field(
        description="What went out, as the bank says; null where it is not given."
    )
    closing: MoneySum | None = Field(description="The balance after; null where it is not given.")
    received_in_documents: MoneySum = Field(description="What came in, counted by the documents.")


class StatementSum(BaseModel):
    """The lines of a statement in one state and of one kind."""

    state: BankLineState = Field(description="The state of the lines.")
    kind: BankLineKind = Field(description="What the payments are to the company.")
    lines: int = Field(description="How many they are.")
    amount: MoneySum = Field(description="Their sum.")


class BankStatementView(BaseModel):
    """A bank statement that was uploaded."""

    id: UUID
    state: BankStatementState = Field(
        description="Being read; read; or incomplete, where its job ended before it was through"
    )
    file_name: str = Field(description="The file's name.", examples=["kl_to_1c.txt"])
    size: int = Field(description="Bytes of the file.")
    sender: str = Field(description="The program that wrote it, as it says.", examples=["СББОЛ"])
    encoding: Literal["utf-8", "cp1251", "cp866"] = Field(
        description="The encoding in which it was read, whatever it says."
    )
    first_on: date | None = Field(description="The first day that it covers.")
    last_on: date | None = Field(description="The last day that it covers.")
    documents: int = Field(description="How many payments it has.")
    accounts: list[StatementAccount] = Field(description="The accounts that it is of.")
    uploaded_at: datetime = Field(description="When it was uploaded.")
    uploaded_by: NamedParty = Field(description="Who uploaded it.")
    job_id: JobId = Field(description="The job that reads it.")


class BankStatementDetail(BankStatementView):
    """A bank statement with what became of its lines."""

    sums: list[StatementSum] = Field(
        description="Counts and sums of its lines by state, kind and currency."
    )


class LinePartView(BaseModel):
    """What a part of a line's money pays."""

    activity_id: ActivityId
    client: NamedParty | None = Field(description="The activity's client.")
    invoice_id: UUID | None
    invoice_number: str | None = Field(description="The invoice's number.", examples=["2026-17"])
    amount: Money = Field(description="How much of the line's money.")
    payment_id: UUID | None = Field(
        description="The payment as which it was booked; null in a proposal."
    )
    was_claimed: bool = Field(
        description="Whether its seller had entered that payment, which the line confirmed."
    )


class ProposalView(BaseModel):
    """What matching would book a line as."""

    reasons: list[MatchReason] = Field(
        description="What speaks for it, and what is to be known of it."
    )
    parts: list[LinePartView] = Field(description="What is paid; together the whole line.")


class OtherParty(BaseModel):
    """The other side of a payment, as the bank writes it."""

    name: str = Field(description="The name; may be empty.", examples=['ООО "Ромашка"'])
    inn: str | None = Field(description="The INN, if it has one.", examples=["7707083893"])
    kpp: str | None = Field(description="The KPP, if it has one.", examples=["770701001"])
    account: str = Field(description="The account; may be empty.")


class BankLineView(BaseModel):
    """A payment that the bank reports, once in the tenant, however many files have it."""

    id: UUID
    statement_id: UUID = Field(description="A statement that has it.")
    first_statement_id: UUID = Field(description="The statement that had it first.")
    position: int = Field(description="The line of the file on which it begins, counted from 1.")
    company_id: CompanyId = Field(description="The company whose account it moved.")
    account: str = Field(description="The company's account.")
    kind: BankLineKind = Field(description="What the payment is to the company.")
    state: BankLineState = Field(
        description="`sure` is booked with the statement, `suggested` by one press, `unmatched`"
        " once its invoice is named; `booked` and `ignored` are done with"
    )
    amount: Money = Field(description="The money.")
    operation_on: date = Field(description="The bank's day of the movement.")
    document_number: str = Field(description="The number of the payment order.", examples=["415"])
    document_on: date = Field(description="The day of the payment order.")
    other: OtherParty = Field(description="Who paid, or was paid.")
    purpose: str = Field(
        description="What the payer says that it is for.",
        examples=["Оплата по счету № 17 от 20.11.2026"],
    )
    proposals: list[ProposalView] = Field(
        description="What it may be booked as, the likeliest first."
    )
    parts: list[LinePartView] = Field(description="What it is booked as.")
    reason: str | None = Field(description="Why it was put aside, or taken back.")
    changed_at: datetime = Field(description="When something was done with it last.")
    changed_by: EmployeeId | None = Field(description="Who did it; null for its job.")


class LineEntryView(BaseModel):
    """Something that was done with a line."""

    at: datetime = Field(description="When.")
    who: NamedParty | None = Field(description="Who; null for the system.")
    what: Literal["booked", "matched", "undone", "ignored", "left_to_person"] = Field(
        description="Booked with its statement, matched by a person, taken back, put aside, or no"
        " longer sure when it was to be booked"
    )
    reason: str | None = Field(description="Why, where a reason was given.")
    parts: list["BookedPart"] = Field(description="What it was booked as.")


class BookedPart(BaseModel):
    """A part of a line's money, as the history has it."""

    activity_id: ActivityId
    invoice_id: UUID | None
    amount: Money = Field(description="How much of the line's money.")
    payment_id: UUID | None
    was_claimed: bool = Field(description="Whether its seller had entered that payment.")


class BankLineDetail(BankLineView):
    """A line with its history, the newest first."""

    history: list[LineEntryView] = Field(
        description="What was done with it, by whom and why, the newest first."
    )
