"""Imports: a file is uploaded and read, its columns are given a meaning, its rows are checked and
imported.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from services.activities.domain.imports import (
    ImportKind,
    column_keys,
    header_key,
    require_discardable,
    require_mapping,
    require_runnable,
)
from services.activities.handlers.employees import require_seller
from services.activities.handlers.importing.proposals import custom_names
from services.activities.handlers.importing.reading import READ_IMPORT
from services.activities.handlers.importing.running import CHECK_IMPORT, RUN_IMPORT
from services.activities.handlers.importing.scanning import ScannedFile, scan
from services.activities.queries.imports import find_seen, state_in, view_of
from services.activities.storage import directory, imports, uploads
from services.activities.storage.directory import COMPANY, ROOM, SOURCE
from services.activities.storage.uploads import KEPT, NewUpload
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Invalid
from shared.ids import EmployeeId, JobId, new_id
from shared.jobs import Job, enqueue
from shared.membership import require_sold_in_room
from shared.tenancy import Caller
from shared.versions import stale

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class UploadImport:
    """A file as it came, what it is to be, and for which room and company."""

    file_name: str
    kind: ImportKind
    room_id: UUID
    company_id: UUID
    content: bytes


@dataclass(frozen=True, slots=True)
class MapColumns:
    """The field that each column fills, by the column's place, and what rows lack."""

    import_id: UUID
    fields: Mapping[int, str]
    defaults: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Uploaded:
    """An import, whether the upload made it, and the job that reads its file."""

    import_id: UUID
    is_new: bool
    job_id: JobId | None


async def scan_file(command: UploadImport) -> ScannedFile:
    """What the file is, found out beside the event loop. Raises `Invalid`."""
    return await asyncio.to_thread(scan, command.file_name, command.content)


async def upload_import(
    tx: Tx, command: UploadImport, scanned: ScannedFile, caller: Caller
) -> Uploaded:
    """Keeps a file and has it read. The very same file, uploaded once more, is the same import.

    Raises `NotFound`, `Forbidden` for a room that the caller does not oversee, `NotSoldInRoom`,
    `Invalid` for what is archived.
    """
    await _require_place(tx, command, caller)
    digest = sha256(command.content).digest()
    place = {"kind": command.kind, "room_id": command.room_id, "company_id": command.company_id}
    if same_id := await imports.find_same(tx, **place, sha256=digest):
        return Uploaded(same_id, False, None)
    new = NewUpload(command.kind, command.file_name, command.content, caller.employee_id)
    upload_id = await uploads.add(tx, new)
    import_id = new_id()
    job = await enqueue(tx, READ_IMPORT, {"import_id": str(import_id)}, owner_id=caller.employee_id)
    await imports.add(
        tx,
        {
            **place,
            "id": import_id,
            "upload_id": upload_id,
            "file_name": command.file_name,
            "format": scanned.format,
            "encoding": scanned.encoding,
            "delimiter": scanned.delimiter,
            "sha256": digest,
            "created_by": caller.employee_id,
            "expires_at": tx.now + KEPT,
            "defaults": {},
            "job_id": job.id,
        },
    )
    return Uploaded(import_id, True, job.id)


async def _require_place(tx: Tx, command: UploadImport, caller: Caller) -> None:
    caller.require_room(command.room_id, field="room_id")
    caller.require_overseer(command.room_id)
    room = await directory.get(tx, ROOM, command.room_id, "room_id")
    company = await directory.get(tx, COMPANY, command.company_id, "company_id")
    for name, row in (("room_id", room), ("company_id", company)):
        if row["archived"]:
            raise Invalid(name, "archived")
    require_sold_in_room(room["company_ids"], command.company_id)


async def map_columns(tx: Tx, command: MapColumns, caller: Caller) -> View:
    """Says what the columns mean, and remembers it for the next table of that shape.

    Raises `NotFound`, `Stale`, `ImportBusy`, `ImportNotRead`, `ImportExpired`, `Invalid`.
    """
    import_ = await _lock_runnable(tx, command.import_id, caller)
    if not tx.expects(import_["version"]):
        raise stale(import_["version"], {})
    kind, titles = import_["kind"], import_["columns"]
    custom = await custom_names(tx, import_)
    require_mapping(kind, len(titles), command.fields, list(custom))
    await _require_defaults(tx, command.defaults, import_)
    keys = column_keys(titles)
    fields = {keys[place]: name for place, name in command.fields.items()}
    by: EmployeeId = caller.employee_id
    await imports.remember(tx, kind, header_key(kind, titles), fields, by)
    mapping = {str(place): name for place, name in sorted(command.fields.items())}
    await imports.save(
        tx, import_, mapping=mapping, defaults=_plain(command.defaults), check_counts=None
    )
    return await view_of(tx, await find_seen(tx, command.import_id, caller))


async def _require_defaults(tx: Tx, defaults: Mapping[str, Any], import_: Row) -> None:
    if source_id := defaults.get("source_id"):
        source = await directory.get(tx, SOURCE, source_id, "defaults.source_id")
        if source["archived"]:
            raise Invalid("defaults.source_id", "archived")
        if source["kind"] == "renewal":
            raise Invalid("defaults.source_id", "source_of_renewals")
    if responsible_id := defaults.get("responsible_id"):
        await require_seller(tx, responsible_id, import_["room_id"], "defaults.responsible_id")


def _plain(defaults: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in defaults.items() if value is not None}


async def start_check(tx: Tx, import_id: UUID, caller: Caller) -> Job:
    """Has a job count what the import would come to. Raises as `start_run`."""
    return await _start(tx, import_id, CHECK_IMPORT, caller)


async def start_run(tx: Tx, import_id: UUID, caller: Caller) -> Job:
    """Has a job import the rows; what was imported before changes nothing.

    Raises `NotFound`, `ImportBusy`, `ImportNotRead`, `ImportExpired`, `Invalid` where no column
    fills what every row needs.
    """
    return await _start(tx, import_id, RUN_IMPORT, caller)


async def discard_import(tx: Tx, import_id: UUID, caller: Caller) -> None:
    """Removes an import that has not run, with its file, rows and columns. What is remembered of
    tables of its shape stays.

    Raises `NotFound`, `ImportBusy`, `ImportHasRun`.
    """
    import_ = await _lock_seen(tx, import_id, caller)
    has_run = import_["finished_at"] is not None or import_["run_counts"] is not None
    require_discardable(state_in(import_), has_run)
    await uploads.remove(tx, import_["upload_id"])
    await imports.remove(tx, import_id)


async def _start(tx: Tx, import_id: UUID, job_kind: str, caller: Caller) -> Job:
    import_ = await _lock_runnable(tx, import_id, caller)
    fields = {int(place): name for place, name in import_["mapping"].items()}
    custom = await custom_names(tx, import_)
    require_mapping(import_["kind"], len(import_["columns"]), fields, list(custom))
    job = await enqueue(
        tx,
        job_kind,
        {"import_id": str(import_id)},
        owner_id=caller.employee_id,
        total=import_["row_count"],
    )
    await uploads.keep(tx, import_["upload_id"], tx.now + KEPT)
    await imports.save(tx, import_, job_id=job.id, expires_at=tx.now + KEPT)
    return job


async def _lock_runnable(tx: Tx, import_id: UUID, caller: Caller) -> Row:
    """The import, locked. Raises `NotFound`, `ImportBusy`, `ImportNotRead`, `ImportExpired`."""
    seen = await _lock_seen(tx, import_id, caller)
    require_runnable(state_in(seen), seen["has_rows"])
    return seen


async def _lock_seen(tx: Tx, import_id: UUID, caller: Caller) -> Row:
    """The import with its last job as they are behind the lock. Raises `NotFound`."""
    await find_seen(tx, import_id, caller)
    await imports.lock(tx, import_id)
    return await find_seen(tx, import_id, caller)
