"""Uploaded files: kept in chunks behind the tenant's wall, removed when they have expired."""

from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from services.activities.storage import uploads
from services.activities.storage.uploads import CHUNK, NewUpload
from services.activities.timers import remove_expired_uploads
from shared.db import Database
from shared.ids import TenantId, UploadId, new_id
from shared.service_context import ServiceContext

CONTENT = bytes(range(256)) * 1024 * 2 + b"end"


async def keep(database: Database, tenant_id: TenantId, kept: timedelta) -> UploadId:
    new = NewUpload("clients", "клиенты.csv", CONTENT, None, kept)
    async with database.begin_for(tenant_id) as tx:
        return await uploads.add(tx, new)


async def chunks(database: Database, tenant_id: TenantId, upload_id: UUID) -> list[bytes]:
    read: list[bytes] = []
    async with database.begin_for(tenant_id) as tx:
        while chunk := await uploads.read(tx, upload_id, len(read)):
            read.append(chunk)
    return read


async def test_a_file_is_read_in_chunks_as_it_came(database: Database) -> None:
    tenant_id = TenantId(new_id())
    upload_id = await keep(database, tenant_id, uploads.KEPT)
    read = await chunks(database, tenant_id, upload_id)
    assert b"".join(read) == CONTENT
    assert [len(chunk) for chunk in read] == [CHUNK, CHUNK, 3]
    async with database.begin_for(tenant_id) as tx:
        row = await uploads.find(tx, upload_id)
    assert row
    assert (row["name"], row["size"]) == ("клиенты.csv", len(CONTENT))
    assert row["sha256"] == sha256(CONTENT).digest()
    assert row["expires_at"] - row["created_at"] == uploads.KEPT
    stranger = TenantId(new_id())
    assert await chunks(database, stranger, upload_id) == []


async def test_what_has_expired_is_removed_and_nothing_else(
    database: Database, context: ServiceContext
) -> None:
    tenant_id = TenantId(new_id())
    old = [await keep(database, tenant_id, timedelta()) for _ in range(3)]
    kept = await keep(database, tenant_id, timedelta(hours=1))
    prolonged = await keep(database, tenant_id, timedelta())
    async with database.begin_for(tenant_id) as tx:
        await uploads.keep(tx, prolonged, await tx.read_clock() + timedelta(hours=1))
    assert await remove_expired_uploads(context) >= len(old)
    for upload_id in old:
        assert await chunks(database, tenant_id, upload_id) == []
    for upload_id in (kept, prolonged):
        assert len(await chunks(database, tenant_id, upload_id)) == 3


async def test_a_file_is_removed_early_or_only_its_bytes(database: Database) -> None:
    tenant_id = TenantId(new_id())
    removed, dropped = [await keep(database, tenant_id, uploads.KEPT) for _ in range(2)]
    async with database.begin_for(tenant_id) as tx:
        await uploads.remove(tx, removed)
        await uploads.drop_content(tx, dropped)
        assert await uploads.find(tx, removed) is None
        assert await uploads.find(tx, dropped)
    for upload_id in (removed, dropped):
        assert await chunks(database, tenant_id, upload_id) == []
