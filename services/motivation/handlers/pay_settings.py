"""A company's settings of pay: a second person for large adjustments, answers in time."""

from dataclasses import dataclass
from decimal import Decimal

from services.motivation.storage import directory, pay_settings
from services.motivation.storage.pay_settings import PaySettings
from shared.db import Tx
from shared.errors import Invalid
from shared.ids import CompanyId
from shared.money import Money
from shared.tenancy import Caller
from shared.versions import differing, stale


@dataclass(frozen=True, slots=True)
class SetPaySettings:
    """Set both settings of a company; a limit of None asks for nobody."""

    company_id: CompanyId
    adjustment_limit: Money | None
    dispute_days: int


async def set_pay_settings(tx: Tx, command: SetPaySettings, caller: Caller) -> PaySettings:
    """Stores the next version of the settings, who changed them and when. Without a difference
    nothing happens.

    Raises `NotFound`, `Stale`, `Invalid` for a limit in another currency or below nothing.
    """
    company = await directory.company(tx, command.company_id)
    limit = _limit(command, company)
    present = await pay_settings.of_company(tx, company.id)
    former = {"adjustment_limit": present.adjustment_limit, "dispute_days": present.dispute_days}
    changed = {"adjustment_limit": limit, "dispute_days": command.dispute_days}
    if not tx.expects(present.version):
        raise stale(present.version, differing(former, changed))
    if former == changed:
        return present
    settings = PaySettings(
        present.version + 1,
        limit,
        command.dispute_days,
        caller.employee_id,
        await tx.read_clock(),
    )
    await pay_settings.add(tx, company.id, settings)
    return settings


def _limit(command: SetPaySettings, company: directory.Company) -> Decimal | None:
    limit = command.adjustment_limit
    if limit is None:
        return None
    if limit.currency != company.currency:
        raise Invalid("adjustment_limit.currency", "company_currency", currency=company.currency)
    if limit.amount < 0:
        raise Invalid("adjustment_limit.amount", "at_least", min="0.00")
    return limit.amount
