"""Which operations the audit records; why the others are not stands in `not_audited`. Every
operation of the public API is in one of the two tables.
"""

from collections.abc import Mapping

from services.gateway.accounts.audit_kinds import Audited, change, export, read, session
from services.gateway.accounts.audited_pay import PAY
from services.gateway.accounts.route_table import RouteTable

_EMPLOYEE = ("roles", "room_ids", "headed_room_ids", "active")
_AUDIT_FILTERS = ("actor_id", "target_id", "operation", "outcome")
_SIX_NUMBERS = (
    "activity_reset_days",
    "retake_cooldown_seconds",
    "vip_in_development_limit",
    "vip_by_receipts_limit",
    "vip_reset_days",
    "renewal_horizon_days",
)
_OPTIONS = (
    "warn_before_hours",
    "work_limit",
    "first_touch_minutes",
    "escalate_after_minutes",
    "working_days",
    "pause_for_invoices",
    "vip_receipts_days",
)

AUDITED: Mapping[str, Audited] = {
    "POST /auth/token": session("log_in"),
    "POST /auth/refresh": session("refresh_session", only_refused=True),
    "POST /auth/logout": session("log_out"),
    "POST /auth/password": session("choose_password"),
    "POST /me/password": change("change_own_password", "employee"),
    "DELETE /me/sessions": change("end_own_sessions", "employee"),
    "DELETE /me/sessions/{session_id}": change("end_own_session", "session"),
    "POST /auth/second-factor": session("answer_challenge"),
    "POST /auth/second-factor/enrolment": session("enrol_by_challenge"),
    "POST /auth/second-factor/confirmation": session("confirm_by_challenge"),
    "POST /me/messenger": change("link_own_messenger", "employee"),
    "DELETE /me/messenger": change("unlink_own_messenger", "employee"),
    "POST /me/calendar": change("make_own_calendar", "employee"),
    "DELETE /me/calendar": change("remove_own_calendar", "employee"),
    "POST /me/second-factor": change("enrol_second_factor", "employee"),
    "POST /me/second-factor/confirmation": change("confirm_second_factor", "employee"),
    "POST /me/second-factor/removal": change("remove_second_factor", "employee"),
    "DELETE /employees/{employee_id}/second-factor": change("reset_second_factor", "employee"),
    "GET /auth/oidc/{tenant}/callback": session("finish_outside_log_in"),
    "PUT /security/oidc": change("set_oidc_provider", "tenant", "enabled"),
    "DELETE /security/oidc": change("remove_oidc_provider", "tenant"),
    "PUT /security": change("set_security_settings", "tenant", "second_factor"),
    "POST /tenants": change("provision_tenant", "tenant", "time_zone", "currency"),
    "POST /tenants/{tenant_id}/admin": change("name_admin", "employee", body_ids=("employee_id",)),
    "GET /audit": read("list_audit", "audit", values=_AUDIT_FILTERS),
    "GET /audit/export": read("export_audit", "audit", values=_AUDIT_FILTERS),
    "POST /api-keys": change("create_key", "api_key", "scopes", "expires_in_days", "room_ids"),
    "POST /api-keys/{key_id}/hand-over": change("hand_over_key", "api_key", body_ids=("admin_id",)),
    "DELETE /api-keys/{key_id}": change("revoke_key", "api_key"),
    "POST /companies": change(
        "create_company", "company", "time_zone", "currency", "payment_confirmation"
    ),
    "PATCH /companies/{company_id}": change(
        "change_company", "company", "time_zone", "payment_confirmation", "archived"
    ),
    "POST /rooms": change("create_room", "room", "company_ids"),
    "POST /rooms/{room_id}/settings/planned": Audited(
        name="plan_room_settings",
        target="room",
        query_ids=("company_id",),
        values=("effective_from",),
    ),
    "POST /rooms/{room_id}/settings/planned/{effective_from}/cancel": Audited(
        name="cancel_planned_settings", target="room", query_ids=("company_id",)
    ),
    "PUT /companies/{company_id}/room-defaults": change(
        "set_room_defaults", "company", *_SIX_NUMBERS, "heads_may_change"
    ),
    "PATCH /companies/{company_id}/requisites": change("change_requisites", "company"),
    "PATCH /rooms/{room_id}/options": Audited(
        name="change_room_options", target="room", query_ids=("company_id",), values=_OPTIONS
    ),
    "PATCH /rooms/{room_id}": change("change_room", "room", "company_ids", "archived"),
    "PUT /rooms/{room_id}/settings": Audited(
        name="set_room_settings", target="room", query_ids=("company_id",), values=_SIX_NUMBERS
    ),
    "PATCH /rooms/{room_id}/settings": Audited(
        name="change_room_settings", target="room", query_ids=("company_id",), values=_SIX_NUMBERS
    ),
    "POST /employees": change("create_employee", "employee", *_EMPLOYEE),
    "PATCH /employees/{employee_id}": change("change_employee", "employee", *_EMPLOYEE),
    "POST /employees/{employee_id}/dismiss": change("dismiss_employee", "employee", "preview"),
    "POST /employees/left-work": change("collect_left_work", "job", "preview"),
    "POST /employees/{employee_id}/move": change(
        "move_employee", "employee", "room_ids", "headed_room_ids", "preview"
    ),
    "POST /employees/{employee_id}/invitation": change("create_invitation", "employee"),
    "GET /employees": read("list_employees", "employee"),
    "GET /employees/{employee_id}": read("get_employee", "employee"),
    "POST /products": change("create_product", "product", "company_id"),
    "PATCH /products/{product_id}": change("change_product", "product", "active"),
    "PUT /products/{product_id}/costs": change("set_product_cost", "product", "effective_from"),
    "POST /sources": change("create_source", "source", "kind"),
    "PATCH /sources/{source_id}": change("change_source", "source", "kind", "archived"),
    "POST /employees/{employee_id}/absences": change(
        "record_absence", "employee", "first_on", "last_on"
    ),
    "PATCH /employees/{employee_id}/absences/{absence_id}": change(
        "change_absence", "employee", "first_on", "last_on"
    ),
    "POST /employees/{employee_id}/absences/{absence_id}/cancel": change(
        "cancel_absence", "employee"
    ),
    "PUT /employees/{employee_id}/extensions": change("set_employee_extensions", "employee"),
    "POST /telephony-accounts": change("add_telephony_account", "telephony_account"),
    "POST /telephony-accounts/{telephony_account_id}/remove": change(
        "remove_telephony_account", "telephony_account"
    ),
    "POST /loss-reasons": change("create_loss_reason", "loss_reason", "company_id", "counts"),
    "PATCH /loss-reasons/{loss_reason_id}": change(
        "change_loss_reason", "loss_reason", "counts", "active"
    ),
    "POST /companies/{company_id}/custom-fields": change(
        "create_custom_field", "company", "kind", "required"
    ),
    "PATCH /companies/{company_id}/custom-fields/{custom_field_id}": change(
        "change_custom_field", "custom_field", "required", "archived"
    ),
    "PATCH /clients/{client_id}/custom-values": Audited(
        name="change_custom_values", target="client", query_ids=("company_id",)
    ),
    "GET /clients/{client_id}/custom-values": read("get_custom_values", "client", "company_id"),
    "GET /clients/{client_id}/custom-values/history": read(
        "list_custom_value_changes", "client", "company_id"
    ),
    "POST /clients/check": Audited(
        name="check_client", target="client", kind="read", body_ids=("room_id", "company_id")
    ),
    "POST /clients/duplicates": change("find_duplicate_clients", "job"),
    "PATCH /clients/{client_id}": change("change_client", "client", "large"),
    "POST /clients/{client_id}/merge": change(
        "merge_clients", "client", body_ids=("into_client_id",)
    ),
    "POST /clients/{client_id}/consents": change("record_client_consent", "client", "kind"),
    "POST /consents": change("record_phone_consent", "consent", "kind"),
    "GET /clients/{client_id}/consents": read("list_client_consents", "client"),
    "GET /consents": read("list_phone_consents", "consent"),
    "POST /clients/{client_id}/persons": change("add_contact_person", "contact_person"),
    "PATCH /clients/{client_id}/persons/{person_id}": change(
        "change_contact_person", "contact_person", "archived"
    ),
    "GET /clients/{client_id}/persons": read("list_contact_persons", "contact_person"),
    "GET /clients/{client_id}/persons/{person_id}": read("get_contact_person", "contact_person"),
    "GET /clients": read("list_clients", "client"),
    "GET /clients/large-lost": read("list_large_lost", "client"),
    "GET /clients/{client_id}": read("get_client", "client"),
    "GET /clients/{client_id}/history": read("list_client_history", "client"),
    "POST /bank-statements": Audited(
        name="upload_bank_statement", target="bank_statement", query_ids=("company_id",)
    ),
    "GET /bank-statements": read("list_bank_statements", "bank_statement"),
    "GET /bank-statements/lines": read(
        "list_bank_lines", "bank_line", "company_id", values=("state", "kind")
    ),
    "GET /bank-statements/{statement_id}": read("get_bank_statement", "bank_statement"),
    "POST /bank-statements/{statement_id}/book": change("book_bank_statement", "bank_statement"),
    "GET /bank-statements/{statement_id}/lines": read(
        "list_bank_statement_lines", "bank_statement", values=("state", "kind")
    ),
    "GET /bank-statements/{statement_id}/lines/{line_id}": read("get_bank_line", "bank_line"),
    "POST /bank-statements/{statement_id}/lines/{line_id}/match": change(
        "match_bank_line", "bank_line"
    ),
    "POST /bank-statements/{statement_id}/lines/{line_id}/undo": change(
        "undo_bank_line", "bank_line"
    ),
    "POST /bank-statements/{statement_id}/lines/{line_id}/ignore": change(
        "ignore_bank_line", "bank_line"
    ),
    "GET /inbound/payments": read("list_inbound_payments", "inbound_payment"),
    "GET /inbound/payments/{inbound_payment_id}": read("get_inbound_payment", "inbound_payment"),
    "POST /activities/bulk": change("change_activities", "job", "action", "preview"),
    "POST /imports": Audited(
        name="upload_import",
        target="import",
        query_ids=("company_id", "room_id"),
        values=("kind",),
    ),
    "PUT /imports/{import_id}/mapping": change("map_import_columns", "import"),
    "POST /imports/{import_id}/check": change("check_import", "import"),
    "POST /imports/{import_id}/run": change("run_import", "import"),
    "DELETE /imports/{import_id}": change("discard_import", "import"),
    "GET /imports/{import_id}": read("get_import", "import"),
    "GET /imports/{import_id}/refused": read("get_refused_rows", "import"),
    **PAY,
    "GET /reports/offline-conversions": read(
        "export_offline_conversions", "activity", "room_id", "company_id", values=("from", "to")
    ),
    "GET /reports/sellers": read(
        "report_sellers", "employee", "room_id", "company_id", values=("from", "to")
    ),
    "GET /exports/activities": export("export_activities", "activity"),
    "GET /exports/pool": export("export_pool", "activity"),
    "GET /exports/overdue-invoices": export("export_overdue_invoices", "activity"),
    "GET /exports/clients": export("export_clients", "client"),
    "GET /exports/vip": export("export_vips", "vip"),
    "GET /exports/payments": export("export_payments", "payment"),
    "GET /exports/renewals": export("export_renewals", "renewal"),
    "GET /exports/employees": export("export_employees", "employee"),
    "GET /exports/products": export("export_products", "product"),
    "GET /exports/sources": export("export_sources", "source"),
    "GET /exports/companies": export("export_companies", "company"),
    "GET /exports/rooms": export("export_rooms", "room"),
    "GET /exports/large-lost": export("export_large_lost", "client"),
    "GET /exports/bank-lines": export("export_bank_lines", "bank_line"),
    "GET /exports/statements": read(
        "export_statements", "employee", "employee_id", "company_id", values=("format", "period")
    ),
    "GET /exports/loss-reasons": export("export_loss_reasons", "loss_reason"),
    "GET /inbound/unprocessed": read("list_unprocessed", "message"),
    "GET /inbound/unprocessed/{message_id}": read("get_unprocessed", "message"),
    "POST /inbound/unprocessed/{message_id}/resolve": change(
        "resolve_message", "message", body_ids=("activity_id",)
    ),
    "POST /inbound/unprocessed/{message_id}/dismiss": change("dismiss_message", "message"),
    "POST /inbound/site-forms": change(
        "create_site_form", "site_form", body_ids=("company_id", "room_id", "key_id")
    ),
    "PATCH /inbound/site-forms/{site_form_id}": change(
        "change_site_form", "site_form", "archived", body_ids=("company_id", "room_id", "key_id")
    ),
    "POST /inbound/numbers": change(
        "create_our_number", "our_number", body_ids=("source_id", "room_id")
    ),
    "PATCH /inbound/numbers/{our_number_id}": change(
        "change_our_number", "our_number", "archived", body_ids=("source_id", "room_id")
    ),
    "PUT /inbound/source-rules": change("set_source_rules", "source", "default_source_id"),
    "POST /inbound/forms/{key}": Audited(name="receive_form", target="api_key", only_refused=True),
    "GET /jobs/{job_id}/report": read("get_job_report", "job"),
    "POST /jobs/{job_id}/cancel": change("cancel_job", "job"),
}
"""The operations that are recorded, by method and template."""

_ROUTES = RouteTable(AUDITED)


def audited_at(method: str, path: str) -> tuple[Audited, dict[str, str]] | None:
    """The recorded operation at a decoded path with the parts of the path by name; None for what is
    not recorded.
    """
    return _ROUTES.find(method, path)
