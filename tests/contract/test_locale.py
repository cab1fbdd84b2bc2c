"""Texts of the pages: English in the code, Russian in the catalogue, whole and nowhere else."""

from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.support.catalogues import (
    MessageKey,
    cyrillic_lines,
    is_cyrillic,
    messages_in,
    read_catalogue,
    untranslated,
)
from tests.support.servers import ROOT

WEB = ROOT / "services/gateway/web"
SOURCES = [
    path
    for pattern in ("*.py", "*.html", "*.js")
    for path in sorted(WEB.rglob(pattern))
    if "vendor" not in path.parts and path.name != "passwords.py"
]
"""The page for a new password has its few texts in both languages beside each other."""
MESSAGES = messages_in(WEB)


def test_every_text_of_the_pages_is_translated_and_every_translation_used() -> None:
    findings = untranslated(MESSAGES, read_catalogue(WEB / "locale/ru"))
    assert not findings, "\n".join(findings)


def test_texts_in_the_code_are_english() -> None:
    assert [
        where for key, where in MESSAGES.items() if is_cyrillic(" ".join(filter(None, key)))
    ] == []


def test_russian_stands_in_the_catalogue_alone() -> None:
    lines = [line for path in SOURCES for line in cyrillic_lines(path)]
    assert not lines, "\n".join(lines)


PLANTED: dict[MessageKey, str] = {
    (None, "Take", None): "pool.html:1",
    (None, "%(num)d day", "%(num)d days"): "pool.html:2",
}
WHOLE = """
msgid "Take"
msgstr "Взять"

msgid "%(num)d day"
msgid_plural "%(num)d days"
msgstr[0] "%(num)d день"
msgstr[1] "%(num)d дня"
msgstr[2] "%(num)d дней"
"""


def _catalogue(text: str) -> Catalog:
    return read_po(BytesIO(text.encode()), locale="ru")


def test_a_whole_catalogue_has_no_findings() -> None:
    assert untranslated(PLANTED, _catalogue(WHOLE)) == []


@pytest.mark.parametrize(
    ("before", "after", "finding"),
    [
        ('msgid "Take"', 'msgid "Taken"', "'Take' is not translated"),
        ('"Взять"', '""', "the translation of 'Take' is empty"),
        ('msgid "Take"', '#, fuzzy\nmsgid "Take"', "the translation of 'Take' is fuzzy"),
        ("%(num)d дней", "", "the translation of '%(num)d day' is empty"),
        ("%(num)d дня", "%(days)d дня", "the translation of '%(num)d day' names ['days']"),
        ('msgid "Take"', 'msgid "Go"\nmsgstr "Иди"\n\nmsgid "Take"', "'Go' is translated"),
    ],
)
def test_what_a_catalogue_lacks_is_noticed(before: str, after: str, finding: str) -> None:
    findings = untranslated(PLANTED, _catalogue(WHOLE.replace(before, after)))
    assert any(finding in each for each in findings), findings


def test_russian_text_outside_the_catalogue_is_noticed(tmp_path: Path) -> None:
    script = tmp_path / "live.js"
    script.write_text("// Причина\nshow('Нет связи') /* ё */")
    assert list(cyrillic_lines(script)) == ["live.js:2: show('Нет связи')"]
    template = tmp_path / "pool.html"
    template.write_text("{# Причина #}\n<p>{{ _('Take') }}</p>\n<p>Взять</p>")
    assert list(cyrillic_lines(template)) == ["pool.html:3: <p>Взять</p>"]
    module = tmp_path / "menu.py"
    module.write_text('"""Причина."""\n# Причина\nTITLE = "Взять"\n')
    assert list(cyrillic_lines(module)) == ["menu.py:3: Взять"]
    template.write_text('<button lang="ru">Русский</button>')
    assert list(cyrillic_lines(template)) == []
