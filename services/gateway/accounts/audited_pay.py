"""The operations of pay as the audit records them, by method and path template."""

from collections.abc import Mapping

from services.gateway.accounts.audit_kinds import Audited, change, read

PAY: Mapping[str, Audited] = {
    "POST /motivation/plans": change(
        "draft_plan", "plan", "effective_from", body_ids=("company_id", "room_id")
    ),
    "PATCH /motivation/plans/{plan_id}": change("change_plan", "plan", "effective_from"),
    "DELETE /motivation/plans/{plan_id}": change("delete_plan", "plan"),
    "POST /motivation/plans/{plan_id}/publish": change("publish_plan", "plan"),
    "POST /motivation/plans/{plan_id}/confirm": change("confirm_plan", "plan"),
    "PUT /motivation/targets": change(
        "set_target", "employee", "period", "measure", body_ids=("employee_id", "room_id")
    ),
    "POST /motivation/adjustments": change(
        "post_adjustment", "employee", "period", body_ids=("employee_id",)
    ),
    "GET /motivation/adjustments": read(
        "list_adjustments", "employee", "employee_id", values=("state", "period")
    ),
    "GET /motivation/plans/{plan_id}/preview": read("preview_plan", "plan", values=("period",)),
    "POST /motivation/plans/{plan_id}/simulate": change("simulate_plan", "plan", "from", "to"),
    "GET /motivation/plans/{plan_id}/simulations/{simulation_id}": read("get_simulation", "plan"),
    "GET /motivation/progress": read("get_progress", "employee", "employee_id", values=("period",)),
    "POST /motivation/adjustments/{adjustment_id}/confirm": change(
        "confirm_adjustment", "adjustment"
    ),
    "POST /motivation/adjustments/{adjustment_id}/reject": change(
        "reject_adjustment", "adjustment"
    ),
    "PUT /motivation/settings": Audited(
        name="set_pay_settings",
        target="company",
        query_ids=("company_id",),
        values=("dispute_days",),
    ),
    "GET /motivation/periods": read("list_periods", "company", "company_id"),
    "GET /motivation/periods/{period}": read(
        "get_period", "company", "company_id", values=("period",)
    ),
    "POST /motivation/periods/{period}/close": Audited(
        name="close_period", target="company", query_ids=("company_id",), values=("period",)
    ),
    "POST /motivation/periods/{period}/approve": Audited(
        name="approve_period", target="company", query_ids=("company_id",), values=("period",)
    ),
    "GET /motivation/statements": read(
        "list_statements", "employee", "employee_id", "company_id", values=("period",)
    ),
    "POST /motivation/payouts": change(
        "record_payout", "company", "period", body_ids=("company_id",)
    ),
    "GET /motivation/disputes": read(
        "list_disputes", "employee", "employee_id", values=("state", "period")
    ),
    "POST /motivation/disputes": change("open_dispute", "dispute", body_ids=("entry_id",)),
    "GET /motivation/disputes/{dispute_id}": read("get_dispute", "dispute"),
    "POST /motivation/disputes/{dispute_id}/answer": change("answer_dispute", "dispute"),
    "POST /motivation/disputes/{dispute_id}/resolve": change("resolve_dispute", "dispute"),
    "POST /motivation/disputes/{dispute_id}/withdraw": change("withdraw_dispute", "dispute"),
    "GET /motivation/wins-without-pay": read("list_wins_without_pay", "activity"),
    "POST /motivation/wins-without-pay/accrue": change("accrue_unpaid", "job"),
    "GET /motivation/statement": read(
        "get_statement", "employee", "employee_id", values=("period",)
    ),
    "GET /motivation/entries/{entry_id}/chain": read("get_chain", "entry"),
    "GET /motivation/accruals/{entry_id}": read("get_accrual", "entry"),
}
