"""Every text of the pages in both languages, with nothing left over."""

from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir

from services.gateway.web import catalogue
from services.gateway.web.templates import EXTENSIONS

WEB = Path(catalogue.__file__).parent
METHODS = [
    ("templates/documents/**", "ignore"),
    ("templates/**.html", "jinja2"),
    ("**.py", "python"),
]


def messages() -> dict[str | tuple[str, ...], str]:
    """The messages in the code, with a file that says each."""
    options = {"templates/**.html": {"extensions": ",".join(EXTENSIONS), "silent": "false"}}
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
    found = extract_from_dir(str(WEB), METHODS, options, keywords)
    return {message: file for file, _, message, _, _ in found}


def translated() -> dict[str | tuple[str, ...], Message]:
    return {
        tuple(message.id) if isinstance(message.id, list) else message.id: message
        for message in catalogue.read_catalog("ru")
        if message.id
    }


def test_every_message_is_translated_and_no_translation_is_left_over() -> None:
    assert {m: f for m, f in messages().items() if m not in translated()} == {}
    assert translated().keys() - messages().keys() == set()
