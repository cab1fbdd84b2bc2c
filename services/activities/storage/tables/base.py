"""What all tables share: `tenant_id` leads every key, index and reference."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, PrimaryKeyConstraint, Table, Uuid, text
from sqlalchemy.schema import SchemaItem

from shared.db.tables import Moment, new_metadata
from shared.jobs.tables import add_job_tables

metadata = new_metadata()
add_job_tables(metadata)


def tenant_column() -> Column[Any]:
    return Column("tenant_id", Uuid, nullable=False)


def archived_column() -> Column[Any]:
    """Whether a thing takes no new activities; those that are open go on."""
    return Column("archived", Boolean, nullable=False, server_default=text("false"))


def versioned_table(name: str, *columns: SchemaItem) -> Table:
    """A table of aggregates: id, version, and when it was entered and changed."""
    return Table(
        name,
        metadata,
        tenant_column(),
        Column("id", Uuid, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("created_at", Moment, nullable=False),
        Column("changed_at", Moment, nullable=False),
        *columns,
        PrimaryKeyConstraint("tenant_id", "id"),
    )
