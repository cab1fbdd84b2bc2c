"""The API's codes as Russian files have them."""

from collections.abc import Mapping
from types import MappingProxyType

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "free": "свободная",
        "in_work": "в работе",
        "won": "успешна",
        "lost": "потеряна",
        "new": "новая",
        "invoiced": "выставлен счёт",
        "part_paid": "частично оплачена",
        "paid": "оплачена",
        "shipped": "отгружена",
        "documents_signed": "документы подписаны",
        "first": "первая",
        "repeat": "повторная",
        "renewal": "автопродление",
        "cold": "холодный",
        "inbound": "входящий",
        "organization": "организация",
        "person": "человек",
        "claimed": "заявлена",
        "confirmed": "подтверждена",
        "struck": "вычеркнута",
        "scheduled": "запланировано",
        "taken": "взято",
        "opened": "открыто",
        "withdrawn": "отменено",
        "in_development": "в разработке",
        "by_receipts": "по поступлениям",
        "seller": "продавец",
        "head": "руководитель",
        "marketer": "маркетолог",
        "accountant": "бухгалтер",
        "admin": "администратор",
        "standard": "основная ставка",
        "reduced": "10%",
        "zero": "0%",
        "exempt": "без НДС",
    }
)
