"""Wins that wait for a published plan accrue by a job instead of a timer."""

from alembic import op

from shared.db.roles import roles

revision = "0005"
down_revision = "0004"

_PUBLICATIONS_UNDER_WAY = """
    INSERT INTO job (tenant_id, id, version, kind, arguments, owner_id, correlation_id, state, done,
        refused, attempts, next_run_at, created_at)
    SELECT tenant_id, gen_random_uuid(), 0, 'accrue_waiting_wins',
        jsonb_build_object('plan_id', plan_id), created_by, '', 'queued', 0, 0, 0, now(), now()
    FROM plan WHERE published_at IS NOT NULL AND settled_at IS NULL
"""


def upgrade() -> None:
    _, worker = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    # The owner of the tables is subject to their policies, and has no tenant here.
    for table in ("plan", "job"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(_PUBLICATIONS_UNDER_WAY)
    for table in ("plan", "job"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute("DROP POLICY worker ON plan")
    op.execute(f'REVOKE SELECT ON plan FROM "{worker}"')
    op.execute("ALTER TABLE plan DROP COLUMN settled_at")
