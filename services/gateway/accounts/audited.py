"""Which operations the audit records, and why the others are not: every operation of the public API
is in one of the two tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from services.gateway.accounts.route_table import RouteTable

Kind = Literal["change", "session", "read"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """How an operation is recorded.

    A `change` and a `session` (log-in and log-out) are recorded before they are answered, a `read`
    within a second. `target` says whose ids the entry has: those in the path, in `query_ids`, in
    `body_ids`, and the `id` of the response to a creation. Of a body and a query the entry has the
    names of the fields, and the values of `values` alone: codes, ids and numbers, never what
    identifies a person. With `only_refused` a success is not worth an entry.
    """

    name: str
    target: str
    kind: Kind = "change"
    query_ids: tuple[str, ...] = ()
    body_ids: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    only_refused: bool = False


def _session(name: str, only_refused: bool = False) -> Audited:
    return Audited(name=name, target="employee", kind="session", only_refused=only_refused)


def _read(name: str, target: str, *query_ids: str, values: tuple[str, ...] = ()) -> Audited:
    return Audited(name=name, target=target, kind="read", query_ids=query_ids, values=values)


def _change(name: str, target: str, *values: str, body_ids: tuple[str, ...] = ()) -> Audited:
    return Audited(name=name, target=target, values=values, body_ids=body_ids)


def _export(name: str, target: str) -> Audited:
    """A list that leaves as a file, with the ids and codes that it was narrowed by."""
    return _read(name, target, "room_id", "company_id", values=("format", "status", "state"))


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
)

AUDITED: Mapping[str, Audited] = {
    "POST /auth/token": _session("log_in"),
    "POST /auth/refresh": _session("refresh_session", only_refused=True),
    "POST /auth/logout": _session("log_out"),
    "POST /auth/password": _session("choose_password"),
    "POST /me/password": _change("change_own_password", "employee"),
    "DELETE /me/sessions": _change("end_own_sessions", "employee"),
    "DELETE /me/sessions/{session_id}": _change("end_own_session", "session"),
    "POST /auth/second-factor": _session("answer_challenge"),
    "POST /auth/second-factor/enrolment": _session("enrol_by_challenge"),
    "POST /auth/second-factor/confirmation": _session("confirm_by_challenge"),
    "POST /me/messenger": _change("link_own_messenger", "employee"),
    "DELETE /me/messenger": _change("unlink_own_messenger", "employee"),
    "POST /me/calendar": _change("make_own_calendar", "employee"),
    "DELETE /me/calendar": _change("remove_own_calendar", "employee"),
    "POST /me/second-factor": _change("enrol_second_factor", "employee"),
    "POST /me/second-factor/confirmation": _change("confirm_second_factor", "employee"),
    "POST /me/second-factor/removal": _change("remove_second_factor", "employee"),
    "DELETE /employees/{employee_id}/second-factor": _change("reset_second_factor", "employee"),
    "GET /auth/oidc/{tenant}/callback": _session("finish_outside_log_in"),
    "PUT /security/oidc": _change("set_oidc_provider", "tenant", "enabled"),
    "DELETE /security/oidc": _change("remove_oidc_provider", "tenant"),
    "PUT /security": _change("set_security_settings", "tenant", "second_factor"),
    "POST /tenants": _change("provision_tenant", "tenant", "time_zone", "currency"),
    "POST /tenants/{tenant_id}/admin": _change("name_admin", "employee", body_ids=("employee_id",)),
    "GET /audit": _read("list_audit", "audit", values=_AUDIT_FILTERS),
    "GET /audit/export": _read("export_audit", "audit", values=_AUDIT_FILTERS),
    "POST /api-keys": _change("create_key", "api_key", "scopes", "expires_in_days", "room_ids"),
    "POST /api-keys/{key_id}/hand-over": _change(
        "hand_over_key", "api_key", body_ids=("admin_id",)
    ),
    "DELETE /api-keys/{key_id}": _change("revoke_key", "api_key"),
    "POST /companies": _change(
        "create_company", "company", "time_zone", "currency", "payment_confirmation"
    ),
    "PATCH /companies/{company_id}": _change(
        "change_company", "company", "time_zone", "payment_confirmation", "archived"
    ),
    "POST /rooms": _change("create_room", "room", "company_ids"),
    "POST /rooms/{room_id}/settings/planned": Audited(
        name="plan_room_settings",
        target="room",
        query_ids=("company_id",),
        values=("effective_from",),
    ),
    "POST /rooms/{room_id}/settings/planned/{effective_from}/cancel": Audited(
        name="cancel_planned_settings", target="room", query_ids=("company_id",)
    ),
    "PUT /companies/{company_id}/room-defaults": _change(
        "set_room_defaults", "company", *_SIX_NUMBERS, "heads_may_change"
    ),
    "PATCH /companies/{company_id}/requisites": _change("change_requisites", "company"),
    "PATCH /rooms/{room_id}/options": Audited(
        name="change_room_options", target="room", query_ids=("company_id",), values=_OPTIONS
    ),
    "PATCH /rooms/{room_id}": _change("change_room", "room", "company_ids", "archived"),
    "PUT /rooms/{room_id}/settings": Audited(
        name="set_room_settings", target="room", query_ids=("company_id",), values=_SIX_NUMBERS
    ),
    "PATCH /rooms/{room_id}/settings": Audited(
        name="change_room_settings", target="room", query_ids=("company_id",), values=_SIX_NUMBERS
    ),
    "POST /employees": _change("create_employee", "employee", *_EMPLOYEE),
    "PATCH /employees/{employee_id}": _change("change_employee", "employee", *_EMPLOYEE),
    "POST /employees/{employee_id}/dismiss": _change("dismiss_employee", "employee", "preview"),
    "POST /employees/left-work": _change("collect_left_work", "job", "preview"),
    "POST /employees/{employee_id}/move": _change(
        "move_employee", "employee", "room_ids", "headed_room_ids", "preview"
    ),
    "POST /employees/{employee_id}/invitation": _change("create_invitation", "employee"),
    "GET /employees": _read("list_employees", "employee"),
    "GET /employees/{employee_id}": _read("get_employee", "employee"),
    "POST /products": _change("create_product", "product", "company_id"),
    "PATCH /products/{product_id}": _change("change_product", "product", "active"),
    "POST /sources": _change("create_source", "source", "kind"),
    "PATCH /sources/{source_id}": _change("change_source", "source", "kind", "archived"),
    "POST /employees/{employee_id}/absences": _change(
        "record_absence", "employee", "first_on", "last_on"
    ),
    "PATCH /employees/{employee_id}/absences/{absence_id}": _change(
        "change_absence", "employee", "first_on", "last_on"
    ),
    "POST /employees/{employee_id}/absences/{absence_id}/cancel": _change(
        "cancel_absence", "employee"
    ),
    "PUT /employees/{employee_id}/extensions": _change("set_employee_extensions", "employee"),
    "POST /telephony-accounts": _change("add_telephony_account", "telephony_account"),
    "POST /telephony-accounts/{telephony_account_id}/remove": _change(
        "remove_telephony_account", "telephony_account"
    ),
    "POST /loss-reasons": _change("create_loss_reason", "loss_reason", "company_id", "counts"),
    "PATCH /loss-reasons/{loss_reason_id}": _change(
        "change_loss_reason", "loss_reason", "counts", "active"
    ),
    "POST /companies/{company_id}/custom-fields": _change(
        "create_custom_field", "company", "kind", "required"
    ),
    "PATCH /companies/{company_id}/custom-fields/{custom_field_id}": _change(
        "change_custom_field", "custom_field", "required", "archived"
    ),
    "PATCH /clients/{client_id}/custom-values": Audited(
        name="change_custom_values", target="client", query_ids=("company_id",)
    ),
    "GET /clients/{client_id}/custom-values": _read("get_custom_values", "client", "company_id"),
    "GET /clients/{client_id}/custom-values/history": _read(
        "list_custom_value_changes", "client", "company_id"
    ),
    "POST /clients/check": Audited(
        name="check_client", target="client", kind="read", body_ids=("room_id", "company_id")
    ),
    "POST /clients/duplicates": _change("find_duplicate_clients", "job"),
    "PATCH /clients/{client_id}": _change("change_client", "client", "large"),
    "POST /clients/{client_id}/merge": _change(
        "merge_clients", "client", body_ids=("into_client_id",)
    ),
    "POST /clients/{client_id}/consents": _change("record_client_consent", "client", "kind"),
    "POST /consents": _change("record_phone_consent", "consent", "kind"),
    "GET /clients/{client_id}/consents": _read("list_client_consents", "client"),
    "GET /consents": _read("list_phone_consents", "consent"),
    "POST /clients/{client_id}/persons": _change("add_contact_person", "contact_person"),
    "PATCH /clients/{client_id}/persons/{person_id}": _change(
        "change_contact_person", "contact_person", "archived"
    ),
    "GET /clients/{client_id}/persons": _read("list_contact_persons", "contact_person"),
    "GET /clients/{client_id}/persons/{person_id}": _read("get_contact_person", "contact_person"),
    "GET /clients": _read("list_clients", "client"),
    "GET /clients/large-lost": _read("list_large_lost", "client"),
    "GET /clients/{client_id}": _read("get_client", "client"),
    "GET /clients/{client_id}/history": _read("list_client_history", "client"),
    "POST /bank-statements": Audited(
        name="upload_bank_statement", target="bank_statement", query_ids=("company_id",)
    ),
    "GET /bank-statements": _read("list_bank_statements", "bank_statement"),
    "GET /bank-statements/lines": _read(
        "list_bank_lines", "bank_line", "company_id", values=("state", "kind")
    ),
    "GET /bank-statements/{statement_id}": _read("get_bank_statement", "bank_statement"),
    "POST /bank-statements/{statement_id}/book": _change("book_bank_statement", "bank_statement"),
    "GET /bank-statements/{statement_id}/lines": _read(
        "list_bank_statement_lines", "bank_statement", values=("state", "kind")
    ),
    "GET /bank-statements/{statement_id}/lines/{line_id}": _read("get_bank_line", "bank_line"),
    "POST /bank-statements/{statement_id}/lines/{line_id}/match": _change(
        "match_bank_line", "bank_line"
    ),
    "POST /bank-statements/{statement_id}/lines/{line_id}/undo": _change(
        "undo_bank_line", "bank_line"
    ),
    "POST /bank-statements/{statement_id}/lines/{line_id}/ignore": _change(
        "ignore_bank_line", "bank_line"
    ),
    "GET /inbound/payments": _read("list_inbound_payments", "inbound_payment"),
    "GET /inbound/payments/{inbound_payment_id}": _read("get_inbound_payment", "inbound_payment"),
    "POST /activities/bulk": _change("change_activities", "job", "action", "preview"),
    "POST /imports": Audited(
        name="upload_import",
        target="import",
        query_ids=("company_id", "room_id"),
        values=("kind",),
    ),
    "PUT /imports/{import_id}/mapping": _change("map_import_columns", "import"),
    "POST /imports/{import_id}/check": _change("check_import", "import"),
    "POST /imports/{import_id}/run": _change("run_import", "import"),
    "GET /imports/{import_id}": _read("get_import", "import"),
    "GET /imports/{import_id}/refused": _read("get_refused_rows", "import"),
    "POST /motivation/plans": _change(
        "draft_plan", "plan", "effective_from", body_ids=("company_id", "room_id")
    ),
    "POST /motivation/plans/{plan_id}/publish": _change("publish_plan", "plan"),
    "POST /motivation/adjustments": _change(
        "post_adjustment", "employee", "period", body_ids=("employee_id",)
    ),
    "POST /motivation/periods/{period}/close": _change(
        "close_period", "company", "period", body_ids=("company_id",)
    ),
    "GET /motivation/wins-without-pay": _read("list_wins_without_pay", "activity"),
    "POST /motivation/wins-without-pay/accrue": _change("accrue_unpaid", "job"),
    "GET /motivation/statement": _read(
        "get_statement", "employee", "employee_id", values=("period",)
    ),
    "GET /motivation/accruals/{entry_id}": _read("get_accrual", "entry"),
    "GET /reports/offline-conversions": _read(
        "export_offline_conversions", "activity", "room_id", "company_id", values=("from", "to")
    ),
    "GET /reports/sellers": _read(
        "report_sellers", "employee", "room_id", "company_id", values=("from", "to")
    ),
    "GET /exports/activities": _export("export_activities", "activity"),
    "GET /exports/pool": _export("export_pool", "activity"),
    "GET /exports/overdue-invoices": _export("export_overdue_invoices", "activity"),
    "GET /exports/clients": _export("export_clients", "client"),
    "GET /exports/vip": _export("export_vips", "vip"),
    "GET /exports/payments": _export("export_payments", "payment"),
    "GET /exports/renewals": _export("export_renewals", "renewal"),
    "GET /exports/employees": _export("export_employees", "employee"),
    "GET /exports/products": _export("export_products", "product"),
    "GET /exports/sources": _export("export_sources", "source"),
    "GET /exports/companies": _export("export_companies", "company"),
    "GET /exports/rooms": _export("export_rooms", "room"),
    "GET /exports/large-lost": _export("export_large_lost", "client"),
    "GET /exports/bank-lines": _export("export_bank_lines", "bank_line"),
    "GET /exports/loss-reasons": _export("export_loss_reasons", "loss_reason"),
    "GET /inbound/unprocessed": _read("list_unprocessed", "message"),
    "GET /inbound/unprocessed/{message_id}": _read("get_unprocessed", "message"),
    "POST /inbound/unprocessed/{message_id}/resolve": _change(
        "resolve_message", "message", body_ids=("activity_id",)
    ),
    "POST /inbound/unprocessed/{message_id}/dismiss": _change("dismiss_message", "message"),
    "POST /inbound/site-forms": _change(
        "create_site_form", "site_form", body_ids=("company_id", "room_id", "key_id")
    ),
    "PATCH /inbound/site-forms/{site_form_id}": _change(
        "change_site_form", "site_form", "archived", body_ids=("company_id", "room_id", "key_id")
    ),
    "POST /inbound/numbers": _change(
        "create_our_number", "our_number", body_ids=("source_id", "room_id")
    ),
    "PATCH /inbound/numbers/{our_number_id}": _change(
        "change_our_number", "our_number", "archived", body_ids=("source_id", "room_id")
    ),
    "PUT /inbound/source-rules": _change("set_source_rules", "source", "default_source_id"),
    "POST /inbound/forms/{key}": Audited(name="receive_form", target="api_key", only_refused=True),
    "GET /jobs/{job_id}/report": _read("get_job_report", "job"),
    "POST /jobs/{job_id}/cancel": _change("cancel_job", "job"),
}
"""The operations that are recorded, by method and template."""

_TIMELINE = "the activity's timeline and its events name who did it"
_RENEWAL_EVENTS = "the renewal's events name who did it"
_INBOUND_PAYMENT = "the payment's history names who did it"
_VIP_EVENTS = "the VIP's events name who did it"
_WORK = "a seller's own work; contacts are behind /clients, pay behind /motivation"
_FIGURES = "figures alone, nobody's"
_COSTS = "the cost's history names who did it"
_DIRECTORY = "no personal data, no pay"
_OWN = "the caller's own"

NOT_AUDITED: Mapping[str, str] = {
    "GET /activities": _WORK,
    "POST /activities": _TIMELINE,
    "GET /activities/{activity_id}": _WORK,
    "GET /activities/{activity_id}/calls": _WORK,
    "GET /activities/{activity_id}/timeline": _WORK,
    "POST /activities/{activity_id}/assign": _TIMELINE,
    "POST /activities/{activity_id}/documents": _TIMELINE,
    "POST /activities/{activity_id}/interactions": _TIMELINE,
    "PUT /activities/{activity_id}/order": _TIMELINE,
    "POST /activities/{activity_id}/invoices": _TIMELINE,
    "POST /activities/{activity_id}/invoices/{invoice_id}/cancel": _TIMELINE,
    "GET /activities/{activity_id}/invoices/{invoice_id}/print": _WORK,
    "POST /activities/{activity_id}/lose": _TIMELINE,
    "POST /activities/{activity_id}/move": _TIMELINE,
    "POST /activities/{activity_id}/payments": _TIMELINE,
    "POST /activities/{activity_id}/payments/{payment_id}/confirm": _TIMELINE,
    "POST /activities/{activity_id}/payments/{payment_id}/strike": _TIMELINE,
    "POST /activities/{activity_id}/refunds": _TIMELINE,
    "POST /activities/{activity_id}/release": _TIMELINE,
    "POST /activities/{activity_id}/reopen": _TIMELINE,
    "POST /activities/{activity_id}/shipments": _TIMELINE,
    "POST /activities/{activity_id}/source": _TIMELINE,
    "POST /activities/{activity_id}/split": _TIMELINE,
    "POST /activities/{activity_id}/take": _TIMELINE,
    "POST /activities/{activity_id}/win": _TIMELINE,
    "GET /api-keys": "shows no secret",
    "POST /inbound/requests": _TIMELINE,
    "GET /inbound/site-forms": _DIRECTORY,
    "GET /inbound/site-forms/{site_form_id}": _DIRECTORY,
    "GET /inbound/numbers": _DIRECTORY,
    "GET /inbound/numbers/{our_number_id}": _DIRECTORY,
    "GET /inbound/source-rules": _DIRECTORY,
    "POST /inbound/calls": _TIMELINE,
    "GET /inbound/calls/generic/{key}": _TIMELINE,
    "POST /inbound/calls/generic/{key}": _TIMELINE,
    "POST /inbound/calls/mango/{key}": _TIMELINE,
    "POST /inbound/calls/uis/{key}": _TIMELINE,
    "GET /telephony-accounts": "shows no secret",
    "GET /employees/{employee_id}/extensions": _DIRECTORY,
    "POST /clients": "client.changed names who registered it",
    "GET /auth/oidc/{tenant}/start": "a redirect; the return is recorded",
    "GET /companies": _DIRECTORY,
    "GET /companies/{company_id}": _DIRECTORY,
    "GET /dashboards/room": _WORK,
    "GET /desk": _OWN,
    "GET /reports/sources": _FIGURES,
    "GET /reports/funnel": _FIGURES,
    "GET /imports": _WORK,
    "GET /imports/{import_id}/mapping": "titles and fields, no data",
    "GET /jobs": "progress of work, no data",
    "GET /jobs/{job_id}": "progress of work, no data",
    "GET /employees/{employee_id}/absences": _DIRECTORY,
    "GET /employees/{employee_id}/absences/{absence_id}": _DIRECTORY,
    "GET /loss-reasons": _DIRECTORY,
    "GET /loss-reasons/{loss_reason_id}": _DIRECTORY,
    "GET /me": _OWN,
    "GET /me/sessions": _OWN,
    "GET /me/notifications": _OWN,
    "GET /me/calendar": _OWN,
    "GET /me/messenger": _OWN,
    "GET /me/push-subscriptions": _OWN,
    "POST /me/push-subscriptions": _OWN,
    "DELETE /me/push-subscriptions/{subscription_id}": _OWN,
    "PUT /me/notifications": _OWN,
    "GET /notifications": _OWN,
    "POST /notifications/read": _OWN,
    "POST /notifications/{notification_id}/read": _OWN,
    "POST /notifications/{notification_id}/unread": _OWN,
    "POST /auth/password-reset": "whose it is shows after the answer; the link's use is recorded",
    "GET /me/second-factor": _OWN,
    "GET /motivation/plans": "the rules of pay, nobody's pay",
    "GET /motivation/plans/{plan_id}": "the rules of pay, nobody's pay",
    "GET /payments": _WORK,
    "POST /inbound/payments": _INBOUND_PAYMENT,
    "POST /inbound/payments/{inbound_payment_id}/match": _INBOUND_PAYMENT,
    "POST /inbound/payments/{inbound_payment_id}/undo": _INBOUND_PAYMENT,
    "POST /inbound/payments/{inbound_payment_id}/set-aside": _INBOUND_PAYMENT,
    "POST /inbound/payments/{inbound_payment_id}/restore": _INBOUND_PAYMENT,
    "GET /pool": _WORK,
    "GET /products": _DIRECTORY,
    "GET /products/{product_id}": _DIRECTORY,
    "GET /renewals": _WORK,
    "GET /renewals/{renewal_id}": _WORK,
    "POST /renewals/{renewal_id}/prepare": _RENEWAL_EVENTS,
    "POST /renewals/{renewal_id}/restore": _RENEWAL_EVENTS,
    "POST /renewals/{renewal_id}/take": _RENEWAL_EVENTS,
    "POST /renewals/{renewal_id}/withdraw": _RENEWAL_EVENTS,
    "GET /rooms": _DIRECTORY,
    "GET /rooms/{room_id}": _DIRECTORY,
    "GET /companies/{company_id}/room-defaults": _DIRECTORY,
    "GET /companies/{company_id}/room-defaults/history": _DIRECTORY,
    "GET /companies/{company_id}/requisites": "stands on every paper of the company",
    "GET /companies/{company_id}/requisites/history": "what stood on papers, and who changed it",
    "GET /companies/{company_id}/custom-fields": _DIRECTORY,
    "GET /companies/{company_id}/custom-fields/{custom_field_id}": _DIRECTORY,
    "GET /rooms/{room_id}/options": _DIRECTORY,
    "GET /rooms/{room_id}/results": _WORK,
    "GET /rooms/{room_id}/settings": _DIRECTORY,
    "GET /rooms/{room_id}/settings/history": _DIRECTORY,
    "GET /rooms/{room_id}/settings/planned": _DIRECTORY,
    "POST /rooms/{room_id}/settings/preview": "changes nothing; shows what lists of work show",
    "GET /security": _DIRECTORY,
    "GET /security/oidc": "shows no secret",
    "GET /sources": _DIRECTORY,
    "GET /sources/{source_id}": _DIRECTORY,
    "POST /sources/costs/import": _COSTS,
    "GET /sources/{source_id}/costs": _DIRECTORY,
    "POST /sources/{source_id}/costs": _COSTS,
    "GET /sources/{source_id}/costs/{cost_id}": _DIRECTORY,
    "PATCH /sources/{source_id}/costs/{cost_id}": _COSTS,
    "POST /sources/{source_id}/costs/{cost_id}/remove": _COSTS,
    "GET /time-zones": _DIRECTORY,
    "GET /stream": "ids of what changed; the data is read, and recorded, elsewhere",
    "GET /vip": _WORK,
    "POST /vip": _VIP_EVENTS,
    "GET /vip/places": _WORK,
    "GET /vip/{vip_id}": _WORK,
    "POST /vip/{vip_id}/assign": _VIP_EVENTS,
    "POST /vip/{vip_id}/release": _VIP_EVENTS,
}
"""Why each of the others is not recorded."""

_ROUTES = RouteTable(AUDITED)


def audited_at(method: str, path: str) -> tuple[Audited, dict[str, str]] | None:
    """The recorded operation at a decoded path with the parts of the path by name; None for what is
    not recorded.
    """
    return _ROUTES.find(method, path)
