"""The interface's languages: texts are English in the code, Russian in `locale/ru`, a file a
screen.
"""

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).with_name("locale")
LANGUAGES = ("ru", "en")
DEFAULT = "ru"


class Untranslated(Exception):
    """Two files that translate one message differently, or a message without a translation."""


def read_catalog(language: str) -> Catalog:
    """All files of a language as one catalogue. Raises `Untranslated`."""
    whole = Catalog(locale=language)
    for path in sorted((FOLDER / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if not message.id:
                    continue
                strings = message.string if isinstance(message.string, tuple) else (message.string,)
                if message.fuzzy or not all(strings):
                    raise Untranslated(f"{path.name}: {message.id}")
                other = whole.get(message.id, message.context)
                if other and other.string != message.string:
                    raise Untranslated(f"{path.name}: {message.id} is translated twice")
                whole[message.id] = message
    return whole


@cache
def translations(language: str) -> NullTranslations:
    """The compiled texts; English ones stand in the code."""
    if language == "en":
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_catalog(language))
    compiled.seek(0)
    return Translations(compiled)
