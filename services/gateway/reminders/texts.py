"""What notifications say in letters and messages: what happened and where to look; nobody's name,
no money.
"""

from typing import NamedTuple

from shared.clock import UnknownTimeZone, wall_clock
from shared.db.transaction import Row
from shared.vocabulary import Language, NotificationKind


class Message(NamedTuple):
    """A notification in words; `id` is the same however often it is sent."""

    id: str
    kind: str
    subject: str
    text: str
    link: str


_SUBJECTS: dict[Language, dict[NotificationKind, str]] = {
    "ru": {
        "next_step": "Следующий шаг: {moment}",
        "reset_warning": "Активность скоро вернётся в свободные: {moment}",
        "taken_away": "Активность больше не ваша",
        "assigned": "Вам назначена активность",
        "pool": "Новое в свободных активностях: {count}",
        "payment": "Поступила оплата",
        "accrual": "Новая строка мотивации",
        "dispute_answered": "Ответ на ваше возражение",
        "untouched": "К заявке никто не притронулся с {moment}",
        "step_overdue": "Обещанный шаг не сделан: {moment}",
        "vip_moved": "У очень важного клиента другое место: в разработке или по поступлениям",
        "split_proposed": "Вам предложено разделить оплату сделки",
        "split_answered": "Ответ на ваше предложение разделить оплату",
    },
    "en": {
        "next_step": "Next step: {moment}",
        "reset_warning": "An activity goes back to the pool soon: {moment}",
        "taken_away": "An activity is no longer yours",
        "assigned": "An activity was assigned to you",
        "pool": "New in the pool: {count}",
        "payment": "A payment came in",
        "accrual": "A new line of pay",
        "dispute_answered": "Your dispute was answered",
        "untouched": "Nobody has touched a request since {moment}",
        "step_overdue": "A promised step was not taken: {moment}",
        "vip_moved": "A very important client has another place: in development or by receipts",
        "split_proposed": "A colleague proposes to share the pay of a deal with you",
        "split_answered": "Your proposal to share the pay was answered",
    },
}
# Of a client who is held, where there is no activity.
_OF_VIP: dict[Language, dict[NotificationKind, str]] = {
    "ru": {
        "reset_warning": "Очень важный клиент скоро освободится: {moment}",
        "taken_away": "Очень важный клиент больше не закреплён за вами",
        "assigned": "За вами закреплён очень важный клиент",
    },
    "en": {
        "reset_warning": "A very important client is free for others soon: {moment}",
        "taken_away": "You no longer hold a very important client",
        "assigned": "You hold a very important client now",
    },
}
_BODIES: dict[Language, str] = {
    "ru": """{subject}.

Открыть: {link}

Это письмо отправила система «Запуск Продаж». О чём и когда напоминать, вы выбираете сами в
настройках уведомлений.
""",
    "en": """{subject}.

Open: {link}

Sales Launch sent this letter. What you are told, and when, is yours to choose in the settings of
notifications.
""",
}


def message_of(row: Row, language: Language, time_zone: str, public_url: str) -> Message:
    """A notification in words, its moment as the person's clock shows it."""
    try:
        moment = wall_clock(row["moment"], time_zone)
    except UnknownTimeZone:
        moment = f"{wall_clock(row['moment'], 'UTC')} UTC"
    subjects = _SUBJECTS[language] | ({} if row["activity_id"] else _OF_VIP[language])
    subject = subjects[row["kind"]].format(moment=moment, count=row["count"])
    link = f"{public_url.rstrip('/')}{_page(row)}"
    text = _BODIES[language].format(subject=subject, link=link)
    return Message(str(row["id"]), row["kind"], subject, text, link)


def _page(row: Row) -> str:
    """Where in the product to look."""
    if row["activity_id"]:
        return f"/activities/{row['activity_id']}"
    return {"pool": "/pool", "accrual": "/pay", "dispute_answered": "/pay"}.get(row["kind"], "/")
