"""A company's settings of pay as the API shows them."""

from typing import Any

from services.motivation.storage.directory import Company
from services.motivation.storage.pay_settings import PaySettings


def settings_view(company: Company, settings: PaySettings) -> dict[str, Any]:
    """The settings as `PaySettingsView`."""
    return {
        "company_id": company.id,
        "version": settings.version,
        "adjustment_limit": settings.limit_in(company.currency),
        "dispute_days": settings.dispute_days,
        "changed_by": settings.changed_by,
        "changed_at": settings.changed_at,
    }
