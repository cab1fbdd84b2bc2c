"""The second wall of tenancy: row-level security, under roles that do not own the tables.

Used by the migrations.
"""

from collections.abc import Iterable

_TENANT = "tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid"


def protect(tables: Iterable[str], app: str) -> list[str]:
    """Statements that let `app` see only the transaction's tenant in `tables`."""
    statements = []
    for table in tables:
        statements += [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f'CREATE POLICY tenant ON {table} TO "{app}" USING ({_TENANT}) WITH CHECK ({_TENANT})',
            f'GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO "{app}"',
        ]
    return statements


def append_only(tables: Iterable[str], app: str) -> list[str]:
    """As `protect`, for `tables` to which `app` may add, and which it may never change."""
    statements = []
    for table in tables:
        statements += [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f'CREATE POLICY tenant ON {table} TO "{app}" USING ({_TENANT}) WITH CHECK ({_TENANT})',
            f'GRANT SELECT, INSERT ON {table} TO "{app}"',
        ]
    return statements


def prunable(table: str, column: str, worker: str) -> list[str]:
    """Statements that let `worker` delete rows of all tenants by their age in `column`, and see no
    other column.
    """
    return [
        f'CREATE POLICY worker ON {table} TO "{worker}" USING (true)',
        f'GRANT SELECT ({column}), DELETE ON {table} TO "{worker}"',
    ]


def share_with_worker(tables: Iterable[str], worker: str) -> list[str]:
    """Statements that let `worker` publish and prune the mechanisms' `tables` of all tenants."""
    statements = []
    for table in tables:
        statements += [
            f'CREATE POLICY worker ON {table} TO "{worker}" USING (true)',
            f'GRANT SELECT, UPDATE, DELETE ON {table} TO "{worker}"',
        ]
    return statements


def show_to_worker(table: str, columns: Iterable[str], worker: str) -> list[str]:
    """Statements by which timers find out which tenants have something due.

    A plain read of a few columns, of all tenants.
    """
    return [
        f'CREATE POLICY worker ON {table} FOR SELECT TO "{worker}" USING (true)',
        f'GRANT SELECT ({", ".join(columns)}) ON {table} TO "{worker}"',
    ]
