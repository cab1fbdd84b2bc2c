"""Bodies and parameters of requests about imports."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import Field, StringConstraints

from services.activities.api.requests import Body
from services.activities.handlers.importing.tables import MOST_COLUMNS
from shared.text import Line
from shared.vocabulary import ClientKind

FileName = Annotated[
    Line,
    Query(
        description="What the file is called; its extension says what it is: csv, txt or xlsx.",
        examples=["клиенты.xlsx"],
    ),
]
FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file as it is, at most 20 MiB.",
        "content": {
            media_type: {"schema": {"type": "string", "format": "binary"}}
            for media_type in (
                "text/csv",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "application/octet-stream",
            )
        },
    }
}
"""How OpenAPI describes a body that is a file."""


class MappedColumn(Body):
    """What one column means."""

    index: Annotated[int, Field(ge=0, lt=MOST_COLUMNS)] = Field(
        description="The column's place, counted from 0."
    )
    field: Annotated[Line, StringConstraints(max_length=60)] = Field(
        description="The field that it fills: one of `fields` of the import.", examples=["inn"]
    )


class ImportDefaults(Body):
    """What holds for rows that say nothing else."""

    source_id: UUID | None = Field(None, description="Activities: where they came from.")
    responsible_id: UUID | None = Field(
        None, description="Activities: who works them; null for the pool."
    )
    client_kind: ClientKind | None = Field(
        None, description="The kind of clients where neither a column nor the INN tells it."
    )


class ImportMapping(Body):
    """What the columns of a table mean. Columns that are left out are not imported."""

    columns: Annotated[
        list[MappedColumn], Field(max_length=MOST_COLUMNS, description="What each column fills.")
    ]
    defaults: ImportDefaults = Field(
        ImportDefaults(), description="What holds for rows that say nothing else."
    )
