"""How the API shows imports."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.activities.domain.imports import ImportKind, ImportState
from services.activities.handlers.importing.scanning import FileFormat
from shared.ids import CompanyId, EmployeeId, ImportId, JobId, RoomId
from shared.vocabulary import JobState


class ImportCounts(BaseModel):
    """How many rows came to what."""

    created: int = Field(description="Rows that made something new.", examples=[97])
    updated: int = Field(description="Rows that changed something that was there.")
    unchanged: int = Field(description="Rows that changed nothing: all they say was there.")
    refused: int = Field(description="Rows that a rule refused.")


class ImportJob(BaseModel):
    """The import's last job."""

    id: JobId
    kind: str = Field(description="What it does.", examples=["run_import"])
    state: JobState
    done: int = Field(description="Rows dealt with so far, the refused ones among them.")
    total: int | None = Field(description="Rows in all; null while the file is being read.")
    refused: int = Field(description="Broken rules in its report.")
    error: str | None = Field(description="The code of what made it fail.")


class UnreadableFile(BaseModel):
    """Why a file cannot be read; the rule's parameters are further members."""

    model_config = ConfigDict(extra="allow")

    rule: str = Field(description="The rule's stable name.", examples=["table_empty"])


class ImportSummary(BaseModel):
    """A table that was uploaded to be imported."""

    id: ImportId
    version: int
    kind: ImportKind = Field(description="What its rows are.")
    room_id: RoomId = Field(description="The room whose things its rows become.")
    company_id: CompanyId = Field(description="The company for which.")
    file_name: str = Field(description="What its sender called it.", examples=["клиенты.xlsx"])
    format: FileFormat = Field(description="What the file is.")
    state: ImportState = Field(
        description="Whether it is still being read, cannot be read, may be checked and run, is"
        " being checked or run, has been run, or is no longer kept."
    )
    error: UnreadableFile | None = Field(description="Why it cannot be read; else null.")
    row_count: int | None = Field(description="How many rows it has; null until it is read.")
    defaults: dict[str, Any] = Field(description="What holds for rows that say nothing else.")
    checked: ImportCounts | None = Field(description="What the last check counted.")
    imported: ImportCounts | None = Field(description="What the last run came to, so far.")
    job: ImportJob | None = Field(description="Its last job.")
    created_by: EmployeeId | None
    created_at: datetime
    finished_at: datetime | None = Field(description="When a run of it ended last.")
    expires_at: datetime = Field(description="From when on its rows are no longer kept.")


class ImportColumn(BaseModel):
    """A column of the table."""

    index: int = Field(description="Its place, counted from 0.")
    title: str = Field(description="Its title in the table; empty where it has none.")
    samples: list[str | None] = Field(description="Its cells in the first rows.")
    field: str | None = Field(description="The field that it fills; null where it fills none.")


class ImportableField(BaseModel):
    """What a column may fill."""

    name: str = Field(description="The field's name.", examples=["inn"])
    required: bool = Field(description="Whether a column must fill it.")
    many: bool = Field(description="Whether several columns may fill it.")
    label: str | None = Field(description="The name of a company's own field; else null.")


class MappedColumnView(BaseModel):
    """What one column means."""

    index: int = Field(description="The column's place, counted from 0.")
    field: str = Field(description="The field that it fills.", examples=["inn"])


class ImportMappingView(BaseModel):
    """What the columns of a table mean."""

    version: int
    columns: list[MappedColumnView] = Field(description="The columns that fill a field.")
    defaults: dict[str, Any] = Field(description="What holds for rows that say nothing else.")


class ImportView(ImportSummary):
    """An import with its columns."""

    columns: list[ImportColumn] = Field(description="The columns, in their order.")
    fields: list[ImportableField] = Field(description="What columns may fill.")
