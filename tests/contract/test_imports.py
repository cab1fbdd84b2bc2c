"""The import contract of ours catches what it is for; the contracts themselves are run by `make
check`.
"""

from types import SimpleNamespace

import pytest
from grimp import ImportGraph

from shared.contracts.imports import OnlyContract

OPTIONS = {"modules": ["services.*.domain"], "allowed": ["shared.ids", "shared.money"]}


def broken(*imported: str) -> list[str]:
    graph = ImportGraph()
    for module in (
        "services",
        "services.vip",
        "services.vip.domain",
        "services.vip.domain.places",
        "services.vip.handlers",
    ):
        graph.add_module(module)
    for name in imported:
        graph.add_module(name)
        graph.add_import(
            importer="services.vip.domain.places", imported=name, line_number=1, line_contents=""
        )
    graph.add_import(
        importer="services.vip.handlers",
        imported="services.vip.domain",
        line_number=1,
        line_contents="",
    )
    contract = OnlyContract("pure", {}, {**OPTIONS, "name": "pure", "type": "only"})
    return [
        details["imported"] for details in contract.check(graph, verbose=False).metadata["broken"]
    ]


@pytest.mark.parametrize(
    "name",
    [
        "datetime",
        "collections.abc",
        "shared.ids",
        "shared.money",
        "services.vip.domain.room_settings",
    ],
)
def test_a_domain_may_import(name: str) -> None:
    assert broken(name) == []


@pytest.mark.parametrize(
    "name",
    [
        "asyncpg",
        "pydantic",
        "shared",
        "shared.idsx",
        "shared.db",
        "services.vip.handlers",
        "services.vip.domainx",
    ],
)
def test_a_domain_may_not_import(name: str) -> None:
    assert broken("datetime", name) == [name]


def test_a_broken_contract_names_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    contract = OnlyContract("pure", {}, {**OPTIONS, "name": "pure", "type": "only"})
    details = {
        "importer": "services.vip.domain.places",
        "imported": "asyncpg",
        "line_number": 7,
        "line_contents": "import asyncpg",
    }
    contract.render_broken_contract(SimpleNamespace(metadata={"broken": [details]}))  # type: ignore[arg-type]
    assert "services.vip.domain.places:7 imports asyncpg" in capsys.readouterr().out
