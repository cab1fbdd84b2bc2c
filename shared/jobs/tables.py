"""The tables of jobs, the same in every service's database that has jobs."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.rls import protect, show_to_worker
from shared.db.roles import roles
from shared.db.tables import NAMING, Moment

JOB_TABLES = ("job", "job_refusal")
WORKER_COLUMNS = ("tenant_id", "id", "kind", "state", "next_run_at", "finished_at")
"""The columns that a worker reads of every tenant: which tenants have something due."""


def add_job_tables(metadata: MetaData) -> None:
    """Declares the tables in a service's metadata."""
    job = Table(
        "job",
        metadata,
        Column("tenant_id", Uuid, nullable=False),
        Column("id", Uuid, nullable=False),
        # Of the events that were published about the job; 0 while there is none.
        Column("version", BigInteger, nullable=False),
        Column("kind", Text, nullable=False),
        Column("arguments", JSONB, nullable=False),
        Column("owner_id", Uuid),
        Column("dedupe_key", Text),
        Column("correlation_id", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("done", Integer, nullable=False),
        Column("total", Integer),
        Column("refused", Integer, nullable=False),
        Column("cursor", JSONB),
        Column("error", Text),
        Column("attempts", Integer, nullable=False),
        # When a worker may take it: at once, after a back-off, or when the lease at hand ends.
        Column("next_run_at", Moment),
        Column("lease", Uuid),
        Column("worker", Text),
        Column("created_at", Moment, nullable=False),
        Column("started_at", Moment),
        Column("finished_at", Moment),
        Column("announced_at", Moment),
        PrimaryKeyConstraint("tenant_id", "id"),
    )
    Index(
        "ix_job_due",
        job.c.tenant_id,
        job.c.next_run_at,
        postgresql_where=text("finished_at IS NULL"),
    )
    Index(
        "uq_job_queued",
        job.c.tenant_id,
        job.c.kind,
        job.c.dedupe_key,
        unique=True,
        postgresql_where=text("state = 'queued'"),
    )
    Index("ix_job_owner", job.c.tenant_id, job.c.owner_id, job.c.id)
    Index("ix_job_finished", job.c.finished_at, postgresql_where=text("finished_at IS NOT NULL"))
    Table(
        "job_refusal",
        metadata,
        Column("tenant_id", Uuid, nullable=False),
        Column("job_id", Uuid, nullable=False),
        Column("position", Integer, nullable=False),
        Column("element", Text, nullable=False),
        Column("field", Text, nullable=False),
        Column("rule", Text, nullable=False),
        Column("parameters", JSONB, nullable=False),
        PrimaryKeyConstraint("tenant_id", "job_id", "position"),
        ForeignKeyConstraint(
            ["tenant_id", "job_id"], ["job.tenant_id", "job.id"], ondelete="CASCADE"
        ),
    )


JOBS_METADATA = MetaData(naming_convention=NAMING)
add_job_tables(JOBS_METADATA)
JOB = JOBS_METADATA.tables["job"]
JOB_REFUSAL = JOBS_METADATA.tables["job_refusal"]


_JOB = """
    CREATE TABLE job (
        tenant_id uuid NOT NULL, id uuid NOT NULL, version bigint NOT NULL, kind text NOT NULL,
        arguments jsonb NOT NULL, owner_id uuid, dedupe_key text, correlation_id text NOT NULL,
        state text NOT NULL, done integer NOT NULL, total integer, refused integer NOT NULL,
        cursor jsonb, error text, attempts integer NOT NULL, next_run_at timestamptz,
        lease uuid, worker text, created_at timestamptz NOT NULL, started_at timestamptz,
        finished_at timestamptz, announced_at timestamptz,
        CONSTRAINT pk_job PRIMARY KEY (tenant_id, id)
    )
"""
_REFUSAL = """
    CREATE TABLE job_refusal (
        tenant_id uuid NOT NULL, job_id uuid NOT NULL, position integer NOT NULL,
        element text NOT NULL, field text NOT NULL, rule text NOT NULL, parameters jsonb NOT NULL,
        CONSTRAINT pk_job_refusal PRIMARY KEY (tenant_id, job_id, position),
        CONSTRAINT fk_job_refusal_job FOREIGN KEY (tenant_id, job_id)
            REFERENCES job (tenant_id, id) ON DELETE CASCADE
    )
"""


def _first(app: str, worker: str) -> list[str]:
    """Jobs and their refused elements. The worker finds what is due and prunes what ended."""
    return [
        _JOB,
        "CREATE INDEX ix_job_due ON job (tenant_id, next_run_at) WHERE finished_at IS NULL",
        "CREATE UNIQUE INDEX uq_job_queued ON job (tenant_id, kind, dedupe_key)"
        " WHERE state = 'queued'",
        "CREATE INDEX ix_job_owner ON job (tenant_id, owner_id, id)",
        "CREATE INDEX ix_job_finished ON job (finished_at) WHERE finished_at IS NOT NULL",
        _REFUSAL,
        *protect(JOB_TABLES, app),
        *show_to_worker("job", WORKER_COLUMNS, worker),
        f'CREATE POLICY prune ON job FOR DELETE TO "{worker}" USING (finished_at IS NOT NULL)',
        f'GRANT DELETE ON job TO "{worker}"',
    ]


VERSIONS = (_first,)


def upgrade_jobs(op: Any, version: int) -> None:
    """Brings the tables of jobs from the version before to `version`, with their walls.

    A service's migration calls it once for each version, in order.
    """
    owner = op.get_bind().exec_driver_sql("SELECT current_user").scalar_one()
    for statement in VERSIONS[version - 1](*roles(owner)):
        op.execute(statement)
