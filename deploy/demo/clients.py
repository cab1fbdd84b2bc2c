"""Clients of the demo: names as they are met in Russia, contacts that can belong to nobody."""

from random import Random
from typing import Any

_WORDS = [
    "Альфа",
    "Балтика",
    "Вектор",
    "Гранит",
    "Дельта",
    "Енисей",
    "Зодиак",
    "Импульс",
    "Кедр",
    "Ладога",
    "Маяк",
    "Нева",
    "Орион",
    "Полёт",
    "Радуга",
    "Сатурн",
    "Тайга",
    "Урал",
    "Феникс",
    "Хорс",
    "Циркон",
    "Шторм",
    "Эталон",
    "Юпитер",
    "Ямал",
    "Родник",
    "Каскад",
    "Прогресс",
    "Сибирь",
    "Контур",
]
_TRADES = [
    "Торг",
    "Строй",
    "Логистик",
    "Сервис",
    "Маркет",
    "Пром",
    "Снаб",
    "Мебель",
    "Авто",
    "Агро",
]
_FORMS = ("ООО «{}»", "ООО «{}»", "ООО «{}»", "АО «{}»", "ГК «{}»")
_WOMEN = ["Анна", "Мария", "Ольга", "Наталья", "Екатерина", "Светлана", "Юлия", "Дарья"]
_FAMILIES = [
    "Иванова",
    "Петрова",
    "Фёдорова",
    "Михайлова",
    "Николаева",
    "Андреева",
    "Яковлева",
    "Тихонова",
    "Крылова",
    "Комарова",
]
_LARGE_EVERY, _PERSON_EVERY = 12, 9


def client(number: int) -> dict[str, Any]:
    """The client of that number: always the same one."""
    random = Random(f"client {number}")
    contacts = {
        "phones": [f"+7495{_scattered(number):07d}"],
        "emails": [f"client{number}@mail.example"],
    }
    if number % _PERSON_EVERY == 4:
        return {
            "kind": "person",
            "name": f"ИП {random.choice(_FAMILIES)} {random.choice(_WOMEN)}",
            "inn": inn12(number),
            **contacts,
        }
    word, trade = _WORDS[number % len(_WORDS)], _TRADES[number // len(_WORDS) % len(_TRADES)]
    name = random.choice(_FORMS).format(f"{word}{trade}")
    large = number % _LARGE_EVERY == 0
    return {
        "kind": "organization",
        "name": name,
        "inn": inn10(number),
        "kpp": "770001001",
        "large": large,
        **contacts,
    }


def inn10(number: int) -> str:
    """An organisation's INN with a valid check digit, under a tax office's code that none has."""
    digits = f"7700{_scattered(number) % 100_000:05d}"
    return digits + _check(digits, (2, 4, 10, 3, 5, 9, 4, 6, 8))


def inn12(number: int) -> str:
    """A person's INN, likewise."""
    digits = f"7700{_scattered(number):06d}"
    digits += _check(digits, (7, 2, 4, 10, 3, 5, 9, 4, 6, 8))
    return digits + _check(digits, (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8))


def _scattered(number: int) -> int:
    """Up to a million, no two alike, and not in a row."""
    return number * 77_417 % 999_983


def _check(digits: str, weights: tuple[int, ...]) -> str:
    return str(
        sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11 % 10
    )
