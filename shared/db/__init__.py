"""PostgreSQL: one kind of transaction, statements built from SQLAlchemy tables and run on
asyncpg.
"""

from shared.db.bulk import BulkRows
from shared.db.database import Database
from shared.db.statements import Statement, compiled, writing
from shared.db.transaction import Tx

__all__ = ["BulkRows", "Database", "Statement", "Tx", "compiled", "writing"]
