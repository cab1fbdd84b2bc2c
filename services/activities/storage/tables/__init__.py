"""Every table of the activities service; importing it registers all of them."""

from services.activities.storage.tables import (
    absences,
    activities,
    bank,
    clients,
    consents,
    custom_fields,
    directory,
    imports,
    inbound,
    inbound_payments,
    money,
    renewals,
    requisites,
    settings,
    source_costs,
    uploads,
    vips,
)
from services.activities.storage.tables.base import metadata

__all__ = [
    "absences",
    "activities",
    "bank",
    "clients",
    "consents",
    "custom_fields",
    "directory",
    "imports",
    "inbound",
    "inbound_payments",
    "metadata",
    "money",
    "renewals",
    "requisites",
    "settings",
    "source_costs",
    "uploads",
    "vips",
]
