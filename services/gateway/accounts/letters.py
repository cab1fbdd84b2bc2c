"""Letters to people about their accounts, in the languages of the texts of refusals."""

from typing import Literal, NamedTuple

Kind = Literal["invitation", "reset"]


class _Texts(NamedTuple):
    subject: str
    body: str


_INVITATION_EN = """Hello, {name}.

You have an account in Sales Launch. Choose a password to log in with:

{link}

The link works once, for {days} days. Company: {tenant}; the log-in page may ask for it.
"""
_INVITATION_RU = """Здравствуйте, {name}.

Для вас создана учётная запись в системе «Запуск Продаж». Задайте пароль для входа:

{link}

Ссылка действует один раз, в течение {days} дн. Холдинг: {tenant}; его могут спросить при входе.
"""
_RESET_EN = """Hello, {name}.

Somebody asked to reset the password of your account in Sales Launch (company: {tenant}).
If it was you, choose a new one:

{link}

The link works once, for {minutes} minutes. If it was not you, there is nothing to do.
"""
_RESET_RU = """Здравствуйте, {name}.

Кто-то попросил сбросить пароль вашей учётной записи в системе «Запуск Продаж» (холдинг: {tenant}).
Если это были вы, задайте новый:

{link}

Ссылка действует один раз, в течение {minutes} мин. Если это были не вы, ничего делать не нужно.
"""
_TEXTS: dict[Kind, dict[str, _Texts]] = {
    "invitation": {
        "en": _Texts("Your account in Sales Launch", _INVITATION_EN),
        "ru": _Texts("Ваша учётная запись в системе «Запуск Продаж»", _INVITATION_RU),
    },
    "reset": {
        "en": _Texts("A new password for Sales Launch", _RESET_EN),
        "ru": _Texts("Новый пароль в системе «Запуск Продаж»", _RESET_RU),
    },
}


def letter(kind: Kind, language: str, **values: str | int) -> tuple[str, str]:
    """Subject and text of a letter."""
    texts = _TEXTS[kind][language]
    return texts.subject, texts.body.format(**values)
