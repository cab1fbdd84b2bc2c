"""The lists that are exported: where their items come from, and their columns."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from services.gateway.api.exports.columns import (
    CLIENT,
    COMPANY,
    ID,
    NAME,
    RESPONSIBLE,
    ROOM,
    SOURCE,
    STAGE,
    STATUS,
    Column,
    Item,
    Names,
    moment,
    money,
)
from services.gateway.api.exports.directory_lists import (
    COMPANIES,
    EMPLOYEES,
    LOSS_REASONS,
    PRODUCTS,
    ROOMS,
    SOURCES,
)
from services.gateway.api.exports.export import Export


def _with_products(item: Item, names: Names) -> Iterable[Item]:
    """An activity whose order stands in one cell."""
    known = names.get("products", {})
    lines = (
        f"{known.get(line['product_id'], line['product_id'])} × {line['quantity']}"
        for line in item["products"]
    )
    yield {**item, "order": "; ".join(lines)}


def _overdue_invoices(item: Item, _: Names) -> Iterable[Item]:
    """A row for each overdue invoice of an activity."""
    for overdue in item["checklist"]["overdue"]:
        if overdue["what"] == "invoice":
            yield {**item, "invoice": overdue}


_ORDER = (
    Column("order", "Заказ", "Order"),
    money("agreed", "Сумма заказа", "Agreed"),
)
_MONEY = (
    money("invoiced", "Выставлено", "Invoiced"),
    money("paid", "Оплачено", "Paid"),
    money("claimed", "Ждёт подтверждения", "Claimed"),
    money("to_invoice", "Осталось выставить", "To invoice"),
    money("to_pay", "Осталось оплатить", "To pay"),
)
_CURRENCY = Column("agreed.currency", "Валюта", "Currency")
_PLACE = (COMPANY, ROOM, CLIENT, SOURCE)
_CREATED = moment("created_at", "Создана", "Created")
_RESET = moment("reset_due_at", "Сброс", "Reset due")

ACTIVITIES = Export(
    "activities",
    "activities",
    (
        _CREATED,
        STATUS,
        STAGE,
        *_PLACE,
        RESPONSIBLE,
        *_ORDER,
        *_MONEY,
        _CURRENCY,
        Column("sale", "Продажа", "Sale", "word"),
        Column("next_step.what", "Следующий шаг", "Next step"),
        moment("next_step.due_at", "Срок шага", "Step due"),
        _RESET,
        moment("progress_at", "Продвижение", "Progress"),
        moment("won_at", "Выиграна", "Won"),
        moment("lost_at", "Потеряна", "Lost"),
        Column("lost_reason", "Причина потери", "Reason of loss"),
        Column("note", "Заметка", "Note"),
        ID,
    ),
    {"sort": "created"},
    _with_products,
)
POOL = Export(
    "pool",
    "pool",
    (_CREATED, STAGE, *_PLACE, *_ORDER, _CURRENCY, Column("note", "Заметка", "Note"), ID),
    {"names": "true"},
    _with_products,
)
OVERDUE_INVOICES = Export(
    "overdue-invoices",
    "activities",
    (
        Column("invoice.number", "Счёт", "Invoice"),
        Column("invoice.since", "Просрочен с", "Overdue since", "day"),
        *_PLACE,
        RESPONSIBLE,
        *_MONEY,
        _CURRENCY,
        ID,
    ),
    {"sort": "created", "overdue_invoice": "true"},
    _overdue_invoices,
)
CLIENTS = Export(
    "clients",
    "clients",
    (
        NAME,
        Column("kind", "Вид", "Kind", "word"),
        Column("inn", "ИНН", "INN", "code"),
        Column("kpp", "КПП", "KPP", "code"),
        Column("phones", "Телефоны", "Phones", "code"),
        Column("emails", "Почта", "E-mails"),
        Column("large", "Крупный", "Large", "flag"),
        Column("do_not_call", "Не звонить", "Do not call", "flag"),
        ID,
    ),
)
VIPS = Export(
    "vip",
    "vip",
    (
        COMPANY,
        ROOM,
        CLIENT,
        RESPONSIBLE,
        Column("kind", "Вид", "Kind", "word"),
        money("receipts", "Поступления", "Receipts"),
        Column("receipts.currency", "Валюта", "Currency"),
        _RESET,
        ID,
    ),
    {"names": "true"},
)
PAYMENTS = Export(
    "payments",
    "payments",
    (
        Column("paid_on", "День оплаты", "Paid on", "day"),
        Column("state", "Состояние", "State", "word"),
        money("amount", "Сумма", "Amount"),
        Column("amount.currency", "Валюта", "Currency"),
        Column("company.name", "Компания", "Company"),
        Column("room.name", "Комната", "Room"),
        CLIENT,
        Column("responsible.name", "Ответственный", "Responsible"),
        Column("recorded_by.name", "Внёс", "Recorded by"),
        moment("recorded_at", "Внесена", "Recorded"),
        Column("external_id", "Номер отправителя", "Sender's id"),
        Column("activity_id", "Активность", "Activity"),
        ID,
    ),
)
RENEWALS = Export(
    "renewals",
    "renewals",
    (
        Column("due_on", "День", "Due on", "day"),
        STATUS,
        Column("company.name", "Компания", "Company"),
        Column("room.name", "Комната", "Room"),
        CLIENT,
        Column("responsible.name", "Ответственный", "Responsible"),
        money("amount", "Сумма", "Amount"),
        Column("amount.currency", "Валюта", "Currency"),
        Column("note", "Заметка", "Note"),
        Column("contract_id", "Договор", "Contract"),
        ID,
    ),
)
LARGE_LOST = Export(
    "large-lost",
    "clients/large-lost",
    (
        CLIENT,
        COMPANY,
        ROOM,
        RESPONSIBLE,
        moment("lost_at", "Потеряна", "Lost"),
        Column("lost_reason", "Причина потери", "Reason of loss"),
        Column("activity_id", "Активность", "Activity"),
    ),
    named=("rooms", "employees"),
)
BANK_LINES = Export(
    "bank-lines",
    "bank-statements/lines",
    (
        Column("operation_on", "День", "Day", "day"),
        Column("kind", "Вид", "Kind", "word"),
        Column("state", "Состояние", "State", "word"),
        COMPANY,
        Column("account", "Счёт компании", "Account", "code"),
        money("amount", "Сумма", "Amount"),
        Column("amount.currency", "Валюта", "Currency"),
        Column("other.name", "Контрагент", "Other party"),
        Column("other.inn", "ИНН", "INN", "code"),
        Column("other.account", "Счёт контрагента", "Their account", "code"),
        Column("document_number", "Платёжное поручение", "Payment order", "code"),
        Column("document_on", "От", "Of", "day"),
        Column("purpose", "Назначение", "Purpose"),
        Column("reason", "Почему", "Reason"),
        ID,
    ),
)
STATEMENTS = Export(
    "statements",
    "motivation/statements",
    (
        Column("period", "Месяц", "Month"),
        COMPANY,
        Column("employee_id", "Сотрудник", "Employee", noun="employees"),
        Column("personnel_number", "Табельный номер", "Personnel number", "code"),
        Column("state", "Состояние", "State", "word"),
        Column("lines", "Строк", "Lines", "number"),
        money("total", "Сумма", "Sum"),
        Column("total.currency", "Валюта", "Currency"),
        moment("closed_at", "Закрыт", "Closed"),
        Column("checksum", "Контрольная сумма", "Checksum"),
        Column("payroll_id", "Номер ответа зарплаты", "Payroll's id"),
        Column("reference", "Ведомость", "Reference"),
        Column("payout_reason", "Почему отклонён", "Why it was sent back"),
        ID,
    ),
    named=("employees",),
)
EXPORTS: Mapping[str, Export] = MappingProxyType(
    {
        export.name: export
        for export in (
            ACTIVITIES,
            POOL,
            OVERDUE_INVOICES,
            CLIENTS,
            VIPS,
            PAYMENTS,
            RENEWALS,
            EMPLOYEES,
            PRODUCTS,
            SOURCES,
            COMPANIES,
            ROOMS,
            LOSS_REASONS,
            LARGE_LOST,
            BANK_LINES,
            STATEMENTS,
        )
    }
)
