"""HTTP in: parse, one use case, render. The routes are the public contract."""

from services.motivation.api import (
    accruals,
    adjustments,
    disputes,
    entries,
    pay_settings,
    payouts,
    periods,
    plans,
    progress,
    reports,
    simulations,
    statements,
    targets,
    unpaid,
)

ROUTERS = (
    plans.router,
    simulations.router,
    statements.router,
    accruals.router,
    adjustments.router,
    disputes.router,
    entries.router,
    pay_settings.router,
    payouts.router,
    periods.router,
    unpaid.router,
    reports.router,
    targets.router,
    progress.router,
)
