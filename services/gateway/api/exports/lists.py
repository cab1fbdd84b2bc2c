"""The lists that are exported: where their items come from, and their columns."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from services.gateway.api.exports.columns import (
    ARCHIVED,
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

Rows = Callable[[Item, Names], Iterable[Item]]


def _as_it_is(item: Item, _: Names) -> Iterable[Item]:
    yield item


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


@dataclass(frozen=True, slots=True)
class Export:
    """A list as a file: `path` is that of its items below the API, `query` what is always asked of
    it.
    """

    name: str
    path: str
    columns: Sequence[Column]
    query: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    rows: Rows = _as_it_is


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
EMPLOYEES = Export(
    "employees",
    "employees",
    (
        Column("name", "Имя", "Name"),
        Column("email", "Почта", "E-mail"),
        Column("roles", "Роли", "Roles", "word"),
        Column("room_ids", "Комнаты", "Rooms", noun="rooms"),
        Column("personnel_number", "Табельный номер", "Personnel number", "code"),
        Column("active", "Работает", "Active", "flag"),
        ID,
    ),
)
PRODUCTS = Export(
    "products",
    "products",
    (
        NAME,
        COMPANY,
        Column("category", "Категория", "Category"),
        money("price", "Цена", "Price"),
        Column("price.currency", "Валюта", "Currency"),
        Column("vat", "НДС", "Value added tax", "word"),
        Column("delivered", "Отгружается", "Delivered", "flag"),
        Column("term_months", "Срок, мес.", "Term, months", "number"),
        Column("active", "Продаётся", "Sold", "flag"),
        ID,
    ),
)
SOURCES = Export(
    "sources",
    "sources",
    (
        NAME,
        Column("channel", "Канал", "Channel"),
        Column("campaign", "Кампания", "Campaign"),
        Column("kind", "Вид", "Kind", "word"),
        ARCHIVED,
        ID,
    ),
)
COMPANIES = Export(
    "companies",
    "companies",
    (
        NAME,
        Column("inn", "ИНН", "INN", "code"),
        Column("time_zone", "Часовой пояс", "Time zone"),
        Column("currency", "Валюта", "Currency"),
        ARCHIVED,
        ID,
    ),
)
ROOMS = Export(
    "rooms",
    "rooms",
    (NAME, Column("company_ids", "Компании", "Companies", noun="companies"), ARCHIVED, ID),
)
LOSS_REASONS = Export(
    "loss-reasons",
    "loss-reasons",
    (
        NAME,
        COMPANY,
        Column("counts", "Входит в конверсию", "Counts", "flag"),
        Column("active", "Используется", "In use", "flag"),
        ID,
    ),
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
        )
    }
)


def rows_of(export: Export, page: Mapping[str, Any], names: Names) -> list[list[Any]]:
    """The values of a page's rows, in the order of the columns."""
    known = {**names, **(page.get("names") or {})}
    return [
        [column.value(row, known) for column in export.columns]
        for item in page["items"]
        for row in export.rows(item, known)
    ]
