"""HTTP in: parse, one use case, render."""

from services.activities.api import (
    activities,
    bulk,
    chain,
    clients,
    closing,
    companies,
    departures,
    employees,
    loss_reasons,
    payments,
    planned_settings,
    products,
    renewals,
    responsibility,
    room_defaults,
    room_options,
    room_settings,
    rooms,
    sources,
    tenants,
    time_zones,
)

ROUTERS = tuple(
    module.router
    for module in (
        activities,
        bulk,
        responsibility,
        chain,
        payments,
        closing,
        renewals,
        clients,
        tenants,
        companies,
        rooms,
        room_settings,
        planned_settings,
        room_defaults,
        room_options,
        employees,
        departures,
        products,
        sources,
        loss_reasons,
        time_zones,
    )
)
