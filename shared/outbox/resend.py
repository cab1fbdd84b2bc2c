"""Events published again from the outbox, for readers whose topic lost them before they were read.

The outbox keeps what was published for some days. A reader that knows an event ignores the
repetition.
"""

from collections.abc import Sequence
from datetime import datetime

from shared.db import Database
from shared.db.mechanisms import OUTBOX_KEPT
from shared.ids import TenantId

_AT_ONCE = 5_000
# What the relay has sent again meanwhile is later than `$3`. The relay searches from the
# transactions that it has not seen.
_SEND_AGAIN = """
    WITH again AS (
        UPDATE outbox SET published_at = NULL, transaction_id = pg_current_xact_id()::text::bigint
        WHERE ctid = ANY(ARRAY(
            SELECT ctid FROM outbox WHERE tenant_id = $1
            AND published_at >= $2 AND published_at < $3 AND topic = ANY($4::text[]) LIMIT $5
        )) RETURNING 1
    ) SELECT count(*) FROM again
"""
_TABLES_OF_TENANTS = """
    SELECT DISTINCT table_name FROM information_schema.column_privileges
    WHERE grantee = current_user AND column_name = 'tenant_id' AND privilege_type = 'SELECT'
"""
_IS_KEPT = f"SELECT $1 > now() - interval '{OUTBOX_KEPT}' AS is_kept"


async def resend(
    database: Database, tenants: Sequence[TenantId], topics: Sequence[str], since: datetime
) -> int:
    """Lets the relay publish again, in each aggregate's order, what it published of `tenants` on
    `topics` from the moment `since` on; how many events. Raises `Unavailable`.
    """
    until = await database.clock()
    return sum([await _resend_tenant(database, tenant, topics, since, until) for tenant in tenants])


async def _resend_tenant(
    database: Database,
    tenant_id: TenantId,
    topics: Sequence[str],
    since: datetime,
    until: datetime,
) -> int:
    total, count = 0, _AT_ONCE
    while count == _AT_ONCE:
        async with database.begin_for(tenant_id) as tx:
            count = await tx.connection.fetchval(
                _SEND_AGAIN, tenant_id, since, until, topics, _AT_ONCE
            )
        total += count
    return total


async def tenants_seen_by(worker: Database) -> list[TenantId]:
    """The tenants of whom a service has anything that its worker's role sees.

    Raises `Unavailable`.
    """
    tenants: set[TenantId] = set()
    for table in await worker.fetch(_TABLES_OF_TENANTS):
        name = table["table_name"]
        rows = await worker.fetch(f'SELECT DISTINCT tenant_id FROM "{name}"')  # noqa: S608
        tenants |= {TenantId(row["tenant_id"]) for row in rows}
    return sorted(tenants)


async def is_kept(database: Database, since: datetime) -> bool:
    """Whether everything that was published from the moment `since` on is still there.

    Raises `Unavailable`.
    """
    return bool((await database.fetch(_IS_KEPT, since))[0]["is_kept"])
