"""What every route needs."""

from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import StringConstraints

from services.motivation.metrics import MotivationMetrics
from services.motivation.replicas import Directory
from shared.db import Database
from shared.tenancy import Caller
from shared.web.callers import allowed


def _database(request: Request) -> Database:
    found: Database = request.app.state.database
    return found


def _directory(request: Request) -> Directory:
    found: Directory = request.app.state.directory
    return found


def _metrics(request: Request) -> MotivationMetrics:
    found: MotivationMetrics = request.app.state.metrics
    return found


Db = Annotated[Database, Depends(_database)]
Snapshots = Annotated[Directory, Depends(_directory)]
Counters = Annotated[MotivationMetrics, Depends(_metrics)]
PlanReader = Annotated[Caller, allowed("admin", "head", "accountant", "seller")]
Period = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]


def refuses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route answers with, for its description."""
    return {
        status: {"content": {"application/problem+json": {}}, "description": "Problem details"}
        for status in (*statuses, 401, 422)
    }
