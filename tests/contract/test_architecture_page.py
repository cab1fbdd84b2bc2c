"""docs/architecture.md names files: each exists, and each walk is a list of them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text()
PATHS = sorted(set(re.findall(r"`((?:services|shared|tests|deploy|docs)/[\w./-]+)`", PAGE)))


@pytest.mark.parametrize("path", PATHS)
def test_a_named_file_exists(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize(
    "title", ["A take, until", "A payment, until", "`GET /desk`", "Where to add"]
)
def test_a_walk_names_files(title: str) -> None:
    section = next(part for part in PAGE.split("\n## ") if part.startswith(title))
    assert len(re.findall(r"`(?:services|shared)/[\w./-]+\.\w+`", section)) >= 5
