"""Passwords that are guessed first: common ones, patterns of the keyboard, the owner's own name.

Judged by zxcvbn and its lists of common passwords, words and names.
"""

import re
from collections.abc import Sequence
from threading import Lock
from typing import Literal

from zxcvbn import zxcvbn

LEAST_GUESSES = 10**6
"""A throttled guesser has some hundred tries a day; a stolen hash is argon2's to defend."""
# What cannot be guessed by its beginning cannot be guessed; the time grows with the square.
_JUDGED = 40
# Russian words typed on the Latin layout are in every list of leaked passwords.
_LATIN_KEYS = str.maketrans(
    "йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
)
# zxcvbn keeps what it knows of the owner in a module's variable.
_ONE_AT_A_TIME = Lock()
_WORD = re.compile(r"\w{3,}")

Weakness = Literal["common_password", "personal_password"]


def weakness(password: str, personal: Sequence[str]) -> Weakness | None:
    """The rule that a password breaks; `personal` are the owner's e-mail, name and the like."""
    judged = password[:_JUDGED].casefold().translate(_LATIN_KEYS)
    whole = [text.casefold().translate(_LATIN_KEYS) for text in personal]
    words = [
        word.translate(_LATIN_KEYS) for text in personal for word in _WORD.findall(text.casefold())
    ]
    if _guesses(judged, []) < LEAST_GUESSES:
        return "common_password"
    if password.casefold() in (text.casefold() for text in personal):
        return "personal_password"
    return "personal_password" if _guesses(judged, [*whole, *words]) < LEAST_GUESSES else None


def _guesses(password: str, personal_words: list[str]) -> float:
    with _ONE_AT_A_TIME:
        return float(zxcvbn(password, user_inputs=personal_words)["guesses"])
