"""A tenant that imports tables."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.activities.handlers import imports
from services.activities.handlers.imports import UploadImport
from shared.jobs.worker import JobWorker
from shared.service_context import ServiceContext
from tests.integration.activities.tenant import Tenant, User
from tests.support.client import Response

HEADER = ["Код", "Название", "ИНН", "Телефон", "Почта"]


def table(*rows: Sequence[Any]) -> bytes:
    """Rows as CSV in UTF-8 with semicolons."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";").writerows(rows)
    return buffer.getvalue().encode()


@dataclass
class Importer:
    """A head who imports into one room; `worker` runs the jobs."""

    tenant: Tenant
    head: User
    worker: JobWorker
    last: Any = field(default=None)

    def path(self, kind: str = "clients", filename: str = "клиенты.csv", **about: Any) -> str:
        place = {"room_id": self.tenant.room_id, "company_id": self.tenant.company_id, **about}
        query = "&".join(f"{name}={value}" for name, value in place.items())
        return f"/imports?filename={filename}&kind={kind}&{query}"

    async def try_upload(
        self, content: bytes, user: User | None = None, key: str | None = None, **about: Any
    ) -> Response:
        caller = self.tenant.caller_of(user or self.head)
        headers = {"Idempotency-Key": key} if key else {}
        return await self.tenant.api.post_file(caller, self.path(**about), content, headers)

    async def upload_unread(self, content: bytes, context: ServiceContext) -> Any:
        """An import whose reading no request has begun."""
        caller = self.tenant.caller_of(self.head)
        command = UploadImport(
            "клиенты.csv", "clients", self.tenant.room_id, self.tenant.company_id, content
        )
        scanned = await imports.scan_file(command)
        async with context.database.begin_for(self.tenant.tenant_id) as tx:
            made = await imports.upload_import(tx, command, scanned, caller)
        return {"id": made.import_id}

    async def upload(self, content: bytes, **about: Any) -> Any:
        """The import, read."""
        response = await self.try_upload(content, **about)
        assert response.status in (200, 201), response.body
        await self.worker.run_until_idle()
        return await self.see(response.body)

    async def see(self, import_: Any, user: User | None = None) -> Any:
        path = f"/imports/{import_['id']}"
        response = await self.tenant.call(user or self.head, "GET", path)
        assert response.status == 200, response.body
        return response.body

    async def command(self, import_: Any, command: str, user: User | None = None) -> Response:
        path = f"/imports/{import_['id']}/{command}"
        return await self.tenant.call(user or self.head, "POST", path)

    async def do(self, import_: Any, command: str) -> dict[str, int]:
        """The counts of a check or a run that has come to its end."""
        started = await self.command(import_, command)
        assert started.status == 202, started.body
        await self.worker.run_until_idle()
        seen = await self.see(import_)
        assert seen["job"]["state"] == "succeeded", seen["job"]
        counts: dict[str, int] = seen["checked" if command == "check" else "imported"]
        return {name: count for name, count in counts.items() if count}

    async def load(self, *rows: Sequence[Any], **about: Any) -> dict[str, int]:
        """Uploads and runs a table; the counts."""
        self.last = await self.upload(table(*rows), **about)
        assert self.last["state"] in ("ready", "done"), self.last
        return await self.do(self.last, "run")

    async def map(
        self, import_: Any, *fields: str | None, user: User | None = None, **defaults: Any
    ) -> Response:
        columns = [{"index": place, "field": name} for place, name in enumerate(fields) if name]
        body = {"columns": columns, "defaults": defaults}
        path = f"/imports/{import_['id']}/mapping"
        return await self.tenant.call(user or self.head, "PUT", path, body)

    async def refused(
        self, import_: Any, encoding: str = "utf-8-sig", delimiter: str = ";"
    ) -> list[list[str]]:
        """The refused rows, without the header."""
        caller = self.tenant.caller_of(self.head)
        status, content = await self.tenant.api.get_file(
            caller, f"/imports/{import_['id']}/refused"
        )
        assert status == 200, content
        text = io.StringIO(content.decode(encoding))
        return list(csv.reader(text, delimiter=delimiter))[1:]

    async def clients(self, user: User | None = None) -> list[Any]:
        """The clients as somebody sees them, the oldest first."""
        return (await self.tenant.pages(user or self.head, "/clients", 100))[::-1]

    async def count(self, of: str) -> int:
        count: int = await self.tenant.reader.fetchval(
            f"SELECT count(*) FROM {of} WHERE tenant_id = $1", self.tenant.tenant_id
        )
        return count

    async def events(self, id_: str) -> list[str]:
        rows = await self.tenant.reader.fetch(
            "SELECT type FROM outbox WHERE tenant_id = $1 AND aggregate_id = $2"
            " ORDER BY aggregate_version, type",
            self.tenant.tenant_id,
            UUID(id_),
        )
        return [row["type"] for row in rows]
