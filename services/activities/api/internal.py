"""What neighbours ask and tell; unreachable through the gateway."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from services.activities.consumers import facts
from services.activities.queries import directory as queries
from shared.activity_view import JsonBytes
from shared.db import Tx
from shared.replicas.peer import snapshots_router
from shared.web.callers import AnyCaller
from shared.web.commands import CommandRunner


def router(running: CommandRunner) -> APIRouter:
    """Asking for copies, and being told."""
    routes = snapshots_router(facts, running.database)

    @routes.get("/copies/{noun}/{subject}")
    async def copies(noun: str, subject: UUID, caller: AnyCaller) -> JsonBytes:
        """The present facts about one thing of the directory."""

        async def query(tx: Tx) -> dict[str, Any]:
            return {
                "facts": [
                    copy.model_dump(mode="json") for copy in await queries.copies(tx, noun, subject)
                ]
            }

        return await running.read(caller, query)

    return routes
