"""What neighbours ask and tell; unreachable through the gateway."""

from fastapi import APIRouter

from services.activities.consumers import subscription
from services.activities.queries import directory as queries
from shared.replicas.peer import snapshots_router
from shared.web.commands import CommandRunner


def router(running: CommandRunner) -> APIRouter:
    """Pushing and fetching snapshots."""
    return snapshots_router(running.service.database, subscription, queries.copies)
