"""The way from a request to a line of pay, in words: templates by language."""

from collections.abc import Mapping

from shared.vocabulary import Language

EVENTS: Mapping[Language, Mapping[str, str]] = {
    "ru": {
        "activity.registered": "Заявка зарегистрирована: {source}",
        "activity.taken": "Заявку взял ответственный",
        "activity.released": "Ответственный вернул заявку",
        "activity.reset": "Ответственный сброшен: долго не было движения",
        "order.changed": "Изменён состав заказа",
        "invoice.issued": "Выставлен счёт",
        "invoice.cancelled": "Счёт аннулирован",
        "payment.claimed": "Записана оплата, ждёт подтверждения",
        "payment.received": "Поступила оплата",
        "payment.struck": "Платёж вычеркнут",
        "payment.refunded": "Деньги возвращены клиенту",
        "shipment.recorded": "Отгружено",
        "documents.sent": "Документы отправлены",
        "documents.signed": "Документы подписаны",
        "documents.returned": "Документы вернулись",
        "activity.split_proposed": "Предложено разделить оплату",
        "activity.split_accepted": "Согласие разделить оплату получено",
        "activity.split_declined": "Деление оплаты отклонено",
        "activity.split": "Изменены доли",
        "activity.won": "Успешно обработана",
        "activity.win_reversed": "Успех отменён",
    },
    "en": {
        "activity.registered": "The request was registered: {source}",
        "activity.taken": "A seller became responsible",
        "activity.released": "The responsible gave it back",
        "activity.reset": "The responsible was reset: no progress for long",
        "order.changed": "The order was changed",
        "invoice.issued": "An invoice was issued",
        "invoice.cancelled": "An invoice was cancelled",
        "payment.claimed": "A payment was entered and waits for confirmation",
        "payment.received": "A payment came in",
        "payment.struck": "A payment was struck out",
        "payment.refunded": "Money went back to the client",
        "shipment.recorded": "Shipped",
        "documents.sent": "Documents were sent",
        "documents.signed": "Documents were signed",
        "documents.returned": "Documents came back",
        "activity.split_proposed": "Sharing the pay was proposed",
        "activity.split_accepted": "Sharing the pay was agreed to",
        "activity.split_declined": "Sharing the pay was declined",
        "activity.split": "The shares were changed",
        "activity.won": "Won",
        "activity.win_reversed": "The win was taken back",
    },
}
"""By type of event; what is not here led to no money."""
SOURCES: Mapping[Language, Mapping[str, str]] = {
    "ru": {"cold": "холодный звонок", "inbound": "входящий запрос", "renewal": "автопродление"},
    "en": {"cold": "cold call", "inbound": "inbound request", "renewal": "renewal"},
}
SALES: Mapping[Language, Mapping[str, str]] = {
    "ru": {"first": "первая продажа", "repeat": "повторная продажа", "renewal": "автопродление"},
    "en": {"first": "first sale", "repeat": "repeat sale", "renewal": "renewal"},
}
RULES: Mapping[Language, Mapping[str, str]] = {
    "ru": {
        "percent_of_receipts": "{percent} % от поступлений",
        "percent_of_net_of_vat": "{percent} % от поступлений без НДС",
        "percent_of_margin": "{percent} % от маржи",
        "fixed": "{amount} за сделку",
        "vip": "очень важный клиент",
        "pool": "часть общего фонда комнаты",
        "cap": "потолок месяца {amount}",
        "floor": "минимум за месяц {amount}",
        "draw": "гарантированная выплата {amount}",
        "month_base": "за месяц заработано {base}",
        "debt": "долг после месяца {debt}",
        "other": "правило {name}",
        "category": "по категории «{category}»",
        "share": "доля {share} %",
        "base": "учтено {base} из {receipts}",
        "base_net_of_vat": "без НДС учтено {base} из {receipts}",
        "base_margin": "маржа {base} из поступлений {receipts}",
        "cost_unknown": "по части продуктов себестоимость или НДС не указаны, они не учтены",
        "corrected": "раньше начислено {posted_before}, по фактам полагается {earned}",
    },
    "en": {
        "percent_of_receipts": "{percent} % of receipts",
        "percent_of_net_of_vat": "{percent} % of receipts net of VAT",
        "percent_of_margin": "{percent} % of the margin",
        "fixed": "{amount} for the deal",
        "vip": "VIP client",
        "pool": "a part of the room's pool",
        "cap": "at most {amount} a month",
        "floor": "at least {amount} a month",
        "draw": "draw of {amount}",
        "month_base": "{base} earned in the month",
        "debt": "{debt} owed after the month",
        "other": "rule {name}",
        "category": "of the category “{category}”",
        "share": "share {share} %",
        "base": "{base} of {receipts} count",
        "base_net_of_vat": "net of VAT {base} of {receipts} count",
        "base_margin": "a margin of {base} out of {receipts} received",
        "cost_unknown": "some products have no known cost or VAT and don't count",
        "corrected": "{posted_before} was posted before, {earned} is due by the facts",
    },
}
ENTRIES: Mapping[Language, Mapping[str, str]] = {
    "ru": {
        "accrual": "Начислено {amount}: {why}",
        "correction": "Исправлено на {amount}: {why}",
        "adjustment": "Корректировка вручную {amount}: {why}",
    },
    "en": {
        "accrual": "{amount} accrued: {why}",
        "correction": "Corrected by {amount}: {why}",
        "adjustment": "Adjusted by hand by {amount}: {why}",
    },
}
