"""Use cases: load, decide, save, publish; one transaction, given from outside."""

from services.activities.handlers.absences import cancel_absence, change_absence, record_absence
from services.activities.handlers.calls import report_call
from services.activities.handlers.chain import (
    cancel_invoice,
    issue_invoice,
    record_document,
    record_interaction,
    record_shipment,
)
from services.activities.handlers.clients import change_client, create_client
from services.activities.handlers.closing import (
    lose_activity,
    reopen_activity,
    win_activity,
)
from services.activities.handlers.consents import record_consent
from services.activities.handlers.custom_fields import change_custom_field, create_custom_field
from services.activities.handlers.custom_values import change_custom_values
from services.activities.handlers.directory import (
    change_company,
    change_product,
    change_room,
    change_source,
    create_company,
    create_product,
    create_room,
    create_source,
    create_tenant,
)
from services.activities.handlers.employees import change_employee, create_employee, name_admin
from services.activities.handlers.extensions import get_extensions, set_extensions
from services.activities.handlers.inbound import receive_message
from services.activities.handlers.inbound_decisions import (
    match_inbound_payment,
    restore_inbound_payment,
    set_inbound_payment_aside,
    undo_inbound_match,
)
from services.activities.handlers.inbound_forms import receive_form
from services.activities.handlers.inbound_payments import report_payment
from services.activities.handlers.loss_reasons import (
    change_loss_reason,
    create_loss_reason,
)
from services.activities.handlers.merging import merge_clients
from services.activities.handlers.ordering import change_activity_order
from services.activities.handlers.payments import (
    confirm_payment,
    record_payment,
    record_refund,
    strike_payment,
)
from services.activities.handlers.planned_settings import cancel_planned, plan_room_settings
from services.activities.handlers.registering import register_activity
from services.activities.handlers.renewals import (
    prepare_renewal,
    restore_renewal,
    take_renewal,
    withdraw_renewal,
)
from services.activities.handlers.requisites import change_requisites
from services.activities.handlers.responsibility import (
    assign_activity,
    release_activity,
    take_activity,
)
from services.activities.handlers.room_defaults import set_room_defaults
from services.activities.handlers.room_settings import change_room_options, set_room_settings
from services.activities.handlers.splitting import accept_split, decline_split, split_activity
from services.activities.handlers.telephony_accounts import add_account, remove_account

__all__ = [
    "accept_split",
    "add_account",
    "assign_activity",
    "cancel_absence",
    "cancel_invoice",
    "cancel_planned",
    "change_absence",
    "change_activity_order",
    "change_client",
    "change_company",
    "change_custom_field",
    "change_custom_values",
    "change_employee",
    "change_loss_reason",
    "change_product",
    "change_requisites",
    "change_room",
    "change_room_options",
    "change_source",
    "confirm_payment",
    "create_client",
    "create_company",
    "create_custom_field",
    "create_employee",
    "create_loss_reason",
    "create_product",
    "create_room",
    "create_source",
    "create_tenant",
    "decline_split",
    "get_extensions",
    "issue_invoice",
    "lose_activity",
    "match_inbound_payment",
    "merge_clients",
    "name_admin",
    "plan_room_settings",
    "prepare_renewal",
    "receive_form",
    "receive_message",
    "record_absence",
    "record_consent",
    "record_document",
    "record_interaction",
    "record_payment",
    "record_refund",
    "record_shipment",
    "register_activity",
    "release_activity",
    "remove_account",
    "reopen_activity",
    "report_call",
    "report_payment",
    "restore_inbound_payment",
    "restore_renewal",
    "set_extensions",
    "set_inbound_payment_aside",
    "set_room_defaults",
    "set_room_settings",
    "split_activity",
    "strike_payment",
    "take_activity",
    "take_renewal",
    "undo_inbound_match",
    "win_activity",
    "withdraw_renewal",
]
