"""Which failures of the database pass by themselves, by PostgreSQL's classes of SQLSTATE.

A failure passes if it says something about the server, the session or who else was at work at that
moment, and nothing about the statement and its values: the same work succeeds later, or elsewhere.
Whoever serves a person answers 503; whoever consumes, relays or runs jobs tries again.
"""

import asyncpg

from shared.errors import Unavailable

# Class 08: the session is lost, or none was to be had; PgBouncer's own errors are 08P01.
# Class 40: who else was at work: serialization, deadlock, a commit whose outcome is unknown.
# Class 53: disk full, out of memory, too many connections.
# Class 57: cancelled by a time-out, shut down, starting, the database is being dropped.
# Class 58: the server's disk or files. Class F0: its settings.
# 25006: the server takes no writes, as a standby or after a failover. 25P03 and 25P04: the
# transaction took too long. 26000: the session has lost a prepared statement, as behind a pooler.
# 55006 and 55P03: locked by somebody else. 72000: the snapshot is too old.
# 28, 3D: nobody gets in with these settings; a session that is open knows none of them.
# Not here: 0A, 22, 23, 42, 44, 54 and P0 judge the statement or its values, 25P02 follows another
# failure, XX001 and XX002 are lost data of one table, which no waiting brings back.
AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.TransactionRollbackError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.ConfigFileError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TransactionTimeoutError,
    asyncpg.InvalidSQLStatementNameError,
    asyncpg.ObjectInUseError,
    asyncpg.LockNotAvailableError,
    asyncpg.SnapshotTooOldError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InterfaceError,
    # What the driver makes of a session that the server ended at a bad moment.
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionError,
)
"""The session is gone. A connection may have lost it while it lay in the pool, and show so by the
first statement only."""

OUTDATED = (
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
)
"""The schema changed under a prepared statement. The driver has dropped all of them by then, so the
same work succeeds at once."""

UNFIT = (
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.DiskFullError,
    asyncpg.PostgresSystemError,
    asyncpg.InvalidSQLStatementNameError,
)
"""The open sessions are all with a server, or behind a pooler, that cannot do the work; new ones
may reach another."""


class Repeatable(Unavailable):
    """The transaction is rolled back whole, and the same work succeeds a moment later."""

    def __init__(self) -> None:
        super().__init__("database")


class SchemaChanged(Repeatable):
    """The schema changed under its statements."""


class Deadlocked(Repeatable):
    """It and another one waited for each other, on one server or several; the other goes on."""
