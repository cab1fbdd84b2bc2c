"""The lists of the directory that are exported."""

from services.gateway.api.exports.columns import ARCHIVED, COMPANY, ID, NAME, Column, money
from services.gateway.api.exports.export import Export

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
