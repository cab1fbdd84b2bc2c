"""Why a month has no lines of pay, in words by language."""

from collections.abc import Mapping

from services.motivation.domain.unpaid import EmptyCause
from shared.vocabulary import Language

TEXTS: Mapping[Language, Mapping[EmptyCause, str]] = {
    "ru": {
        "no_wins": "В этом месяце нет успешно обработанных активностей",
        "no_plan": "На день успеха в комнате не действовал план мотивации",
        "pays_nothing": "План мотивации за эти активности ничего не платит",
        "cost_unknown": "У проданных продуктов не указана себестоимость или НДС компании",
        "in_another_month": "Месяц был уже закрыт: начислено в другом месяце",
        "not_yet_applied": "Начисление ещё считается",
        "refused": "Начислить не удалось: причину видит бухгалтер",
        "failed": "Начислить не удалось: причину видит бухгалтер",
        "unknown_time_zone": "Часовой пояс компании неизвестен, день успеха не определить",
        "company_missing": "Сведения о компании ещё не получены",
        "nobody_responsible": "В день успеха не было ответственного",
    },
    "en": {
        "no_wins": "No activity was won in this month",
        "no_plan": "No plan of pay was in force in the room on the day of the win",
        "pays_nothing": "The plan of pay pays nothing for these activities",
        "cost_unknown": "The products sold have no known cost, or the company's VAT is not known",
        "in_another_month": "The month was closed by then: posted in another month",
        "not_yet_applied": "Pay is still being computed",
        "refused": "Pay could not be posted: an accountant sees the cause",
        "failed": "Pay could not be posted: an accountant sees the cause",
        "unknown_time_zone": "The company's time zone is unknown, so is the day of the win",
        "company_missing": "The company's data has not arrived yet",
        "nobody_responsible": "Nobody was responsible on the day of the win",
    },
}
