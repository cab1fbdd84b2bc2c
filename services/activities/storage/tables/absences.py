"""The table of sellers' absences."""

from sqlalchemy import Boolean, Column, Date, Index, Text, Uuid, text

from services.activities.storage.tables.base import versioned_table
from shared.db.tables import Moment

absence = versioned_table(
    "absence",
    Column("employee_id", Uuid, nullable=False),
    # Vacation, illness …: seen by who decides in the person's rooms, and never published.
    Column("kind", Text, nullable=False),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("cancelled", Boolean, nullable=False, server_default=text("false")),
    # The days before the latest change that took some away, and until when these protect.
    Column("former_first_on", Date),
    Column("former_last_on", Date),
    Column("former_until", Moment),
    # The last day that a deadline may depend on.
    Column("relevant_until", Date, nullable=False),
)
Index(
    "ix_absence_employee",
    absence.c.tenant_id,
    absence.c.employee_id,
    absence.c.relevant_until,
)
