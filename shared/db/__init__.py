"""PostgreSQL: one kind of transaction, statements built from SQLAlchemy tables and run on asyncpg."""

from shared.db.database import Database
from shared.db.many import Many
from shared.db.statements import Statement, compiled, writing
from shared.db.transaction import Tx

__all__ = ["Database", "Many", "Statement", "Tx", "compiled", "writing"]
