"""Which roles may call which operation: one table for all services, read from here and nowhere
else. An operation that the table does not list is closed to everybody.

Roles by domain.md: sellers and heads work their rooms; marketers see figures and sources, not
clients, notes and money; accountants see, and record payments, refunds and documents; admins keep
the directory. Which room is whose, and who heads it, is judged by the use case.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from shared.errors import Forbidden
from shared.tenancy import ROLES, Caller

PREFIX = "/api/v1"
OPERATOR = "operator"
_COLUMNS = ("seller", "head", "marketer", "accountant", "admin", OPERATOR)
assert set(_COLUMNS) == {*ROLES, OPERATOR}

# s seller · h head · m marketer · a accountant · A admin · O operator of the installation
_TABLE = """
GET    /me                                           s h m a A -
POST   /me/password                                  s h m a A -
GET    /me/sessions                                  s h m a A -
DELETE /me/sessions                                  s h m a A -
DELETE /me/sessions/{session_id}                     s h m a A -
GET    /me/second-factor                             s h m a A -
POST   /me/second-factor                             s h m a A -
POST   /me/second-factor/confirmation                s h m a A -
POST   /me/second-factor/removal                     s h m a A -
GET    /me/notifications                             s h m a A -
PUT    /me/notifications                             s h m a A -
GET    /me/calendar                                  s h m a A -
POST   /me/calendar                                  s h m a A -
DELETE /me/calendar                                  s h m a A -
GET    /me/push-subscriptions                        s h m a A -
POST   /me/push-subscriptions                        s h m a A -
DELETE /me/push-subscriptions/{subscription_id}      s h m a A -
GET    /me/messenger                                 s h m a A -
POST   /me/messenger                                 s h m a A -
DELETE /me/messenger                                 s h m a A -
GET    /views                                        s h m a A -
POST   /views                                        s h m a A -
DELETE /views/{view_id}                              s h m a A -
GET    /notifications                                s h m a A -
POST   /notifications/read                           s h m a A -
POST   /notifications/{notification_id}/read         s h m a A -
POST   /notifications/{notification_id}/unread       s h m a A -
GET    /time-zones                                   s h m a A -
GET    /desk                                         s h m a A -
GET    /dashboards/room                              - h - a A -
GET    /reports/sources                              - h m a A -
GET    /reports/funnel                               - h m a A -
GET    /reports/offline-conversions                  - - m - A -
GET    /reports/sellers                              s h - a A -
GET    /stream                                       s h m a A -
GET    /exports/activities                           s h - a A -
GET    /exports/pool                                 s h - a A -
GET    /exports/overdue-invoices                     s h - a A -
GET    /exports/clients                              s h - a A -
GET    /exports/vip                                  s h - a A -
GET    /exports/payments                             - h - a A -
GET    /exports/renewals                             s h - a A -
GET    /exports/employees                            s h m a A -
GET    /exports/products                             s h m a A -
GET    /exports/sources                              s h m a A -
GET    /exports/companies                            s h m a A -
GET    /exports/rooms                                s h m a A -
GET    /exports/loss-reasons                         s h m a A -
GET    /exports/large-lost                           s h - a A -
GET    /exports/bank-lines                           - - - a A -
GET    /exports/statements                           - - - a A -
GET    /jobs                                         s h m a A -
GET    /jobs/{job_id}                                s h m a A -
GET    /jobs/{job_id}/report                         s h m a A -
POST   /jobs/{job_id}/cancel                         s h m a A -

POST   /tenants                                      - - - - - O
POST   /tenants/{tenant_id}/admin                    - - - - - O
GET    /api-keys                                     - - - - A -
POST   /api-keys                                     - - - - A -
DELETE /api-keys/{key_id}                            - - - - A -
POST   /api-keys/{key_id}/hand-over                  - - - - A -
GET    /audit                                        - - - - A -
GET    /audit/export                                 - - - - A -
GET    /security                                     - - - - A -
PUT    /security                                     - - - - A -
GET    /security/oidc                                - - - - A -
PUT    /security/oidc                                - - - - A -
DELETE /security/oidc                                - - - - A -

GET    /companies                                    s h m a A -
POST   /companies                                    - - - - A -
GET    /companies/{company_id}                       s h m a A -
PATCH  /companies/{company_id}                       - - - - A -
GET    /companies/{company_id}/room-defaults         s h m a A -
PUT    /companies/{company_id}/room-defaults         - - - - A -
GET    /companies/{company_id}/room-defaults/history s h m a A -
GET    /companies/{company_id}/requisites            s h m a A -
PATCH  /companies/{company_id}/requisites            - - - a A -
GET    /companies/{company_id}/requisites/history    - - - a A -
GET    /companies/{company_id}/custom-fields         s h m a A -
POST   /companies/{company_id}/custom-fields         - - - - A -
GET    /companies/{company_id}/custom-fields/{custom_field_id}     s h m a A -
PATCH  /companies/{company_id}/custom-fields/{custom_field_id}     - - - - A -
GET    /rooms                                        s h m a A -
POST   /rooms                                        - - - - A -
GET    /rooms/{room_id}                              s h m a A -
PATCH  /rooms/{room_id}                              - - - - A -
GET    /rooms/{room_id}/results                      - h - a A -
GET    /rooms/{room_id}/settings                     s h m a A -
PUT    /rooms/{room_id}/settings                     - h - - A -
PATCH  /rooms/{room_id}/settings                     - h - - A -
GET    /rooms/{room_id}/settings/history             s h m a A -
POST   /rooms/{room_id}/settings/preview             - h - - A -
GET    /rooms/{room_id}/settings/planned             s h m a A -
POST   /rooms/{room_id}/settings/planned             - h - - A -
POST   /rooms/{room_id}/settings/planned/{effective_from}/cancel   - h - - A -
GET    /rooms/{room_id}/options                      s h m a A -
PATCH  /rooms/{room_id}/options                      - - - - A -
GET    /employees                                    s h m a A -
POST   /employees                                    - - - - A -
GET    /employees/{employee_id}                      s h m a A -
PATCH  /employees/{employee_id}                      - - - - A -
POST   /employees/left-work                          - - - - A -
POST   /employees/{employee_id}/dismiss              - - - - A -
POST   /employees/{employee_id}/move                 - - - - A -
GET    /employees/{employee_id}/absences             s h m a A -
POST   /employees/{employee_id}/absences             - h - - A -
GET    /employees/{employee_id}/absences/{absence_id} s h m a A -
PATCH  /employees/{employee_id}/absences/{absence_id} - h - - A -
POST   /employees/{employee_id}/absences/{absence_id}/cancel - h - - A -
GET    /employees/{employee_id}/extensions           s h m a A -
PUT    /employees/{employee_id}/extensions           - h - - A -
POST   /employees/{employee_id}/invitation           - - - - A -
DELETE /employees/{employee_id}/second-factor        - - - - A -
GET    /products                                     s h m a A -
POST   /products                                     - - - - A -
GET    /products/{product_id}                        s h m a A -
PATCH  /products/{product_id}                        - - - - A -
GET    /products/{product_id}/costs                  - h - a A -
GET    /products/{product_id}/costs/history          - h - a A -
PUT    /products/{product_id}/costs                  - - - a A -
GET    /sources                                      s h m a A -
POST   /sources                                      - - - - A -
GET    /sources/{source_id}                          s h m a A -
PATCH  /sources/{source_id}                          - - - - A -
POST   /sources/costs/import                         - - m - A -
GET    /sources/{source_id}/costs                    - - m a A -
POST   /sources/{source_id}/costs                    - - m - A -
GET    /sources/{source_id}/costs/{cost_id}          - - m a A -
PATCH  /sources/{source_id}/costs/{cost_id}          - - m - A -
POST   /sources/{source_id}/costs/{cost_id}/remove   - - m - A -
GET    /loss-reasons                                 s h m a A -
POST   /loss-reasons                                 - - - - A -
GET    /loss-reasons/{loss_reason_id}                s h m a A -
PATCH  /loss-reasons/{loss_reason_id}                - - - - A -

GET    /clients                                      s h - a A -
POST   /clients                                      s h - - A -
GET    /clients/large-lost                           s h - a A -
POST   /clients/check                                s h - - A -
GET    /clients/{client_id}                          s h - a A -
GET    /clients/{client_id}/history                  s h - a A -
POST   /clients/duplicates                           - - - - A -
POST   /clients/{client_id}/merge                    - h - - A -
PATCH  /clients/{client_id}                          s h - - A -
GET    /clients/{client_id}/custom-values            s h - a A -
PATCH  /clients/{client_id}/custom-values            s h - - A -
GET    /clients/{client_id}/custom-values/history    s h - a A -
GET    /clients/{client_id}/consents                 s h - a A -
POST   /clients/{client_id}/consents                 s h - - A -
GET    /consents                                     s h - - A -
POST   /consents                                     s h - - A -
GET    /clients/{client_id}/persons                  s h - a A -
POST   /clients/{client_id}/persons                  s h - - A -
GET    /clients/{client_id}/persons/{person_id}      s h - a A -
PATCH  /clients/{client_id}/persons/{person_id}      s h - - A -

GET    /activities                                   s h - a A -
POST   /activities                                   s h - - A -
GET    /activities/{activity_id}                     s h - a A -
GET    /activities/{activity_id}/timeline            s h - a A -
GET    /activities/{activity_id}/calls               s h - a A -
GET    /pool                                         s h - a A -
GET    /payments                                     - h - a A -
GET    /bank-statements                              - - - a A -
POST   /bank-statements                              - - - a A -
GET    /bank-statements/lines                        - - - a A -
GET    /bank-statements/{statement_id}               - - - a A -
POST   /bank-statements/{statement_id}/book          - - - a A -
GET    /bank-statements/{statement_id}/lines         - - - a A -
GET    /bank-statements/{statement_id}/lines/{line_id}             - - - a A -
POST   /bank-statements/{statement_id}/lines/{line_id}/match       - - - a A -
POST   /bank-statements/{statement_id}/lines/{line_id}/undo        - - - a A -
POST   /bank-statements/{statement_id}/lines/{line_id}/ignore      - - - a A -
GET    /inbound/payments                             - - - a A -
POST   /inbound/payments                             - - - a - -
GET    /inbound/payments/{inbound_payment_id}        - - - a A -
POST   /inbound/payments/{inbound_payment_id}/match      - - - a - -
POST   /inbound/payments/{inbound_payment_id}/undo       - - - a - -
POST   /inbound/payments/{inbound_payment_id}/set-aside  - - - a - -
POST   /inbound/payments/{inbound_payment_id}/restore    - - - a - -
POST   /activities/bulk                              - h - - A -
POST   /activities/{activity_id}/take                s h - - - -
POST   /activities/{activity_id}/release             s h - - - -
POST   /activities/{activity_id}/assign              - h - - A -
POST   /activities/{activity_id}/move                - h - - A -
POST   /activities/{activity_id}/source              - h - - A -
POST   /activities/{activity_id}/interactions        s h - - A -
PUT    /activities/{activity_id}/order               s h - - A -
POST   /activities/{activity_id}/invoices            s h - - A -
POST   /activities/{activity_id}/invoices/{invoice_id}/cancel   s h - - A -
GET    /activities/{activity_id}/invoices/{invoice_id}/print    s h - a A -
POST   /activities/{activity_id}/payments            s h - a A -
POST   /activities/{activity_id}/payments/{payment_id}/confirm  - - - a - -
POST   /activities/{activity_id}/payments/{payment_id}/strike   s h - a A -
POST   /activities/{activity_id}/refunds             s h - a A -
POST   /activities/{activity_id}/shipments           s h - - A -
POST   /activities/{activity_id}/documents           s h - a A -
POST   /activities/{activity_id}/lose                s h - - A -
POST   /activities/{activity_id}/reopen              s h - - A -
POST   /activities/{activity_id}/split               s h - - A -
POST   /activities/{activity_id}/split/{proposal_id}/accept  s h - - A -
POST   /activities/{activity_id}/split/{proposal_id}/decline s h - - A -
POST   /activities/{activity_id}/win                 - h - - A -

POST   /inbound/requests                             s - - - - -
POST   /inbound/forms/{key}                          s - - - - -
GET    /inbound/unprocessed                          - h - - A -
GET    /inbound/unprocessed/{message_id}             - h - - A -
POST   /inbound/unprocessed/{message_id}/resolve     - h - - A -
POST   /inbound/unprocessed/{message_id}/dismiss     - h - - A -
GET    /inbound/site-forms                           - - - - A -
POST   /inbound/site-forms                           - - - - A -
GET    /inbound/site-forms/{site_form_id}            - - - - A -
PATCH  /inbound/site-forms/{site_form_id}            - - - - A -
GET    /inbound/numbers                              - - m - A -
POST   /inbound/numbers                              - - m - A -
GET    /inbound/numbers/{our_number_id}              - - m - A -
PATCH  /inbound/numbers/{our_number_id}              - - m - A -
GET    /inbound/source-rules                         - - m - A -
PUT    /inbound/source-rules                         - - m - A -
POST   /inbound/calls                                s - - - - -
GET    /inbound/calls/generic/{key}                  s - - - - -
POST   /inbound/calls/generic/{key}                  s - - - - -
POST   /inbound/calls/mango/{key}                    s - - - - -
POST   /inbound/calls/uis/{key}                      s - - - - -
GET    /telephony-accounts                           - - - - A -
POST   /telephony-accounts                           - - - - A -
POST   /telephony-accounts/{telephony_account_id}/remove - - - - A -

POST   /imports                                      - h - - A -
GET    /imports                                      - h - - A -
GET    /imports/{import_id}                          - h - - A -
DELETE /imports/{import_id}                          - h - - A -
GET    /imports/{import_id}/mapping                  - h - - A -
PUT    /imports/{import_id}/mapping                  - h - - A -
POST   /imports/{import_id}/check                    - h - - A -
POST   /imports/{import_id}/run                      - h - - A -
GET    /imports/{import_id}/refused                  - h - - A -

GET    /renewals                                     s h - a A -
GET    /renewals/{renewal_id}                        s h - a A -
POST   /renewals/{renewal_id}/take                   s h - - - -
POST   /renewals/{renewal_id}/prepare                s h - - A -
POST   /renewals/{renewal_id}/withdraw               s h - - A -
POST   /renewals/{renewal_id}/restore                s h - - A -

GET    /vip                                          s h - a A -
POST   /vip                                          s h - - - -
GET    /vip/groups/{client_id}                       s h - a A -
POST   /vip/groups/{client_id}/join                  - h - - A -
POST   /vip/groups/{client_id}/leave                 - h - - A -
GET    /vip/places                                   s h - a A -
GET    /vip/places/what-if                           - h - - A -
GET    /vip/{vip_id}                                 s h - a A -
GET    /vip/{vip_id}/history                         s h - a A -
POST   /vip/{vip_id}/assign                          - h - - A -
POST   /vip/{vip_id}/release                         s h - - - -

GET    /motivation/plans                             s h - a A -
POST   /motivation/plans                             - - - - A -
GET    /motivation/plans/{plan_id}                   s h - a A -
PATCH  /motivation/plans/{plan_id}                   - - - - A -
DELETE /motivation/plans/{plan_id}                   - - - - A -
GET    /motivation/plans/{plan_id}/text              s h - a A -
GET    /motivation/plans/{plan_id}/preview           - h - a A -
POST   /motivation/plans/{plan_id}/simulate          - h - a A -
GET    /motivation/plans/{plan_id}/simulations       - h - a A -
GET    /motivation/plans/{plan_id}/simulations/{simulation_id}   - h - a A -
GET    /motivation/plans/{plan_id}/confirmations     s h - a A -
POST   /motivation/plans/{plan_id}/confirm           s h - - - -
POST   /motivation/plans/{plan_id}/publish           - - - - A -
POST   /motivation/what-if                           - h - - A -
GET    /motivation/what-if/{what_if_id}              - h - - A -
GET    /motivation/progress                          s h - a A -
GET    /motivation/targets                           s h - a A -
PUT    /motivation/targets                           - h - - A -
GET    /motivation/targets/history                   s h - a A -
GET    /motivation/statement                         s h m a A -
GET    /motivation/accruals/{entry_id}               s h m a A -
GET    /motivation/adjustments                       - h - a A -
GET    /motivation/entries/{entry_id}/chain          s h m a A -
POST   /motivation/adjustments                       - h - a A -
POST   /motivation/adjustments/{adjustment_id}/confirm - - - a A -
POST   /motivation/adjustments/{adjustment_id}/reject  - - - a A -
GET    /motivation/settings                          - - - a A -
PUT    /motivation/settings                          - - - - A -
GET    /motivation/periods                           - - - a A -
GET    /motivation/periods/{period}                  - - - a A -
POST   /motivation/periods/{period}/close            - - - a A -
POST   /motivation/periods/{period}/approve          - - - a A -
GET    /motivation/statements                        - - - a A -
POST   /motivation/payouts                           - - - a A -
GET    /motivation/disputes                          s h m a A -
POST   /motivation/disputes                          s h m a A -
GET    /motivation/disputes/{dispute_id}             s h m a A -
POST   /motivation/disputes/{dispute_id}/answer      - h - a A -
POST   /motivation/disputes/{dispute_id}/resolve     - h - a A -
POST   /motivation/disputes/{dispute_id}/withdraw    s h m a A -
GET    /motivation/wins-without-pay                  - - - a A -
POST   /motivation/wins-without-pay/accrue           - - - a A -
"""


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may call an operation: callers with one of `roles`, the operator, or `everybody`."""

    roles: frozenset[str] = frozenset()
    operator: bool = False
    everybody: bool = False

    def check(self, caller: Caller) -> None:
        """Raises `Forbidden` for a caller who may not."""
        if self.everybody or (self.operator and caller.operator):
            return
        if self.roles.isdisjoint(caller.roles):
            if self.operator:
                raise Forbidden("operator")
            raise Forbidden("role", roles=self._in_order()) if self.roles else Forbidden("unlisted")

    def _in_order(self) -> list[str]:
        return [role for role in _COLUMNS if role in self.roles]


NOBODY = Permission()
NOT_OF_THE_API = Permission(everybody=True)
_INTERNAL = "/internal/"


def _read(table: str) -> Mapping[str, Permission]:
    permissions = {}
    for line in filter(None, table.splitlines()):
        method, path, *marks = line.split()
        allowed = {name for name, mark in zip(_COLUMNS, marks, strict=True) if mark != "-"}
        operation = f"{method} {PREFIX}{path}"
        assert operation not in permissions, operation
        permissions[operation] = Permission(
            frozenset(allowed - {OPERATOR}), operator=OPERATOR in allowed
        )
    return permissions


PERMISSIONS = _read(_TABLE)
"""By method and path template: `POST /api/v1/activities/{activity_id}/take`."""


@cache
def permission_of(method: str, template: str) -> Permission:
    """Who may call an operation; `template` may leave out the `PREFIX`, as FastAPI's included
    routes do. What services say to each other has walls of its own.
    """
    if template.startswith(_INTERNAL):
        return NOT_OF_THE_API
    verb, path = "GET" if method == "HEAD" else method, template.removeprefix(PREFIX)
    return PERMISSIONS.get(f"{verb} {PREFIX}{path}", NOBODY)
