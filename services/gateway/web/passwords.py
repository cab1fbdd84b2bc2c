"""The page that an invitation or a reset leads to."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.gateway.accounts.passwords import SHORTEST
from services.gateway.web.templates import render, respond_page
from shared.web.language import language_of

router = APIRouter(include_in_schema=False)
_TEXTS = {
    "en": {
        "title": "Choose a password",
        "password": "Password",
        "again": "The same again",
        "hint": f"At least {SHORTEST} characters, and not one that others think of.",
        "submit": "Save",
        "done": "The password is saved. You can log in with it now.",
        "enter": "Sign in",
        "different": "The two are not the same.",
        "failed": "No answer; try again in a moment.",
        "script": "This page needs JavaScript.",
    },
    "ru": {
        "title": "Задайте пароль",
        "password": "Пароль",
        "again": "Ещё раз",
        "hint": f"Не короче {SHORTEST} символов и не такой, какой придумают другие.",
        "submit": "Сохранить",
        "done": "Пароль сохранён. Теперь с ним можно войти.",
        "enter": "Войти",
        "different": "Пароли не совпадают.",
        "failed": "Нет ответа; попробуйте чуть позже.",
        "script": "Этой странице нужен JavaScript.",
    },
}


@router.get("/password")
async def choose_password_page(request: Request) -> HTMLResponse:
    """Takes the link's token from the fragment, which reaches no server's log."""
    language = language_of(request.scope["headers"])
    return respond_page(render("documents/password.html", language, texts=_TEXTS[language]))
