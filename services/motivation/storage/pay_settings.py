"""Each company's settings of pay: a row for each change, the latest holds."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Integer, Numeric, Uuid, bindparam, insert, select

from services.motivation.storage.month_tables import pay_settings
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.ids import CompanyId, EmployeeId
from shared.money import MoneySum

DISPUTE_DAYS = 5

_s = pay_settings.c
_TENANT = bindparam("tenant_id", type_=Uuid)
_COMPANY = bindparam("company_id", type_=Uuid)
_OF_COMPANY = (_s.tenant_id == _TENANT, _s.company_id == _COMPANY)

_LATEST = compiled(select(pay_settings).where(*_OF_COMPANY).order_by(_s.version.desc()).limit(1))
_ADD = compiled(
    insert(pay_settings).values(
        tenant_id=_TENANT,
        company_id=_COMPANY,
        version=bindparam("version", type_=BigInteger),
        adjustment_limit=bindparam("adjustment_limit", type_=Numeric(14, 2)),
        dispute_days=bindparam("dispute_days", type_=Integer),
        changed_by=bindparam("changed_by", type_=Uuid),
        changed_at=bindparam("changed_at", type_=Moment),
    )
)


@dataclass(frozen=True, slots=True)
class PaySettings:
    """From which amount on an adjustment needs a second person (None for never), in the company's
    currency, and the days in which a dispute is answered. `version` is 0 before the first change.
    """

    version: int
    adjustment_limit: Decimal | None
    dispute_days: int
    changed_by: EmployeeId | None = None
    changed_at: datetime | None = None

    def limit_in(self, currency: str) -> MoneySum | None:
        """The limit as money."""
        if self.adjustment_limit is None:
            return None
        return MoneySum.build(amount=self.adjustment_limit, currency=currency)


DEFAULTS = PaySettings(0, None, DISPUTE_DAYS)


async def of_company(tx: Tx, company_id: CompanyId) -> PaySettings:
    """The company's settings as they are now."""
    row = await tx.row(_LATEST, company_id=company_id)
    return _settings(row) if row else DEFAULTS


async def add(tx: Tx, company_id: CompanyId, settings: PaySettings) -> None:
    """Stores the next version. Two at one moment: one of them is refused as stale."""
    await tx.rows(
        _ADD,
        company_id=company_id,
        version=settings.version,
        adjustment_limit=settings.adjustment_limit,
        dispute_days=settings.dispute_days,
        changed_by=settings.changed_by,
        changed_at=settings.changed_at,
    )


def _settings(row: Any) -> PaySettings:
    return PaySettings(
        row["version"],
        row["adjustment_limit"],
        row["dispute_days"],
        row["changed_by"],
        row["changed_at"],
    )
