"""Migrations of each service form one line, whoever added them."""

from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

FOLDERS = sorted((Path(__file__).parents[2] / "services").glob("*/migrations"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_a_services_migrations_have_one_head(folder: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(folder))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_every_service_has_migrations() -> None:
    assert len(FOLDERS) == 4
